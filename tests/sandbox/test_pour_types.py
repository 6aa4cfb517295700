from collections.abc import Callable, Iterator

import pytest
from poured import Sandbox

from nexoaudit import process
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import server

pytestmark = pytest.mark.mariadb

BYTES = "0x" + bytes(range(256)).hex()
PAIRS = "0x" + b"".join(bytes((a, b)) for a in range(192, 256) for b in b"\0'\\,)(\n\xbf").hex()
AWKWARD = "'NULL', '\\\\N', '),(', ''',''', 'a\\\\%_', 'Ñandú 😀', '\\r\\n\\t\\Z\\0', ' ', '\"'"

EVERYTHING = (
    "CREATE DATABASE site CHARACTER SET utf8mb4",
    "USE site",
    "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
    "CREATE TABLE numbers (id INT PRIMARY KEY AUTO_INCREMENT, t TINYINT, s SMALLINT UNSIGNED,"
    " m MEDIUMINT ZEROFILL, b BIGINT UNSIGNED, d DECIMAL(65,30), n DECIMAL(5,0), f FLOAT,"
    " g DOUBLE, y YEAR, o BIT(1), q BIT(64), KEY (t), KEY (b))",
    "INSERT INTO numbers VALUES (0, -128, 65535, 7, 18446744073709551615,"
    " 12345678901234567890123456789012345.000000000000000000000000000001, -99999, 3.4e38, 1.7e308,"
    " 2026, b'1', 0xFFFFFFFFFFFFFFFF), (1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
    " NULL, NULL), (2, 0, 0, 0, 0, -0.5, 0, -1e-37, 0.1, 0, b'0', 39), (3, 1, 1, 1, 1, 1, 1,"
    " 0.333333333333, 2e-308, 1901, 1, 0x27295C0A0D1A0022)",
    "CREATE TABLE moments (a DATE, b TIME(3), c DATETIME(6), d TIMESTAMP(2) NULL, e DATETIME,"
    " KEY (c))",
    "INSERT INTO moments VALUES ('2026-02-28', '-838:59:59', '2026-11-01 01:30:00.000001',"
    " '2026-11-01 01:30:00.25', '0000-00-00'), (NULL, NULL, NULL, NULL, NULL)",
    "CREATE TABLE texts (a CHAR(9), b VARCHAR(99) CHARSET latin1, c TEXT CHARSET utf8mb3,"
    " d LONGTEXT, e VARCHAR(40) CHARSET ucs2, f ENUM('a','','NULL','2'), g SET('x','y'), h JSON,"
    " i UUID, j INET6, k INET4, UNIQUE KEY (a), KEY (d(20)))",
    "INSERT INTO texts VALUES ('NULL', 'añ', 'ñ', 'x', 'ñ', 'NULL', 'x,y',"
    " '{\"a\": [1, \"\\\\n\"]}', UUID(), '2001:db8::1', '192.0.2.1'),"
    " (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
    " NULL, NULL, NULL), ('', '', '', '', '', '', '', 'null', NULL, NULL, NULL)",
    f"INSERT INTO texts (d) VALUES ({'), ('.join(AWKWARD.split(', '))})",
    "CREATE TABLE bytes (a BINARY(4), b VARBINARY(300), c LONGBLOB, d TINYBLOB)",
    f"INSERT INTO bytes VALUES (0x00, {BYTES}, {PAIRS}, ''), (NULL, NULL, NULL, NULL),"
    f" ('\\'(),', 'NULL', REPEAT({BYTES}, 999), 0xC3), (0xE0A0, 0xF09F98, 0xC327, 0xC35C)",
    "CREATE TABLE shapes (p POINT NOT NULL, g GEOMETRY, SPATIAL KEY (p))",
    "INSERT INTO shapes VALUES (POINT(39, 92), NULL),"
    " (POINT(1, 2), ST_GeomFromText('POLYGON((0 0,9 0,9 9,0 0))'))",
    "CREATE TABLE derived (a INT, twice INT AS (a * 2) VIRTUAL, kept INT AS (a + 1) PERSISTENT)",
    "INSERT INTO derived (a) VALUES (1), (2)",
    "CREATE TABLE hidden (a INT, b INT INVISIBLE DEFAULT 7)",
    "INSERT INTO hidden (a, b) VALUES (1, 2)",
    "CREATE TABLE parted (a INT, b INT, KEY (b)) PARTITION BY HASH (a) PARTITIONS 3",
    "INSERT INTO parted SELECT seq, seq * 7 FROM seq_1_to_50",
    "CREATE TABLE `odd``(name),` (`a,b` INT, `VALUES (` INT)",
    "INSERT INTO `odd``(name),` VALUES (1, 2)",
    "CREATE TABLE plain (a INT, b TEXT) ENGINE=MyISAM",
    "INSERT INTO plain VALUES (1, 'x'), (1, 'x')",
    "CREATE TABLE child (id INT PRIMARY KEY, of INT, FOREIGN KEY (of) REFERENCES numbers (id))",
    "INSERT INTO child VALUES (1, 0), (2, 3)",
    "CREATE TABLE empty (a INT)",
    "CREATE VIEW seen AS SELECT id FROM numbers",
    "CREATE TRIGGER stamp BEFORE INSERT ON child FOR EACH ROW SET NEW.of = NEW.of + 1",
)


Dump = Callable[..., bytes]


@pytest.fixture(scope="module")
def dump() -> Iterator[Dump]:
    """Return a function that dumps a database with columns of every type."""
    with server() as running:
        with running.connect() as session:
            for statement in EVERYTHING:
                ask(session, statement)

        def made(*options: str) -> bytes:
            program = process.find("mariadb-dump", "mariadb-client")
            argv = [program, "--no-defaults", f"--socket={running.socket}", "--user=root"]
            result = process.run([*argv, *options, "site"], deadline_s=60)
            assert result.returncode == 0, result.stderr
            return result.stdout

        yield made


def one_line(sql: bytes) -> bytes:
    """As mysqldump and older mariadb-dump write rows."""
    return sql.replace(b" VALUES\n(", b" VALUES (").replace(b"),\n(", b"),(")


def introduced(sql: bytes) -> bytes:
    """As MySQL 8 writes what is binary."""
    return sql.replace(b"\n('NULL',", b"\n(_binary 'NULL',")


def same(sql: bytes) -> bytes:
    return sql


ROWS = 4 + 2 + 12 + 4 + 2 + 50 + 1 + 2 + 2
"""Of all tables that have no generated columns; see `EVERYTHING`."""


@pytest.mark.parametrize(
    ("options", "change", "least"),
    [
        ((), same, ROWS),
        ((), one_line, ROWS),
        ((), introduced, 60),
        (("--complete-insert",), same, ROWS),
        (("--skip-extended-insert",), same, ROWS),
        (("--net-buffer-length=4096",), same, ROWS),
        (("--no-autocommit", "--skip-add-locks"), same, ROWS),
        (("--skip-opt", "--create-options", "--set-charset"), same, ROWS),
        (("--databases",), same, ROWS),
        (("--hex-blob",), same, 60),
        (("--default-character-set=latin1",), same, 60),
        (("--default-character-set=utf8mb3",), same, 60),
        (("--default-character-set=binary",), same, 0),
        (("--replace",), same, 0),
        (("--insert-ignore",), same, 0),
        (("--skip-quote-names",), same, 0),
        (("--xml",), lambda _xml: b"", 0),
    ],
)
def test_every_type_and_format_comes_back_as_by_insert(
    sandbox: Sandbox,
    dump: Dump,
    options: tuple[str, ...],
    change: Callable[[bytes], bytes],
    least: int,
) -> None:
    if "--skip-quote-names" in options:
        options += ("--ignore-table=site.odd`(name),",)
    sql = change(dump(*options))
    plain, _ = sandbox.load(sql, fast=False)
    fast, poured = sandbox.load(sql, fast=True)
    assert fast == plain
    assert poured >= least
