import gzip
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from logged import Made, make, position_of
from tarred import Entry, tar
from whole_site import WholeSite

from nexoaudit import process
from nexoaudit.drill.database import drill_database
from nexoaudit.drill.files import Task, drill_files
from nexoaudit.drill.system import Plan, drill_system
from nexoaudit.drill.terms import Terms
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Expect
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import Server, server

POINT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
CREATED = int(datetime(2026, 11, 20, 1, 59, 30, tzinfo=UTC).timestamp())
NOTHING = Expect()
FILES = Task()

SHOP = (
    "CREATE DATABASE shop",
    "USE shop",
    "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(80), timecreated BIGINT,"
    " timeexpires BIGINT, picture BLOB) CHARSET utf8mb4",
    "CREATE TABLE tickets (id INT PRIMARY KEY, userid INT, subject TEXT, created DATETIME,"
    " FOREIGN KEY (userid) REFERENCES users (id)) CHARSET utf8mb4",
    f"INSERT INTO users SELECT seq, CONCAT('Ñandú 😀 ', seq), {CREATED} - seq,"
    " 4102444800, UNHEX('00270A5C22FF') FROM seq_0_to_99",
    "INSERT INTO tickets SELECT seq, seq % 100, 'it''s; \\\\ \"x\";\n', '2026-11-19 23:00:00'"
    " FROM seq_1_to_300",
    "CREATE DEFINER = app@`%` VIEW named AS SELECT id, name FROM users",
    "CREATE DEFINER = app@`%` TRIGGER stamp BEFORE INSERT ON tickets FOR EACH ROW BEGIN"
    " SET NEW.subject = CONCAT(NEW.subject, ';'); -- it's one\n END",
    "CREATE PROCEDURE tidy() BEGIN DELETE FROM tickets WHERE id < 0; SELECT 'a;\n'; END",
    "CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE VIEW calling AS SELECT one() AS one",
    "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO CALL tidy()",
)
ACCOUNTS = (
    "DELETE FROM mysql.global_priv WHERE user = 'root' AND host <> 'localhost'",
    "FLUSH PRIVILEGES",
    "CREATE USER app@'%'",
    "GRANT SELECT ON shop.* TO app@'%'",
    "CREATE ROLE clerk",
)


def dump_of(running: Server, *options: str) -> bytes:
    program = process.find("mariadb-dump", "mariadb-client")
    argv = [program, "--no-defaults", f"--socket={running.socket}", "--user=root", *options]
    result = process.run(argv, deadline_s=60)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def short() -> Iterator[Path]:
    """A directory with a short path that the sandbox's user may pass through."""
    directory = Path(tempfile.mkdtemp(prefix="nx"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def dumps() -> dict[str, bytes]:
    """Dumps of one small database, made with several sets of options."""
    whole = ("--single-transaction", "--routines", "--events", "--triggers")
    with server() as running:
        with running.connect() as session:
            for statement in SHOP:
                ask(session, statement)
        made = {
            "whole": dump_of(running, *whole, "shop"),
            "quiet": dump_of(
                running, *whole, "--skip-comments", "--ignore-table=shop.named", "shop"
            ),
            "quiet-with-view": dump_of(running, *whole, "--skip-comments", "shop"),
            "compact": dump_of(running, *whole, "--compact", "shop"),
            "accounts": dump_of(running, "--single-transaction", "mysql"),
            "server": dump_of(running, *whole, "--all-databases"),
            "databases": dump_of(running, *whole, "--databases", "shop"),
        }
        with running.connect() as session:
            for statement in ACCOUNTS:
                ask(session, statement)
        users = dump_of(running, *whole, "--system=users", "--databases", "shop")
        return made | {"users": users}


@pytest.fixture(scope="session")
def whole(dumps: dict[str, bytes]) -> bytes:
    return dumps["whole"]


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump of the second log of a real server, and all of its logs."""
    return make(tmp_path_factory.mktemp("source") / "made")


@pytest.fixture
def made(source: Path, tmp_path: Path, short: Path) -> Made:
    """A copy of them that may be damaged."""
    return Made(tmp_path / "made", short, source, position_of((source / "d.sql").read_bytes()))


Restore = Callable[..., Drill]


@pytest.fixture
def restore(tmp_path: Path, short: Path) -> Restore:
    """Return a function that drills SQL, or the bytes of a file, and checks that nothing stays."""

    def drill(
        sql: bytes = b"", *, raw: bytes | None = None, expect: Expect = NOTHING, **terms: Any
    ) -> Drill:
        dump = tmp_path / "d.sql.gz"
        dump.write_bytes(gzip.compress(sql, 1) if raw is None else raw)
        wanted = Terms(expect, rto_s=3600)._replace(**terms)
        result = drill_database(here(dump), copy_of(dump), wanted, now=NOW, parent=short)
        assert list(short.iterdir()) == []
        return result

    return drill


def here(path: Path) -> Location:
    """Return the location of a file."""
    return Location("disk", str(path.parent))


def copy_of(path: Path) -> Copy:
    point_ms = millis(POINT)
    return Copy("disk", "database", "full", path.name, point_ms, "name", 1, 0, True, 0)


@pytest.fixture
def drilled(short: Path) -> Callable[..., Drill]:
    """Return a function that drills a file that may not be there, as it is told."""

    def drill(dump: Path, expect: Expect = NOTHING, rto_s: int = 60, **more: Any) -> Drill:
        options = {"now": NOW, "parent": short, **more}
        return drill_database(here(dump), copy_of(dump), Terms(expect, rto_s), **options)

    return drill


@pytest.fixture
def drilled_files(short: Path) -> Callable[..., Drill]:
    """Return a function that drills an archive or a tree, as it is told."""

    def drill(path: Path, task: Task = FILES, **more: Any) -> Drill:
        copy = copy_of(path)
        if path.is_dir():
            copy = copy._replace(path=f"{path.name}/")
        return drill_files(here(path), copy, task, **{"now": NOW, "parent": short, **more})

    return drill


@pytest.fixture(scope="session")
def as_copy() -> Callable[[Path], Copy]:
    return copy_of


@pytest.fixture
def whole_site(short: Path) -> WholeSite:
    """The backups of one small system."""
    (short / "backups").mkdir()
    return WholeSite(short / "backups")


@pytest.fixture
def restore_system(short: Path) -> Callable[[Plan], Drill]:
    """Return a function that drills a plan, and checks that nothing stays."""
    (short / "room").mkdir()

    def drill(plan: Plan) -> Drill:
        result = drill_system(plan, now=NOW, parent=short / "room")
        assert list((short / "room").iterdir()) == []
        return result

    return drill


@pytest.fixture
def restore_files(tmp_path: Path, short: Path, drilled_files: Restore) -> Restore:
    """Return a function that drills an archive of some entries, and checks that nothing stays."""

    def drill(entries: list[Entry], *, raw: bytes | None = None, **more: Any) -> Drill:
        archive = tmp_path / "f.tar.gz"
        archive.write_bytes(gzip.compress(tar(entries), 1) if raw is None else raw)
        result = drilled_files(archive, Task(**more))
        assert list(short.iterdir()) == []
        return result

    return drill
