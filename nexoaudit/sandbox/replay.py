"""Replays binary logs into a private server: mariadb-binlog reads them, our own loader applies."""

import re
import select
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from nexoaudit import process
from nexoaudit.errors import SandboxError
from nexoaudit.formats.gtidlist import Gtid, GtidList
from nexoaudit.formats.logged import kind_of
from nexoaudit.process import Account
from nexoaudit.sandbox.load import Loaded, Loading, is_alone
from nexoaudit.sandbox.logscript import LogScript
from nexoaudit.sandbox.pipeline import Pipeline
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.script import StatementTooLongError
from nexoaudit.sandbox.server import Server, Session
from nexoaudit.sandbox.watch import OverdueError

PACKAGE = "mariadb-client"
OPTIONS = (
    "--log-bin=applied",
    "--server-id=1",
    "--binlog-format=MIXED",  # a log of statements stays one of statements
    "--skip-binlog-annotate-row-events",
    "--log-bin-trust-function-creators",  # a dump of the site has functions of its own
)
"""For the server: its own log says what was applied."""

PRIVILEGES = "BINLOG REPLAY, BINLOG ADMIN"
_BLOCK = 1 << 18
_WORDS = 2000
_CHARSET = b"/*!\\C "
"""An order to the client; the connection's character set is what it is anyway."""
_SETS = b"/*M!10"
_IDENTITY = re.compile(
    rb"/\*M!10\d{4} SET @@session\.(gtid_domain_id|server_id|gtid_seq_no)=(\d{1,20})\*/"
)

_DOMAIN, _SERVER, _NUMBER = b"gtid_domain_id", b"server_id", b"gtid_seq_no"


class Range(NamedTuple):
    """What is to be replayed."""

    logs: Sequence[Path]
    """In order; the server's account must be able to read them."""
    start: int
    """Offset in the first log."""
    stop: int
    """Offset in the last one: what begins there is left out. A moment would depend on every clock
    that ever dated an event of a log."""
    database: str = ""
    """Leave out the events of all others; empty: none."""


class Replayed(NamedTuple):
    """How far a range could be replayed."""

    sent: Sequence[Gtid]
    """Every transaction that mariadb-binlog gave, in order; after an error the last one failed."""
    statements: int
    left_out: int
    """Statements about accounts and plugins: the sandbox has none of either."""
    size: int
    """Bytes of SQL."""
    error: str = ""
    """What ended it: as in `Loaded`, or `reader`: mariadb-binlog failed."""
    number: int = 0
    message: str = ""
    command: str = ""
    """The first line that the mariadb client would obey itself, such as a shell escape."""


def pause_log(admin: Session) -> None:
    """Keep what later connections do out of the server's own log."""
    ask(admin, "SET GLOBAL init_connect = 'SET sql_log_bin = 0'")


def begin_log(admin: Session, user: str) -> str:
    """Let the account `user` replay logs; return the name of the first of the server's own log."""
    ask(admin, "SET GLOBAL init_connect = ''")
    ask(admin, f"GRANT {PRIVILEGES} ON *.* TO {user}@localhost")
    ask(admin, "FLUSH BINARY LOGS")  # RESET MASTER would wait for a second
    return str(ask(admin, "SHOW MASTER STATUS")[0][0])


def replay(
    session: Session,
    server: Server,
    wanted: Range,
    *,
    deadline_s: float,
    check: Callable[[int], None] = lambda _size: None,
    admit: Callable[[str, str], bool] | None = None,
) -> Replayed:
    """Give the logs to one call of mariadb-binlog, and what it writes to the server.

    It runs unprivileged, checks every checksum, and obeys no option file. `check` is told before
    each statement how many bytes of SQL came so far and may raise to stop; `admit` as for `load`.
    A failure of either side is returned. Raise OverdueError when `deadline_s` seconds were not
    enough, ToolError when mariadb-binlog cannot be run.
    """
    program = process.find("mariadb-binlog", PACKAGE)
    owner = server.directory.stat()
    account = Account(owner.st_uid, owner.st_gid)
    command = [*process.POLITE, *process.guarded([program, *_arguments(wanted, server)], account)]
    with tempfile.TemporaryFile() as words:
        handle = process.start(
            command,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            cwd=server.directory,
            stdout=process.PIPE,
            stderr=words,
        )
        try:
            feed = _Feed(session, server, admit)
            ended = feed.run(_blocks(handle, time.monotonic() + deadline_s), check)
            code = None if ended.error else process.ended(handle, deadline_s)
        finally:
            process.stop(handle)
        words.seek(0)
        said = words.read(_WORDS).decode(errors="replace").strip()
    if ended.error or code == 0:
        return ended
    return ended._replace(error="reader", message=said or "mariadb-binlog ended early")


def _arguments(wanted: Range, server: Server) -> list[str]:
    return [
        "--no-defaults",  # must be the first
        "--verify-binlog-checksum",
        "--skip-annotate-row-events",  # what people wrote need not be read twice
        f"--start-position={wanted.start}",
        f"--stop-position={wanted.stop}",
        f"--local-load={server.directory / 'tmp'}",
        *([f"--database={wanted.database}"] if wanted.database else []),
        *map(str, wanted.logs),
    ]


def _blocks(handle: process.Handle, deadline: float) -> Iterator[bytes]:
    """Yield what the program writes; raise OverdueError when it takes too long."""
    pipe = handle.stdout
    if pipe is None:
        raise SandboxError("mariadb-binlog has no output")
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            raise OverdueError("mariadb-binlog took too long")
        block = pipe.read1(_BLOCK)  # type: ignore[attr-defined]
        if not block:
            return
        yield block


class _Feed:
    """The statements of one replay, on their way."""

    def __init__(
        self, session: Session, server: Server, admit: Callable[[str, str], bool] | None
    ) -> None:
        self._loading = Loading(session, server.data, admit)
        self._pipeline = Pipeline(session)
        self._sent = GtidList()
        self._left_out = 0
        self._identity = {_DOMAIN: 0, _SERVER: 0}

    def run(self, blocks: Iterator[bytes], check: Callable[[int], None]) -> Replayed:
        """Apply every statement; return how it ended."""
        script = LogScript(blocks)
        failed = None
        try:
            for statements, own in script.batches():
                check(script.size)
                take = self._take_own if own else self._take
                if failed := take(statements):
                    break
        except StatementTooLongError as error:
            failed = self._loading.end("length", 0, str(error))
        end = failed or self._loading.end("", 0, "")
        return Replayed(
            self._sent,
            end.statements,
            self._left_out,
            script.size,
            end.error,
            end.number,
            end.message,
            b"".join(script.commands[:1]).decode("utf-8", "backslashreplace"),
        )

    def _take_own(self, statements: list[bytes]) -> Loaded | None:
        """Apply statements of mariadb-binlog's own; return how the replay ended if that failed."""
        for statement in statements:
            if statement.startswith(_SETS):
                self._identify(statement)
        refused = self._pipeline.run(statements)
        self._loading.count += len(statements) if refused is None else refused.at + 1
        if refused is None:
            return None
        return self._loading.refused(refused.number, refused.message, statements[refused.at])

    def _take(self, statements: list[bytes]) -> Loaded | None:
        """Apply one statement; return how the replay ended if that failed."""
        (statement,) = statements
        if statement.startswith(_CHARSET):
            return None
        if statement.startswith(_SETS):
            self._identify(statement)
        elif kind_of(statement) == "server" and is_alone(statement):
            self._left_out += 1
            return None
        return self._loading.execute(statement)

    def _identify(self, statement: bytes) -> None:
        """Note which transaction comes next, if that is what the statement sets."""
        said = _IDENTITY.match(statement)
        if said is None:
            return
        name, value = said[1], int(said[2])
        if name != _NUMBER:
            self._identity[name] = value
        elif value < 1 << 64:
            self._sent.append((self._identity[_DOMAIN], self._identity[_SERVER], value))
