"""What real servers write into their logs, replayed; and logs that mean harm."""

import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from logged import Live, live, logs_in, position_of, start_of

from nexoaudit.drill.point_in_time import Wish, drill_point_in_time
from nexoaudit.drill.terms import Terms
from nexoaudit.model.drill import Drill
from nexoaudit.model.location import Location

pytestmark = pytest.mark.mariadb

QUERY = 2
Play = Callable[..., Drill]


def events(data: bytes) -> list[bytes]:
    found, position = [], 4
    while position < len(data):
        length = int.from_bytes(data[position + 9 : position + 13], "little")
        found.append(data[position : position + length])
        position += length
    return found


@pytest.fixture(scope="module")
def server() -> Any:
    with live() as site:
        yield site


@pytest.fixture
def play(server: Live, tmp_path: Path, short: Path) -> Play:
    """Return what runs statements between a dump and a last transaction, and drills up to that."""

    def run(
        *statements: str | tuple[str, ...],
        databases: tuple[str, ...] = ("shop",),
        forge: Callable[[Path], None] = lambda _path: None,
    ) -> Drill:
        dump = server.dump("--master-data=2", *databases)
        server.traffic(1)
        for statement in statements:
            server.run(*((statement,) if isinstance(statement, str) else statement))
        server.traffic(1)
        folder = server.copy_logs(Path(tempfile.mkdtemp(dir=tmp_path)) / "logs")
        (tmp_path / "d.sql").write_bytes(dump)
        for path in folder.iterdir():
            forge(path)
        found = drill_point_in_time(
            start_of(tmp_path / "d.sql", position_of(dump)),
            Location("disk", str(folder)),
            logs_in(folder),
            Terms(rto_s=3600),
            component="binlog",
            wish=Wish(pick=lambda count: count - 1),
            now=server.moment,
            parent=short,
        )
        assert list(short.iterdir()) == []
        return found

    return run


EVERYTHING = (
    "INSERT INTO shop.users (name) SELECT REPEAT('x', 70) FROM seq_1_to_3000",
    "UPDATE shop.users SET name = CONCAT(name, 'y')",
    "CREATE TABLE shop.copied AS SELECT * FROM shop.users LIMIT 10",
    "INSERT INTO shop.users (name) VALUES ('after')",
    "CREATE TABLE shop.old (id INT PRIMARY KEY, x TEXT) ENGINE=MyISAM",
    ("BEGIN", "INSERT INTO shop.old VALUES (1, 'a'), (2, 'b')", "COMMIT"),
    (
        "BEGIN",
        "INSERT INTO shop.users (name) VALUES ('mixed')",
        "INSERT INTO shop.old VALUES (3, 'c')",
        "SAVEPOINT a",
        "INSERT INTO shop.users (name) VALUES ('gone')",
        "ROLLBACK TO a",
        "COMMIT",
    ),
    "CREATE TRIGGER shop.stamp BEFORE INSERT ON shop.old FOR EACH ROW SET NEW.x = 'a;\n/*!*/;b'",
    "INSERT INTO shop.old VALUES (4, NULL)",
    "CREATE PROCEDURE shop.tidy() BEGIN DELETE FROM old; SELECT ';\n'; END",
    "CREATE FUNCTION shop.one() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE VIEW shop.seen AS SELECT id, shop.one() FROM shop.users",
    "CREATE SEQUENCE shop.numbers",
    "SELECT NEXTVAL(shop.numbers)",
    "ALTER TABLE shop.users ADD picture LONGBLOB, ADD KEY (name)",
    "INSERT INTO shop.users (name, picture) VALUES ('blob', REPEAT(UNHEX('00270A5C'), 600000))",
    "CREATE TEMPORARY TABLE shop.scratch (id INT)",
    "TRUNCATE shop.old",
    "CREATE USER new@localhost IDENTIFIED BY 'secret'",
    "GRANT ALL ON shop.* TO new@localhost",
    "FLUSH PRIVILEGES",
    ("XA START 'x'", "DELETE FROM shop.hits WHERE id = 1", "XA END 'x'", "XA PREPARE 'x'"),
    "XA COMMIT 'x'",
    "CREATE OR REPLACE TABLE shop.copied AS SELECT 1 AS one",
    "DROP TABLE IF EXISTS shop.never, shop.copied",
    "CREATE EVENT shop.nightly ON SCHEDULE EVERY 1 DAY DO CALL shop.tidy()",
    "ANALYZE TABLE shop.users",
    "OPTIMIZE TABLE shop.hits",
    "SET binlog_row_image = MINIMAL",
    "UPDATE shop.users SET timecreated = 5 WHERE id = 1",
    "SET binlog_row_image = FULL",
)


def test_everything_that_a_site_does_comes_back(play: Play) -> None:
    drill = play(*EVERYTHING)
    assert drill.detail == ""
    assert (drill.outcome, drill.problems) == ("pass", ())
    assert dict(drill.measures)["accounts_left_out"] == 3


def test_a_log_of_statements(play: Play) -> None:
    drill = play(
        "DROP TEMPORARY TABLE IF EXISTS shop.scratch",
        ("USE shop", "SET binlog_format = STATEMENT"),
        "INSERT INTO users (name) VALUES (CONCAT('it''s ', CONNECTION_ID()))",
        "UPDATE users SET timecreated = UNIX_TIMESTAMP() WHERE id = 2",
        "UPDATE users SET timecreated = 1 WHERE id = 0",
        "SET binlog_format = ROW",
    )
    assert drill.detail == ""
    assert (drill.outcome, drill.problems) == ("pass", ())


def test_other_databases_are_left_out(play: Play) -> None:
    drill = play(
        "CREATE DATABASE other",
        ("USE other", "CREATE TABLE notes (id INT)", "USE shop"),
        (
            "BEGIN",
            "INSERT INTO other.notes VALUES (1)",
            "UPDATE shop.hits SET n = 0",
            "COMMIT",
        ),
    )
    assert drill.detail == ""
    assert (drill.outcome, drill.problems) == ("pass", ())
    assert dict(drill.measures)["left_out"] == "other"


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE shop.hits h JOIN other.notes o ON o.id = h.id SET h.n = 1, o.id = o.id + 100",),
        ("USE other", "ALTER TABLE shop.hits ADD COLUMN IF NOT EXISTS extra INT"),
    ],
)
def test_statements_that_a_filter_would_tear_apart_are_told(
    play: Play, statements: tuple[str, ...]
) -> None:
    drill = play(
        "CREATE DATABASE IF NOT EXISTS other",
        "CREATE OR REPLACE TABLE other.notes AS SELECT 2 AS id",
        statements,
        "USE shop",
    )
    assert (drill.outcome, drill.reason) == ("unverified", "drill.cross_database")
    assert "shop" in drill.detail


def test_a_dump_of_several_databases(play: Play) -> None:
    drill = play(
        "CREATE OR REPLACE TABLE other.notes AS SELECT 1 AS id",
        "UPDATE other.notes SET id = 2",
        databases=("--databases", "shop", "other"),
    )
    assert drill.outcome == "pass"
    drill = play(
        "CREATE DATABASE IF NOT EXISTS third",
        "CREATE TABLE IF NOT EXISTS third.notes (id INT)",
        "DROP DATABASE third",
        databases=("--databases", "shop", "other"),
    )
    assert drill.outcome == "pass", drill


def test_rows_of_a_database_that_a_dump_of_several_does_not_hold(play: Play) -> None:
    play("CREATE DATABASE IF NOT EXISTS third", "CREATE OR REPLACE TABLE third.notes (id INT)")
    drill = play("INSERT INTO third.notes VALUES (1)", databases=("--databases", "shop", "other"))
    assert (drill.outcome, drill.reason) == ("unverified", "drill.several_databases")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A directory that everybody may write to, gone afterwards whatever comes."""
    with tempfile.TemporaryDirectory(prefix="nxmark") as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


PADDING = "x" * 600
HARM = {
    "system touch {mark}": "drill.client_command",
    "\\! touch {mark}": "drill.client_command",
    "SELECT 1 INTO OUTFILE '{mark}'": "drill.not_replayable",
    "SET GLOBAL general_log_file = '{mark}'": "",  # left out
    "INSTALL SONAME 'ha_federatedx'": "",
    "SHUTDOWN": "",
    "SET sql_log_bin = 0": "drill.replay_short",
    "DROP DATABASE shop": "drill.replay_failed",
    "UPDATE shop.hits SET n = 5": "drill.replay_differs",
}


@pytest.mark.parametrize("sql", HARM)
def test_a_log_that_means_harm_does_none(play: Play, open_folder: Path, sql: str) -> None:
    """A statement that holds what ends it in the text of mariadb-binlog; its checksum is right."""
    mark = open_folder / "mark"
    text = f"CREATE OR REPLACE TABLE shop.harm (id INT)\n/*!*/;\n{sql.format(mark=mark)}\n/*!*/;\n#"

    def forge(path: Path) -> None:
        data = path.read_bytes()
        for event in events(data):
            at = event.find(PADDING.encode())
            if event[4] == QUERY and at >= 0:
                start = event.index(b"CREATE OR")
                forged = event[:start] + text.encode().ljust(len(event) - 4 - start, b"#")
                forged += struct.pack("<I", zlib.crc32(forged))
                data = data.replace(event, forged)
        path.write_bytes(data)

    statement = f"CREATE OR REPLACE TABLE shop.harm (id INT COMMENT '{PADDING}')"
    drill = play(statement, "INSERT INTO shop.users (name) VALUES ('after')", forge=forge)
    assert not mark.exists()
    assert drill.reason == HARM[sql], drill
