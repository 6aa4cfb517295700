"""The site's live database: a private server that keeps binary logs, while the site is built."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from nexoaudit import process
from nexoaudit.errors import DemoError
from nexoaudit.sandbox.server import Server, Session, server
from nexoaudit_demo import traffic
from nexoaudit_demo.calendar import HOUR
from nexoaudit_demo.growth import NOTHING, Growth

DATABASE = "nexosupport"
BACKUP_USER = "nexosupport_backup"
CLIENT_PACKAGE = "mariadb-client"

_DEADLINE_S = 600.0
_OPTIONS = (
    "--log-bin=mysql-bin",
    "--server-id=1",
    "--binlog-format=ROW",
    "--max-binlog-size=100M",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
)
_GUIDE_GRANT = f"GRANT SELECT, LOCK TABLES, SHOW VIEW ON {DATABASE}.* TO {BACKUP_USER}@localhost"
_MENDED_GRANTS = (
    f"GRANT SELECT, LOCK TABLES, SHOW VIEW, TRIGGER, EVENT ON {DATABASE}.*"
    f" TO {BACKUP_USER}@localhost",
    f"GRANT SELECT ON mysql.proc TO {BACKUP_USER}@localhost",
)


class Live:
    """The live database at one moment, which only moves on."""

    def __init__(self, running: Server, session: Session, growth: Growth) -> None:
        self._server = running
        self._session = session
        self._growth = growth
        self._counts = NOTHING
        self._moment = growth.opening
        self._active = 1

    @property
    def socket(self) -> Path:
        """Where programs reach the server."""
        return self._server.socket

    def move_to(self, moment: int) -> None:
        """Let traffic happen until `moment`, in epoch seconds: the last full hour at most.

        From the beginning of the hourly traffic on, each hour closes one binary log.
        """
        first = self._growth.first
        if self._moment < first:
            self._live_long_ago(min(moment, first))
        while self._moment >= first and self._moment + HOUR <= moment:
            end = self._moment + HOUR
            counts = self._counts.joined(self._growth.at(end))
            self._run(traffic.hour(self._counts, counts, self._moment))
            self._run(traffic.end_of_hour(end))
            self._counts, self._moment, self._active = counts, end, self._active + 1

    def store(self, paths: Sequence[str]) -> None:
        """Let rows name files below the directory of uploads."""
        self._run(traffic.stored(paths, self._moment))

    def logs(self, kept: int) -> list[Path]:
        """Return the newest `kept` closed binary logs, as far as there are, and the active one."""
        numbers = range(max(2, self._active - kept), self._active + 1)
        return [self._server.data / f"mysql-bin.{number:06}" for number in numbers]

    def forget_logs(self, kept: int) -> None:
        """Delete all but the newest `kept` closed binary logs, as the server's own expiry does."""
        self._run([f"PURGE BINARY LOGS TO '{self.logs(kept)[0].name}'"])

    def open(self, password: str, *, as_guide: bool) -> None:
        """Make schema, fixed rows and the backup user, who may do what the guide or we let her."""
        self._load_schema()
        self._run(["SET sql_log_bin = 0", f"USE {DATABASE}"])
        self._run([f"CREATE USER {BACKUP_USER}@localhost IDENTIFIED BY '{password}'"])
        self._run([_GUIDE_GRANT] if as_guide else _MENDED_GRANTS)
        self._run(traffic.opening(self._growth.opening))

    def _live_long_ago(self, moment: int) -> None:
        counts = self._counts.joined(self._growth.at(moment))
        self._run(traffic.bulk(self._counts, counts, self._moment, moment))
        self._counts, self._moment = counts, moment
        if moment == self._growth.first:
            # The first log belongs to the making of the server: the chain starts after it.
            self._run(["SET sql_log_bin = 1", *traffic.end_of_hour(moment)])
            self._active += 1
            self.forget_logs(0)

    def _load_schema(self) -> None:
        """Give the schema to the client, which knows DELIMITER."""
        schema = resources.files("nexoaudit_demo").joinpath("schema.sql").read_bytes()
        result = process.run(
            [
                process.find("mariadb", CLIENT_PACKAGE),
                "--no-defaults",
                f"--socket={self.socket}",
                f"--user={self._server.user}",
                "--default-character-set=utf8mb4",
            ],
            deadline_s=_DEADLINE_S,
            data=b"SET sql_log_bin = 0;\n" + schema,
        )
        if result.returncode != 0:
            raise DemoError(
                f"the schema could not be made: {result.stderr.decode(errors='replace').strip()}"
            )

    def _run(self, statements: Iterable[str]) -> None:
        try:
            with self._session.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        except self._session.Error as error:
            raise DemoError(f"the demonstration's database refused its data: {error}") from error


@contextmanager
def live(growth: Growth, password: str, *, as_guide: bool) -> Iterator[Live]:
    """Yield the live database of a new site.

    Raise ToolError when MariaDB is not installed, SandboxError when it cannot start, DemoError
    when it refuses its data.
    """
    with server(options=_OPTIONS) as running:
        session = running.connect(timeout_s=_DEADLINE_S)
        try:
            database = Live(running, session, growth)
            database.open(password, as_guide=as_guide)
            yield database
        finally:
            session.close()
