"""One dump into one server, by its own statements or poured in: what is in the tables then."""

from typing import NamedTuple

from nexoaudit.sandbox.load import load
from nexoaudit.sandbox.pour import Pour
from nexoaudit.sandbox.query import ask, quoted
from nexoaudit.sandbox.script import Script
from nexoaudit.sandbox.server import Server, Session

SETTINGS = (
    b"SET NAMES %s; SET time_zone = '+00:00'; SET unique_checks = 0; SET foreign_key_checks = 0;"
    b" SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';\n"
)


class Sandbox(NamedTuple):
    server: Server
    admin: Session

    def load(self, sql: bytes, *, fast: bool) -> tuple[dict[str, object], int]:
        """Load SQL into a database of its own; return what is in each table, and rows poured."""
        with self.server.connect(several=True) as session:
            ask(session, "DROP DATABASE IF EXISTS site")
            poured = 0
            if fast:
                with Pour(self.server, session, self.admin) as pour:
                    loaded = load(session, Script([sql]), self.server.data, takes=pour.takes)
                    pour.end()
                    poured = pour.rows
            else:
                loaded = load(session, Script([sql]), self.server.data)
            assert list((self.server.directory / "empty").iterdir()) == []
            assert not loaded.error, loaded
            ask(session, "SET NAMES utf8mb4")
            return self._held(session), poured

    def _held(self, session: Session) -> dict[str, object]:
        tables = ask(
            session,
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'site' AND table_type = 'BASE TABLE'",
        )
        return {
            name: (
                ask(session, f"CHECKSUM TABLE {quoted('site', name)}")[0][1],
                ask(session, f"SELECT COUNT(*) FROM {quoted('site', name)}")[0][0],
                ask(session, f"SHOW CREATE TABLE {quoted('site', name)}")[0][1],
            )
            for (name,) in tables
        }


def table(columns: str, *statements: bytes) -> bytes:
    made = f"CREATE DATABASE site CHARACTER SET utf8mb4;\nUSE site;\nCREATE TABLE t ({columns})"
    return b";\n".join((SETTINGS % b"utf8mb4" + made.encode(), *statements)) + b";\n"
