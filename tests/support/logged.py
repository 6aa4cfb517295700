"""A live MariaDB server with binary logs, and a dump that was made in the midst of them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from nexoaudit import process
from nexoaudit.drill.logs import Log
from nexoaudit.drill.point_in_time import Start, Wish, drill_point_in_time
from nexoaudit.drill.record import Record
from nexoaudit.drill.terms import Terms
from nexoaudit.formats.scanner import scan
from nexoaudit.model.binlog import Position, log_number
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Expect
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import Server, Session, server

OPTIONS = ("--log-bin=mysql-bin", "--server-id=7", "--binlog-format=ROW")
SITE = (
    "CREATE DATABASE shop CHARACTER SET utf8mb4",
    "USE shop",
    "CREATE TABLE shop.users (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(80),"
    " timecreated BIGINT)",
    "CREATE TABLE shop.hits (id INT PRIMARY KEY, n INT)",
    "INSERT INTO shop.users (name, timecreated) SELECT CONCAT('Ñandú ', seq), 0 FROM seq_1_to_50",
    "INSERT INTO shop.hits SELECT seq, 0 FROM seq_1_to_5",
)

BINLOGS = """
[component.binlog]
kind = "binlog"
schedule = "0 * * * *"
grace = "30m"
[[component.binlog.series]]
pattern = "binlog/mysql-bin.{number}"
keep = "7d"
locations = ["local"]
sidecar = false
"""
"""What a site's configuration says of its binary logs."""


class Live:
    """The server at work: time goes on by a minute with each transaction."""

    def __init__(self, running: Server, session: Session) -> None:
        self.running = running
        self._session = session
        # The server dates the logs themselves by the true time, which must not be later.
        self.moment = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=2)

    def run(self, *statements: str) -> None:
        """Run statements of one moment."""
        self.moment += timedelta(minutes=1)
        for statement in (f"SET timestamp = {self.moment.timestamp()}", *statements):
            ask(self._session, statement)

    def traffic(self, count: int = 6) -> None:
        """Let things happen of which none may happen twice, and none may be missed."""
        for _ in range(count):
            self.run(
                "BEGIN",
                "INSERT INTO shop.users (name, timecreated) VALUES ('new', UNIX_TIMESTAMP())",
                "UPDATE shop.hits SET n = n + 1",
                "COMMIT",
            )

    def flush(self) -> None:
        """Close the log."""
        ask(self._session, "FLUSH BINARY LOGS")

    def dump(self, *options: str) -> bytes:
        """Return a dump of now."""
        program = process.find("mariadb-dump", "mariadb-client")
        argv = [program, "--no-defaults", f"--socket={self.running.socket}", "--user=root"]
        argv += ["--single-transaction", "--routines", "--events", *(options or ("shop",))]
        result = process.run(argv, deadline_s=60)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def checksums(self) -> list[tuple[object, ...]]:
        """Return the checksum of each table."""
        return ask(self._session, "CHECKSUM TABLE shop.users, shop.hits")

    def copy_logs(self, folder: Path) -> Path:
        """Copy all logs as they are."""
        folder.mkdir()
        for path in sorted(self.running.data.glob("mysql-bin.0*")):
            shutil.copy(path, folder)
        return folder


@contextmanager
def live(*options: str) -> Iterator[Live]:
    """Yield a server with a site on it."""
    with server(options=[*OPTIONS, *options]) as running, running.connect() as session:
        for statement in SITE:
            ask(session, statement)
        yield Live(running, session)


def position_of(dump: bytes) -> Position:
    """Return the place in the logs that a dump names."""
    found = scan([dump])
    log, _, offset = found.position.rpartition(":")
    return Position("d.sql", log, int(offset or 0), found.gtid)


def logs_in(folder: Path) -> list[Log]:
    """Return the binary logs in a directory, in no order."""
    found = []
    for path in folder.glob("mysql-bin.0*"):
        status = path.stat()
        mtime_ms = status.st_mtime_ns // 1_000_000
        copy = Copy(
            "disk",
            "binlog",
            "full",
            path.name,
            mtime_ms,
            "mtime",
            status.st_size,
            mtime_ms,
            True,
            0,
        )
        found.append(Log(log_number(path.name), copy))
    return found


def start_of(dump: Path, position: Position, sha256: str = "") -> Start:
    """Return where a drill of a dump in a directory begins."""
    copy = Copy("disk", "database", "full", dump.name, 0, "name", 1, 0, True, 0, sha256=sha256)
    return Start(Location("disk", str(dump.parent)), copy, position)


USERS = Expect(tables=("users", "hits"), min_rows=(("users", 50),))
TRANSACTIONS = 24
"""After the dump: two in its own log, six in each of three more, four in the one that is open."""


def make(folder: Path) -> Path:
    """Leave the dump of the second log of a real server, and all of its logs, in a new folder."""
    with live() as site:
        site.traffic(2)
        site.flush()
        site.traffic(2)
        dump, begin = site.dump("--master-data=2", "shop"), site.moment
        for count in (2, 6, 6, 6):
            site.traffic(count)
            site.flush()
        site.traffic(4)
        site.copy_logs(folder)
    (folder / "d.sql").write_bytes(dump)
    (folder / "begin").write_text(str(begin.timestamp()))
    return folder


class Alone(NamedTuple):
    """A drill that has got no further than to the logs: it needs no server."""

    record: Record
    left_s: float = 60.0


class Made:
    """A dump in the midst of logs, and how to drill a damaged copy of them."""

    def __init__(self, folder: Path, parent: Path, source: Path, position: Position) -> None:
        self.folder = folder
        self._parent = parent
        shutil.copytree(source, folder)
        self.dump = folder / "d.sql"
        self.position = position
        self.begin = datetime.fromtimestamp(float((source / "begin").read_text()), UTC)

    def log(self, number: int) -> Path:
        return self.folder / f"mysql-bin.{number:06}"

    def drill(
        self,
        at: Position | None = None,
        sha256: str = "",
        rto_s: int = 3600,
        **wish: Any,
    ) -> Drill:
        found = drill_point_in_time(
            start_of(self.dump, at or self.position, sha256),
            Location("disk", str(self.folder)),
            logs_in(self.folder),
            Terms(USERS, rto_s),
            component="binlog",
            wish=Wish(**wish),
            now=self.begin + timedelta(hours=2),
            parent=self._parent,
        )
        assert list(self._parent.iterdir()) == []
        return found

    def after(self, minutes: int) -> int:
        """Return the second of a transaction after the dump, counted from 1."""
        return round((self.begin + timedelta(minutes=minutes)).timestamp())
