"""A private MariaDB server for one purpose: no network, no files, no privileges, no survivors."""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CLIENT
from pymysql.cursors import Cursor

from nexoaudit import process
from nexoaudit.errors import SandboxError
from nexoaudit.process import Account
from nexoaudit.sandbox import memory, private, template
from nexoaudit.sandbox.account import unprivileged

Session: TypeAlias = "Connection[Cursor]"
"""An open connection."""

MAX_PACKET = 1 << 30
"""The longest statement a server takes, in bytes: MariaDB's own upper limit."""

REDO_BYTES = 256 << 20
"""Size of the redo log of a server that is thrown away. With 64 MiB the server spends as much time
on making room in it as on everything else."""

ISOLATED = (
    "--skip-networking",
    "--skip-slave-start",
    "--skip-name-resolve",
    "--skip-symbolic-links",  # DATA DIRECTORY would write elsewhere
    "--local-infile=0",
    "--event-scheduler=OFF",  # not DISABLED: that refuses to load a dump with events
    f"--max-allowed-packet={MAX_PACKET}",
)
"""What keeps a server to itself."""

THROWAWAY = (
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=96M",  # restores as fast as 1 GB, and leaves memory to production
    "--innodb-adaptive-hash-index=ON",  # keys that come in no order: a fifth less time
    f"--innodb-log-file-size={REDO_BYTES}",
    "--innodb-buffer-pool-dump-at-shutdown=OFF",
    "--innodb-buffer-pool-load-at-startup=OFF",
    "--innodb-stats-auto-recalc=0",  # statistics of half-loaded tables cost half of the time
    "--performance-schema=OFF",
    "--key-buffer-size=16M",
    "--aria-pagecache-buffer-size=16M",
    "--max-heap-table-size=64M",
    "--maximum-max-heap-table-size=64M",  # else a dump sets its own
)
"""What a server may forget that does not outlive its purpose."""

_START_DEADLINE_S = 60.0
_SOCKET_LIMIT = 107


class Server(NamedTuple):
    """A running private server."""

    directory: Path
    """Private, removed with the server; only the server's account and root may enter it."""
    socket: Path
    user: str = "root"
    """The account to connect as; it has no password, the directory's mode is the lock."""
    pid: int = 0
    """Its process, our own child."""

    @property
    def data(self) -> Path:
        """The data directory; a relative `--log-bin` lies there too."""
        return self.directory / "data"

    def connect(
        self, database: str = "", *, timeout_s: float | None = None, several: bool = False
    ) -> Session:
        """Return a new connection in utf8mb4 that commits each statement.

        `timeout_s` limits the wait for one answer; with `several` a query may hold more than one
        statement. Raise SandboxError when it cannot be opened.
        """
        connection = Connection(
            user=self.user,
            database=database or None,
            charset="utf8mb4",
            autocommit=True,
            client_flag=CLIENT.MULTI_STATEMENTS if several else 0,
            read_timeout=timeout_s,
            max_allowed_packet=MAX_PACKET,
            defer_connect=True,
        )
        try:
            connection.connect(_reach(self.socket))
        except (OSError, pymysql.Error) as error:
            raise SandboxError(f"the private server refused a connection: {error}") from error
        return connection


@contextmanager
def server(
    *, options: Sequence[str] = (), throwaway: bool = True, parent: Path | None = None
) -> Iterator[Server]:
    """Yield a fresh, empty MariaDB server that is killed and removed at the end.

    It runs unprivileged, below `parent` (default: the system's directory for temporary files,
    whose path must be short), and dies with the thread that started it. `options` come last and so
    override ours; with `throwaway=False` the server keeps MariaDB's own durability and sizes and
    our priority.

    Raise ToolError when MariaDB is not installed, ScarceError when there is too little memory for a
    throw-away one, SandboxError when the server cannot start.
    """
    mariadbd = process.find("mariadbd", template.PACKAGES)
    private.sweep(parent)
    if throwaway:
        memory.require()
    account = unprivileged()
    with private.directory(account, parent) as room:
        template.write(room / "data", account, parent)
        running = Server(room, room / "s")
        if len(str(running.socket)) > _SOCKET_LIMIT:
            raise SandboxError(f"{room} is too long for a socket: set TMPDIR to a shorter path")
        if throwaway:
            options = [*THROWAWAY, *options]
        command = process.guarded(_command(mariadbd, running, options), account)
        handle = _start([*process.POLITE, *command] if throwaway else command, running, account)
        try:
            _wait_for(running, handle)
            yield running._replace(pid=handle.pid)
        finally:
            process.stop(handle)


def _reach(path: Path) -> socket.socket:
    """Return a connected socket; the driver would leave its own open when nobody listens."""
    reached = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        reached.connect(str(path))
    except OSError:
        reached.close()
        raise
    return reached


def _command(mariadbd: str, running: Server, options: Sequence[str]) -> list[str]:
    return [
        mariadbd,
        "--no-defaults",  # must be the first: else the production server's configuration applies
        f"--datadir={running.data}",
        f"--socket={running.socket}",
        f"--pid-file={running.directory / 'pid'}",
        f"--tmpdir={running.directory / 'tmp'}",
        f"--secure-file-priv={running.directory / 'empty'}",
        f"--plugin-dir={running.directory / 'none'}",
        *ISOLATED,
        *options,
    ]


def _start(command: Sequence[str], running: Server, account: Account | None) -> process.Handle:
    for name in ("empty", "none", "tmp"):
        (running.directory / name).mkdir(mode=0o700)
        template.give(running.directory / name, account)
    with (running.directory / "err.log").open("wb") as log:
        return process.start(
            command,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            cwd=running.directory,
            stdout=log,
            stderr=log,
        )


def _wait_for(running: Server, handle: process.Handle) -> None:
    """Return when the server answers; raise SandboxError with its own words when it ends first."""
    deadline = time.monotonic() + _START_DEADLINE_S
    while True:
        ended = handle.poll() is not None
        try:
            running.connect(timeout_s=_START_DEADLINE_S).close()
        except SandboxError as error:
            if ended or time.monotonic() > deadline:
                raise SandboxError(
                    f"the private server did not start: {_complaint(running.directory)}"
                ) from error
        else:
            return
        time.sleep(0.005)


def last_error(directory: Path) -> str:
    """Return the newest error in the log of a server that lives in `directory`; empty: none."""
    lines = [line for line in _log(directory) if "[ERROR] " in line]
    return lines[-1].partition("[ERROR] ")[2].strip() if lines else ""


def _complaint(directory: Path) -> str:
    """Return the first error in the server's log: the later ones follow from it."""
    log = _log(directory)
    lines = [line for line in log if "[ERROR]" in line and "Aborting" not in line] or log
    if not lines:
        return "it gave no reason"
    return lines[0].partition("[ERROR] ")[2] or lines[-1]


def _log(directory: Path) -> list[str]:
    return (directory / "err.log").read_text(encoding="utf-8", errors="replace").splitlines()
