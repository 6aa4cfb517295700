"""Dumps written so that pouring their rows would make of them what a restore does not."""

import pytest
from poured import Sandbox, table

from nexoaudit.sandbox.confinement import confine
from nexoaudit.sandbox.load import load
from nexoaudit.sandbox.pipe import UnfaithfulError
from nexoaudit.sandbox.pour import Pour
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.script import Script
from nexoaudit.sandbox.server import server

pytestmark = pytest.mark.mariadb

ONE = b"INSERT INTO `t` VALUES (1)"
SETS = (
    b"CREATE FUNCTION f() RETURNS INT DETERMINISTIC BEGIN SET time_zone = '-05:00';"
    b" RETURN 20260101; END"
)


@pytest.mark.parametrize(
    ("columns", "statements", "poured"),
    [
        (
            "a TEXT",
            (
                b"INSERT INTO `t` VALUES ('x'); SET sql_mode = 'NO_BACKSLASH_ESCAPES'; DO 1",
                b"INSERT INTO `t` VALUES ('a\\\\b')",
            ),
            0,
        ),
        (
            "a TIMESTAMP",
            (
                SETS,
                b"INSERT INTO `t` VALUES (f())",
                b"INSERT INTO `t` VALUES ('2026-01-01')",
            ),
            1,
        ),
        ("a TEXT", (b"INSERT INTO `t` VALUES (0x27)", b"INSERT INTO `t` VALUES ('a')"), 1),
        ("a INT", (ONE, b"LOCK TABLES `t` WRITE; DELETE FROM t", ONE, b"UNLOCK TABLES"), 2),
        (
            "a INT",
            (
                b"CREATE TABLE T (a TEXT)",
                b"INSERT INTO `T` VALUES (007)",
                b"INSERT INTO `t` VALUES (007)",
            ),
            1,
        ),
        (
            "a INT AUTO_INCREMENT PRIMARY KEY",
            (
                b"SET sql_mode = ''",
                b"SET auto_increment_increment = 10",
                b"INSERT INTO `t` VALUES (0),(0)",
            ),
            0,
        ),
        (
            "a INT AUTO_INCREMENT PRIMARY KEY",
            (b"SET sql_mode = ''", b"INSERT INTO `t` VALUES (7),(010),(-1)"),
            3,
        ),
        (
            "a INT, b TIMESTAMP(6) DEFAULT NOW(6)",
            (b"SET timestamp = 1000000000", b"INSERT INTO `t` (`a`) VALUES (1)"),
            0,
        ),
        ("a INT, b CHAR(30) DEFAULT CURRENT_USER()", (b"INSERT INTO `t` (`a`) VALUES (1)",), 0),
        ("a INT, b INT", (b"INSERT INTO `t` (`b`, `a`) VALUES (1,2)",), 1),
        ("a INT", (b"SET sql_select_limit = 0", ONE, b"SET sql_select_limit = DEFAULT"), 0),
    ],
)
def test_rows_come_in_as_by_insert(
    sandbox: Sandbox, columns: str, statements: tuple[bytes, ...], poured: int
) -> None:
    ends = b"END;;\nDELIMITER ;"
    sql = table(columns, *statements).replace(
        b"CREATE FUNCTION", b"\nDELIMITER ;;\nCREATE FUNCTION"
    )
    sql = sql.replace(b"END;", ends)
    plain, _ = sandbox.load(sql, fast=False)
    assert sandbox.load(sql, fast=True) == (plain, poured)


@pytest.mark.parametrize(
    "statements",
    [
        (b"LOCK TABLES `nosuch` WRITE", ONE),
        (b"LOCK TABLES `t` READ", ONE),
        (b"CREATE TABLE `u` (a INT)", b"LOCK TABLES `u` WRITE", ONE),
        (b"LOCK TABLES `t` WRITE", ONE, b"CREATE TABLE `u` (a INT)"),
        (b"SET SESSION TRANSACTION READ ONLY", ONE),
        (b"INSERT INTO `t` (`a`, `a`) VALUES (1,2)",),
    ],
    ids=["no-table", "for-reading", "another", "past-the-lock", "read-only", "twice"],
)
def test_what_is_refused_to_the_dump_is_not_done_for_it(
    sandbox: Sandbox, statements: tuple[bytes, ...]
) -> None:
    for fast in (False, True):
        with pytest.raises(AssertionError, match="error='statement'"):
            sandbox.load(
                table("a INT, b INT" if b"`a`, " in statements[0] else "a INT", *statements),
                fast=fast,
            )


@pytest.mark.parametrize(
    "statements",
    [
        (ONE, b"ROLLBACK"),
        (b"START TRANSACTION", ONE, b"ROLLBACK"),
        (b"SAVEPOINT s", ONE, b"ROLLBACK TO s"),
        (ONE, b"EXECUTE IMMEDIATE 'ROLLBACK'"),
        (b"XA START 'x'", ONE, b"XA END 'x'", b"XA ROLLBACK 'x'"),
    ],
    ids=["rollback", "transaction", "savepoint", "prepared", "xa"],
)
def test_a_dump_that_takes_rows_back_is_not_poured(
    sandbox: Sandbox, statements: tuple[bytes, ...]
) -> None:
    with pytest.raises(UnfaithfulError):
        sandbox.load(table("a INT", *statements), fast=True)


def test_nothing_is_poured_into_the_tables_of_the_server_itself() -> None:
    planted = b"INSERT INTO `mysql`.`global_priv` VALUES ('%','planted','{}')"
    with server() as running:
        confined, admin = confine(running)
        with admin, confined.connect(several=True) as session:
            with Pour(confined, session, admin) as pour:
                script = Script([table("a INT", planted)])
                loaded = load(session, script, confined.data, takes=pour.takes)
                pour.end()
            assert (loaded.error, loaded.number) == ("statement", 1142)
            assert ask(admin, "SELECT 1 FROM mysql.global_priv WHERE user = 'planted'") == []
