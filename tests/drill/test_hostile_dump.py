from collections.abc import Callable
from pathlib import Path

import pytest

from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Expect

pytestmark = pytest.mark.mariadb

Restore = Callable[..., Drill]
EXPECT = Expect(tables=("users", "tickets"))


HOSTILE = """
\\! touch {elsewhere}/shell
system touch {elsewhere}/system
CREATE DATABASE IF NOT EXISTS production;
USE production;
DROP DATABASE production;
"""


def test_a_hostile_dump_is_inert(restore: Restore, whole: bytes, short: Path) -> None:
    short.chmod(0o777)
    hostile = HOSTILE.format(elsewhere=short).encode()
    drill = restore(whole.replace(b"\nDROP TABLE IF EXISTS `tickets`", hostile, 1))
    assert drill.outcome == "fail"
    assert {"drill.client_command", "drill.names_schema"} <= set(drill.problems)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'x' INTO OUTFILE '{elsewhere}/out';",
        "SET GLOBAL general_log_file = '{elsewhere}/log';",
        "LOAD DATA INFILE '/etc/passwd' INTO TABLE users;",
    ],
)
def test_reaching_for_files_is_refused(
    restore: Restore, whole: bytes, short: Path, statement: str
) -> None:
    short.chmod(0o777)
    extra = statement.format(elsewhere=short).encode() + b"\n-- Dump completed"
    drill = restore(whole.replace(b"-- Dump completed", extra))
    assert (drill.outcome, drill.reason) == ("fail", "drill.refused")


def test_a_dump_that_names_its_database_is_noted_and_passes(
    restore: Restore, dumps: dict[str, bytes]
) -> None:
    drill = restore(dumps["databases"], expect=EXPECT)
    assert (drill.outcome, drill.problems) == ("pass", ("drill.names_schema",))
    assert "USE `shop`" in drill.detail


def test_a_dump_of_a_whole_server_leaves_our_accounts_alone(
    restore: Restore, dumps: dict[str, bytes]
) -> None:
    drill = restore(dumps["server"], expect=EXPECT)
    assert (drill.outcome, drill.problems) == ("pass", ("drill.names_schema",))
    found = dict(drill.measures)
    assert found["rows.users"] == 100
    assert "rows.mysql_restored.global_priv" in found


def test_server_statements_of_master_data_are_passed_over(restore: Restore, whole: bytes) -> None:
    position = (
        b"CHANGE MASTER TO MASTER_LOG_FILE='mysql-bin.000001', MASTER_LOG_POS=4;\n"
        b"SET GLOBAL gtid_slave_pos='0-1-621';\nFLUSH PRIVILEGES;\n"
    )
    mark = b"/*!40101 SET @OLD_CHARACTER_SET_CLIENT"
    drill = restore(whole.replace(mark, position + mark, 1))
    assert (drill.outcome, drill.detail) == ("pass", "")


@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO mysql.global_priv VALUES ('%', 'planted', '{{"access": 0}}');
CREATE DEFINER = planted@`%` VIEW planted AS SELECT id FROM users;""",
        "DROP TABLE mysql.proc;",
        "ALTER TABLE mysql.proc DROP COLUMN body;",
        "DROP DATABASE mysql;",
    ],
    ids=["planted-account", "no-proc", "other-proc", "no-mysql"],
)
def test_a_dump_that_breaks_its_own_sandbox_fails(
    restore: Restore, whole: bytes, statement: str
) -> None:
    extra = statement.format().encode() + b"\n-- Dump completed"
    drill = restore(whole.replace(b"-- Dump completed", extra))
    assert (drill.outcome, drill.reason) == ("fail", "drill.refused")
    assert drill.detail


ALL = """'{"access": 18446744073709551615}'"""
EVIL = f"""CREATE USER evil@localhost{{and}}
UPDATE mysql.global_priv SET priv = {ALL} WHERE user = 'evil';
ALTER USER evil@localhost IDENTIFIED BY ''{{and}}
DELIMITER ;;
CREATE DEFINER = evil@localhost PROCEDURE p() BEGIN
SET GLOBAL general_log_file = '{{elsewhere}}/log'; SET GLOBAL general_log = ON; END ;;
DELIMITER ;
CALL p();
-- Dump completed"""


@pytest.mark.parametrize("separator", [";", "; DO 1;"])
def test_a_dump_cannot_make_itself_an_account_with_every_privilege(
    restore: Restore, whole: bytes, short: Path, separator: str
) -> None:
    short.chmod(0o777)
    extra = EVIL.replace("{and}", separator).replace("{elsewhere}", str(short)).encode()
    drill = restore(whole.replace(b"-- Dump completed", extra))
    assert (drill.outcome, drill.reason) == ("fail", "drill.refused")


def test_a_dump_of_users_leaves_their_accounts_out_and_says_so(
    restore: Restore, dumps: dict[str, bytes]
) -> None:
    drill = restore(dumps["users"], expect=EXPECT)
    assert (drill.outcome, drill.problems) == ("pass", ("drill.names_schema",))
    assert dict(drill.measures)["accounts_left_out"] >= 5


@pytest.mark.parametrize(
    ("statement", "more"),
    [
        ("FLUSH PRIVILEGES", "{}; {};"),
        ("GRANT USAGE ON *.* TO 'a;b'@c", "{}; {};"),
        ("FLUSH PRIVILEGES", "{} /*'*/; {}; -- '\n;"),
        ("GRANT USAGE ON *.* TO a@c", "SET sql_mode='NO_BACKSLASH_ESCAPES';\n{}, '\\'; {}; DO '';"),
    ],
)
def test_what_follows_a_statement_that_is_left_out_counts(
    restore: Restore, whole: bytes, statement: str, more: str
) -> None:
    end = b"\n-- Dump completed"
    assert restore(whole.replace(end, f"{statement};".encode() + end)).outcome == "pass"
    hiding = more.format(statement, "DELETE FROM tickets").encode()
    drill = restore(whole.replace(end, hiding + end))
    assert drill.outcome == "fail"
    assert {"drill.refused", "drill.load_failed"} & set(drill.problems)


def test_nothing_is_done_twice_for_a_definer_that_is_missing(
    restore: Restore, whole: bytes
) -> None:
    end = b"\n-- Dump completed"
    alone = b"CREATE TABLE u (a INT);\nINSERT INTO u VALUES (1)"
    drill = restore(whole.replace(end, alone + b";\nSELECT * FROM named;" + end))
    assert (drill.outcome, dict(drill.measures)["rows.u"]) == ("pass", 1)
    drill = restore(whole.replace(end, alone + b"; SELECT * FROM named;" + end))
    assert (drill.outcome, drill.reason) == ("fail", "drill.load_failed")


def test_a_dump_of_the_accounts_leaves_ours_alone(
    restore: Restore, dumps: dict[str, bytes]
) -> None:
    drill = restore(dumps["accounts"])
    assert drill.problems == ()
    assert "rows.global_priv" in dict(drill.measures)
