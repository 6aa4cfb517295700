import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from poured import Sandbox, table

from nexoaudit.sandbox.confinement import confine
from nexoaudit.sandbox.load import load
from nexoaudit.sandbox.pipe import UnfaithfulError
from nexoaudit.sandbox.pour import Pour
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.script import Script
from nexoaudit.sandbox.server import server

pytestmark = pytest.mark.mariadb

TYPES = {
    "INT": st.integers(-(2**31), 2**31 - 1).map(str),
    "BIGINT UNSIGNED": st.integers(0, 2**64 - 1).map(str),
    "DECIMAL(12,4)": st.decimals(-99999999, 99999999, places=4).map(str),
    "DOUBLE": st.floats(allow_nan=False, allow_infinity=False).map(repr),
    "FLOAT": st.floats(-(2.0**90), 2.0**90, width=32).map(repr),
    "BIT(16)": st.binary(max_size=2),
    "BLOB": st.binary(max_size=9),
    "VARBINARY(20)": st.text("\\'\"(),\0\n\x1a%_Nx", max_size=9).map(str.encode),
    "TEXT": st.text(st.characters(codec="utf-8"), max_size=9).map(str.encode),
    "VARCHAR(9) CHARSET utf8mb3": st.text("a'\\é€),(", max_size=9).map(str.encode),
    "DATE": st.dates().map(str).map(str.encode),
    "DATETIME(6)": st.datetimes().map(str).map(str.encode),
    "ENUM('a','NULL','(')": st.sampled_from((b"a", b"NULL", b"(")),
    "POINT": st.just(b"\0\0\0\0\x01\x01\0\0\0" + b"'\\),(\0\n\x22" * 2),
}
ODD = (b"0x27", b"UPPER('a')", b"'a' 'b'", b"'it''s'", b"'100\\%'", b"1.0", b"DEFAULT", b"b'101'")


def literal(value: object) -> bytes:
    """Write a value as a dump does."""
    if not isinstance(value, bytes):
        return b"NULL" if value is None else str(value).encode()
    for plain, escaped in ((b"\\", b"\\\\"), (b"\0", b"\\0"), (b"\n", b"\\n"), (b"\r", b"\\r")):
        value = value.replace(plain, escaped)
    for plain, escaped in ((b"'", b"\\'"), (b'"', b'\\"'), (b"\x1a", b"\\Z")):
        value = value.replace(plain, escaped)
    return b"'" + value + b"'"


@st.composite
def dumps(draw: st.DrawFn) -> bytes:
    types = draw(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=5))
    columns = ", ".join(f"c{number} {kind} NULL" for number, kind in enumerate(types))
    row = st.tuples(*(st.none() | TYPES[kind] for kind in types)).map(
        lambda values: [literal(value) for value in values]
    )
    statements = []
    for rows in draw(st.lists(st.lists(row, min_size=1, max_size=6), min_size=1, max_size=4)):
        separator = draw(st.sampled_from((b",\n", b",")))
        if draw(st.integers(0, 5)) == 0 and "TEXT" in types:
            rows[0][types.index("TEXT")] = draw(st.sampled_from(ODD))
        body = separator.join(b"(" + b",".join(values) + b")" for values in rows)
        statements.append(b"INSERT INTO `t` VALUES " + body)
    return table(columns, *statements)


@settings(deadline=None, max_examples=60)
@given(dumps())
@example(table("c0 TEXT", b"INSERT INTO `t` VALUES ('a'),\n('\\N')"))
@example(table("c0 YEAR", b"INSERT INTO `t` VALUES (0000),(1901),(2155)"))
@example(table("c0 CHAR(5)", b"INSERT INTO `t` VALUES (1e3),(007)"))
@example(table("c0 BLOB", b"INSERT INTO `t` VALUES (_binary '\\0x'),('_binary \\'')"))
@example(table("c0 INT", b"INSERT INTO `t` VALUES (1),(2),(3)", b"INSERT INTO `t` VALUES (4)"))
def test_whatever_rows_there_are_they_come_in_as_by_insert(sandbox: Sandbox, sql: bytes) -> None:
    plain, _ = sandbox.load(sql, fast=False)
    fast, _ = sandbox.load(sql, fast=True)
    assert fast == plain


@pytest.mark.parametrize(
    ("columns", "statements", "poured"),
    [
        ("a INT", (b"INSERT INTO `t` VALUES (1),(2)",), 2),
        ("a INT", (b"INSERT INTO `t` VALUES (1),(1+1)",), 0),
        ("a INT", (b"INSERT INTO `t` VALUES (1)", b"INSERT INTO `t` VALUES (1+1)"), 1),
        ("a INT", (b"INSERT INTO `t` VALUES (1+1)", b"INSERT INTO `t` VALUES (1)"), 1),
        ("a INT", (b"INSERT INTO `t` VALUES (1) -- (2)",), 0),
        ("a INT", (b"INSERT INTO `t` VALUES (1) ON DUPLICATE KEY UPDATE a = 2",), 0),
        ("a TEXT", (b"INSERT INTO `t` VALUES (1)",), 0),
        ("a TEXT", (b"INSERT INTO `t` VALUES ('50\\%'),('it''s'),('a' 'b')",), 0),
        ("a INT, b INT AS (a + 1)", (b"INSERT INTO `t` (`a`) VALUES (1)",), 0),
        ("a INT", (b"CREATE VIEW v AS SELECT a FROM t", b"INSERT INTO `v` VALUES (1)"), 0),
        (
            "a INT",
            (b"CREATE TEMPORARY TABLE t (a TEXT)", b"INSERT INTO `t` VALUES (1)", b"DROP TABLE t"),
            0,
        ),
        (
            "a INT",
            (
                b"CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = NEW.a + 1",
                b"INSERT INTO `t` VALUES (1)",
            ),
            0,
        ),
        ("a TEXT", (b"SET NAMES gbk", b"INSERT INTO `t` VALUES ('\x95\\')"), 0),
        ("a TEXT", (b"SET NAMES latin1", b"INSERT INTO `t` VALUES ('\xf1')"), 1),
        ("a TEXT", (b"SET sql_mode = 'NO_BACKSLASH_ESCAPES'", b"INSERT INTO `t` VALUES ('\\')"), 0),
        ("a INT", (b"LOCK TABLES t WRITE", b"INSERT INTO `t` VALUES (1)", b"UNLOCK TABLES"), 1),
        ("a TIMESTAMP", (b"SET time_zone = '-03:00'", b"INSERT INTO `t` VALUES ('2026-01-01')"), 1),
    ],
)
def test_what_load_data_would_read_otherwise_is_executed(
    sandbox: Sandbox, columns: str, statements: tuple[bytes, ...], poured: int
) -> None:
    sql = table(columns, *statements)
    plain, _ = sandbox.load(sql, fast=False)
    assert sandbox.load(sql, fast=True) == (plain, poured)


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ("a INT PRIMARY KEY", b"(1),(2),(1)"),
        ("a INT UNIQUE, b INT", b"(1,1),(2,2),(1,3)"),
        ("a TINYINT", b"(1),(999)"),
        ("a VARCHAR(3)", b"('abc'),('abcd')"),
        ("a TEXT", b"('\xc3')"),
        ("a DATE", b"('2026-02-30')"),
        ("a INT CHECK (a > 1)", b"(1)"),
    ],
)
def test_rows_that_do_not_come_in_as_they_are_end_it(
    sandbox: Sandbox, columns: str, rows: bytes
) -> None:
    with pytest.raises(UnfaithfulError):
        sandbox.load(table(columns, b"INSERT INTO `t` VALUES " + rows), fast=True)
    sandbox.load(table("a INT", b"INSERT INTO `t` VALUES (1)"), fast=True)


@pytest.mark.parametrize(
    "statement",
    [
        b"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t",
        b"LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
        b"LOAD DATA INFILE '%s/empty/rows' INTO TABLE t",
        b"SELECT 'x' INTO OUTFILE '%s/empty/file'",
    ],
)
def test_a_dump_itself_reads_and_writes_no_file(sandbox: Sandbox, statement: bytes) -> None:
    rows = b"INSERT INTO `t` VALUES ('%s')" % (b"x" * 3_000_000)
    asked = statement.replace(b"%s", bytes(sandbox.server.directory))
    with sandbox.server.connect(several=True) as session:
        ask(session, "DROP DATABASE IF EXISTS site")
        with Pour(sandbox.server, session, sandbox.admin) as pour:
            script = Script([table("a LONGTEXT", rows, asked, rows)])
            loaded = load(session, script, sandbox.server.data, takes=pour.takes)
            pour.end()
        assert loaded.error == "statement"
        assert ask(session, "SELECT COUNT(*) FROM site.t") == [(1,)]


POURING = """
import sys
from pathlib import Path
from nexoaudit.sandbox.confinement import confine
from nexoaudit.sandbox.pour import Pour
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import server

with server(parent=Path(sys.argv[1])) as running:
    confined, admin = confine(running)
    with admin, confined.connect() as session, Pour(confined, session, admin) as pour:
        ask(session, "CREATE DATABASE site")
        ask(session, "USE site")
        ask(session, "CREATE TABLE t (a INT)")
        assert pour.takes(b"INSERT INTO `t` VALUES (1),(2)")
        pour.end()
        print(ask(session, "SELECT COUNT(*) FROM t")[0][0])
"""


@pytest.mark.parametrize("user", ["ourselves", "another"])
def test_it_pours_whoever_runs_it(
    short: Path, user: str, become: Callable[[str, Path], list[str]]
) -> None:
    argv = [*become(user, short), sys.executable, "-c", POURING, str(short)]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"2\n", b"")
    assert list(short.iterdir()) == []


def test_a_server_that_dies_while_rows_are_poured_ends_it(short: Path) -> None:
    with server(parent=short) as running:
        restricted, admin = confine(running)
        with admin, restricted.connect() as session:
            for statement in ("CREATE DATABASE site", "USE site", "CREATE TABLE t (a LONGTEXT)"):
                ask(session, statement)
            rows = b"INSERT INTO `t` VALUES ('%s')" % (b"x" * 4_000_000)
            with Pour(restricted, session, admin) as pour:
                assert pour.takes(rows)
                os.kill(running.pid, signal.SIGKILL)
                with pytest.raises(UnfaithfulError):
                    assert all(pour.takes(rows) for _ in range(9))
