"""The system's ssh, told by the administrator's own ssh_config how to reach a host."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from nexoaudit.errors import LocationError, ToolError
from nexoaudit.locations.channel import Channel, Patience
from nexoaudit.locations.sshfaults import CONNECTION, ssh_fault
from nexoaudit.model.location import Host
from nexoaudit.process import PIPE, Handle, find, guarded, run, start

_CONNECT_S = 10
_LOG = 1 << 18
"""Bytes of ssh's log of one connection; an honest one has 6 KB."""
_SHORT = re.compile(r"/[A-Za-z0-9/_.+-]{1,60}")
"""A directory in which a socket's name, of at most 108 bytes, has room and needs no quoting."""
_OPTIONS = {
    "BatchMode": "yes",
    "StrictHostKeyChecking": "yes",
    "NoHostAuthenticationForLocalhost": "no",
    "UpdateHostKeys": "no",
    "AddKeysToAgent": "no",
    "ForwardAgent": "no",
    "ForwardX11": "no",
    "GSSAPIDelegateCredentials": "no",
    "ClearAllForwardings": "yes",
    "Tunnel": "no",
    "PermitLocalCommand": "no",
    "RemoteCommand": "none",
    "ForkAfterAuthentication": "no",
    "StdinNull": "no",
    "VisualHostKey": "no",
    "ControlPersist": "no",
    "ServerAliveInterval": "15",
    "ServerAliveCountMax": "3",
}
"""What no ssh_config may change: nothing is asked, forwarded, run or written on this side."""
_KEEPER = 'cat >/dev/null; rm -rf -- "$1"'
"""Removes the runtime directory when its standard input ends, so also when we are killed."""


class Peer(NamedTuple):
    """Whom a connection reached, as ssh itself saw it."""

    fingerprint: str
    """Of the host key that was used, `SHA256:...`."""
    address: str
    """The address it connected to; empty behind a ProxyCommand or ProxyJump."""


class SshClient:
    """One connection to a host, and as many sessions over it as are asked for.

    Start them from a thread that lives on: ssh dies with the thread that started it.
    """

    def __init__(self, host: Host, deadline_s: float) -> None:
        self.name = host.host
        self._config = ["-F", host.config_file] if host.config_file else []
        self._connect_s = max(1, min(_CONNECT_S, int(deadline_s)))
        self._deadline_s = deadline_s
        self._runtime: Path | None = None
        self._keeper: Handle | None = None
        self._master: Channel | None = None
        self._peer = Peer("", "")

    def patience(self) -> Patience:
        """Return the patience of a new call."""
        overdue = (
            f"{self.name} did not answer within {self._deadline_s:g} seconds: see whether it or"
            " the network is overloaded"
        )
        return Patience(self._deadline_s, LocationError("location.timeout", overdue))

    def peer(self, patience: Patience) -> Peer:
        """Connect unless that is done, and return whom we reached."""
        if not self.connected:
            self._connect(patience)
        return self._peer

    def session(
        self,
        command: str,
        patience: Patience,
        *,
        feed: Iterable[bytes] | None = None,
        subsystem: bool = False,
    ) -> Channel:
        """Start `command` there (or the subsystem of that name), which is fed `feed`."""
        self.peer(patience)
        with _tools():
            argv = self._argv("ControlMaster=no", "LogLevel=ERROR")
            argv += ["-T", *(["-s"] if subsystem else []), "--", self.name, command]
            handle = start(guarded(argv), env=_environment(), stdin=PIPE, stdout=PIPE, stderr=PIPE)
        return Channel(handle, feed)

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._master is not None and self._master.alive

    def fault(self, channel: Channel, patience: Patience) -> LocationError | None:
        """Wait for the end of a session that has said all; return what was wrong with its way."""
        if channel.ended(patience) != CONNECTION:
            return None
        return ssh_fault(self.name, channel.complaints, begun=True)

    def lax(self) -> tuple[str, ...]:
        """Return what makes the administrator's own way there unsafe, as reason codes.

        We never take it; the job that copies files there does.
        """
        with _tools():
            argv = [find("ssh", "openssh-client"), *self._config, "-G", "--", self.name]
            told = run(argv, deadline_s=self._deadline_s, env=_environment())
        if told.returncode != 0:
            raise ssh_fault(self.name, told.stderr.decode(errors="replace"), begun=False)
        settings = dict(
            line.partition(" ")[::2] for line in told.stdout.decode(errors="replace").splitlines()
        )
        checking = settings.get("stricthostkeychecking", "")
        forgotten = set(settings.get("userknownhostsfile", "").split()) == {"/dev/null"}
        unchecked = (
            checking in {"false", "no", "off", "accept-new"}
            or (forgotten and checking not in {"true", "yes"})
            or settings.get("nohostauthenticationforlocalhost") == "yes"
        )
        return ("hostkey.unchecked",) if unchecked else ()

    def close(self) -> None:
        """End the connection and everything over it, and remove what it needed."""
        if self._master is not None:
            self._master.close()
            self._master = None
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.close()
            self._keeper.wait()
            self._keeper = None
        if self._runtime is not None:
            shutil.rmtree(self._runtime, ignore_errors=True)
            self._runtime = None

    def _connect(self, patience: Patience) -> None:
        self.close()
        runtime = self._runtime = _runtime_directory()
        try:
            self._master = self._start_master(runtime)
            log = b""
            while b"debug1: Entering interactive session." not in log:
                more = self._master.some(patience)
                if not more or len(log) > _LOG:
                    said = (runtime / "said").read_bytes()[:_LOG] + b"\n" + log
                    raise ssh_fault(self.name, said.decode(errors="replace"), begun=False)
                log += more
        except LocationError:
            self.close()
            raise
        self._master.deafen()
        self._peer = _peer(log)

    def _start_master(self, runtime: Path) -> Channel:
        with _tools(), (runtime / "said").open("wb") as said:
            keeper = [find("sh", "dash"), "-c", _KEEPER, "sh", str(runtime)]
            self._keeper = start(keeper, stdin=PIPE)
            argv = self._argv("ControlMaster=yes", "LogLevel=DEBUG1")
            # Its log goes elsewhere than what a ProxyCommand says, which may be an ssh as well.
            argv += ["-E", "/dev/stdout", "-N", "-T", "--", self.name]
            handle = start(guarded(argv), env=_environment(), stdout=PIPE, stderr=said)
        return Channel(handle)

    def _argv(self, *options: str) -> list[str]:
        fixed = [f"{key}={value}" for key, value in _OPTIONS.items()]
        fixed += [f"ConnectTimeout={self._connect_s}", f"ControlPath={self._runtime}/ssh", *options]
        words = [word for option in fixed for word in ("-o", option)]
        return [find("ssh", "openssh-client"), *self._config, *words]


def _peer(log: bytes) -> Peer:
    """Read ssh's log: only what it wrote before the host could make it write anything counts."""
    text = log.decode(errors="replace")
    key = re.search(r"^debug1: Server host key: \S+ (SHA256:\S+)", text, re.M)
    before = text.partition("\ndebug1: Connection established.")
    addresses = re.findall(r"^debug1: Connecting to \S+ \[([^\]]+)\] port", before[0], re.M)
    return Peer(key[1] if key else "", addresses[-1] if addresses and before[1] else "")


def _runtime_directory() -> Path:
    """Make a private directory with a path that is short enough for a socket."""
    for parent in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - made with mode 0700
        if _SHORT.fullmatch(parent) and os.access(parent, os.W_OK):
            return Path(tempfile.mkdtemp(prefix="nexoaudit-ssh-", dir=parent))
    raise LocationError(
        "location.unreachable",
        "no directory for ssh's control socket: set TMPDIR to one with a short name",
    )


def _environment() -> dict[str, str]:
    """Return ours, with messages in the language that we know them in."""
    return {**os.environ, "LC_ALL": "C"}


@contextmanager
def _tools() -> Iterator[None]:
    """Turn a program that is missing or stuck into a way that is closed."""
    try:
        yield
    except ToolError as error:
        raise LocationError("location.unreachable", str(error)) from error
