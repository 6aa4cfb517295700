"""A real SSH server on loopback, with hosts of its own ssh_config: one entry and one key each.

It works as root and as an ordinary user (who can then log in as himself only, and needs a login
shell). It leaves nothing behind: everything lies in the directory that it is given.
"""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import nexoaudit.locations
from nexoaudit.model.location import Host, Location

REMOTE = Path(nexoaudit.locations.__file__).with_name("nexoaudit-remote")
"""The forced command that is shipped."""

_SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin")
_CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {here}/host_key
PidFile none
AuthorizedKeysFile {here}/authorized_keys
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 100
Subsystem sftp internal-sftp
SetEnv SHLVL=9
"""
"""SHLVL keeps bash from running the .bashrc of whoever tests."""
_HOST = """\
Host {name}
{more}
 HostName 127.0.0.1
 Port {port}
 IdentityFile {here}/{name}.key
 IdentitiesOnly yes
 IdentityAgent none
 UserKnownHostsFile {here}/known_hosts
 GlobalKnownHostsFile /dev/null
"""


class Sshd:
    """A running server. Its hosts, by the names that its ssh_config gives them:

    `backup` runs the forced command on `root`; `backup-sftp` allows sftp only, and only to read;
    `backup-shell` allows everything; `backup-piped` is like `backup`, but speaks to an
    `sshd -i` of its own, so that it works without the daemon.
    """

    def __init__(self, here: Path) -> None:
        self.here = here
        self.root = here / "served"
        self.root.mkdir(mode=0o755)
        self.port = _free_port()
        self.config = here / "ssh_config"
        self._process: subprocess.Popen[bytes] | None = None
        new_key(here / "host_key")
        self.trust("127.0.0.1")
        (here / "sshd_config").write_text(_CONFIG.format(port=self.port, here=here))
        self.add("backup", f"sh {REMOTE} {self.root}")
        self.add("backup-sftp", "internal-sftp -R")
        self.add("backup-shell")
        piped = f" ProxyCommand {_SSHD} -i -f {here}/sshd_config\n HostKeyAlias piped"
        self.add("backup-piped", f"sh {REMOTE} {self.root}", piped)
        self.trust("piped", port=22)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of its host key, as `SHA256:...`."""
        argv = ["ssh-keygen", "-lf", self.here / "host_key.pub"]
        told = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
        return told.split()[1]

    def add(self, name: str, command: str = "", more: str = "") -> None:
        """Let a new host `name` in, with a key of its own that may do nothing but `command`.

        The lines `more` of its ssh_config come before all others, so they win.
        """
        new_key(self.here / f"{name}.key")
        public = (self.here / f"{name}.key.pub").read_text()
        options = f'command="{command}",restrict ' if command else "restrict "
        with (self.here / "authorized_keys").open("a") as keys:
            keys.write(options + public)
        with self.config.open("a") as hosts:
            hosts.write(_HOST.format(name=name, port=self.port, here=self.here, more=more))

    def play(self, script: str) -> str:
        """Let in a new host, whose forced command is this script of sh, and return its name."""
        name = f"played-{len(list(self.here.glob('played-*.sh')))}"
        file = self.here / f"{name}.sh"
        file.write_text(script)
        self.add(name, f"sh {file}")
        return name

    def trust(self, name: str, key: str = "host_key", port: int | None = None) -> None:
        """Write into known_hosts that `name` has this key."""
        written = name if port == 22 else f"[{name}]:{port or self.port}"
        with (self.here / "known_hosts").open("a") as known:
            known.write(f"{written} {(self.here / f'{key}.pub').read_text()}")

    def location(self, host: str = "backup", path: str = "", access: str = "command") -> Location:
        """Return the location that `host` serves, as policy would name it."""
        return Location(
            "offsite",
            path=path or str(self.root),
            kind="ssh",
            offsite=True,
            host=Host(host, str(self.config), access),
        )

    def start(self) -> None:
        """Start it, and return when it listens."""
        assert _SSHD is not None
        with (self.here / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_SSHD, "-D", "-e", "-f", self.here / "sshd_config"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(400):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.025)
        raise RuntimeError(f"sshd does not listen: {self.log()[-800:]}")

    def stop(self) -> None:
        """End it; connections that are open live on until `cut`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def connections(self) -> list[int]:
        """Return the processes that serve its connections at this moment."""
        assert self._process is not None
        return _children(self._process.pid)

    def cut(self) -> None:
        """Kill every connection, as a host does that loses its power."""
        for number in self.connections():
            for below in [*_children(number), number]:
                os.kill(below, 9)

    def log(self) -> str:
        """Return what it said so far."""
        return (self.here / "log").read_text(errors="replace")


@contextmanager
def serving(here: Path) -> Iterator[Sshd]:
    """Yield a running server that lives in the directory `here`; skip where there cannot be one."""
    if _SSHD is None:
        pytest.skip("sshd is not installed: apt-get install openssh-server")
    account = pwd.getpwuid(os.geteuid())
    if account.pw_shell.endswith(("nologin", "false")):
        pytest.skip(f"the user {account.pw_name} has no login shell, so sshd lets nothing run")
    if account.pw_uid == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # what systemd makes elsewhere
    server = Sshd(here)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def new_key(path: Path) -> None:
    """Make a key pair, without asking."""
    path.unlink(missing_ok=True)
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]
    subprocess.run(argv, check=True)


def _children(number: int) -> list[int]:
    listed = Path(f"/proc/{number}/task/{number}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
