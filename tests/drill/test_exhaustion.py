"""Dumps that would take the host with them."""

from collections.abc import Callable

import pytest

from nexoaudit.drill import box
from nexoaudit.model.drill import Drill
from nexoaudit.sandbox.server import REDO_BYTES
from nexoaudit.sandbox.watch import Limits

pytestmark = pytest.mark.mariadb

Restore = Callable[..., Drill]
MIB = 1 << 20
HEAD = b"CREATE TABLE t (a LONGTEXT);\nINSERT INTO t VALUES (REPEAT('x', 1000000));\n"
DOUBLE = b"INSERT INTO t SELECT * FROM t;\n"
END = b"-- Dump completed\n"

ENDLESS = b"""CREATE TABLE t (a INT);
DELIMITER ;;
CREATE TRIGGER forever BEFORE INSERT ON t FOR EACH ROW BEGIN
WHILE TRUE DO SET NEW.a = NEW.a + 1; END WHILE;
END ;;
DELIMITER ;
INSERT INTO t VALUES (0);
"""


def test_one_that_grows_without_measure_is_refused(
    restore: Restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "LIMITS", Limits(disk_bytes=76 * MIB + REDO_BYTES))
    assert restore(HEAD + 2 * DOUBLE + END).outcome == "pass"
    drill = restore(HEAD + 6 * DOUBLE + END)
    assert (drill.outcome, drill.reason) == ("fail", "drill.refused")
    assert "0 MiB of SQL had grown to" in drill.detail
    assert drill.sha256


def test_one_that_takes_too_much_memory_is_refused(
    restore: Restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "LIMITS", Limits(memory_bytes=300 * MIB))
    assert restore(HEAD + END).outcome == "pass"
    drill = restore(HEAD + b"SET @a = REPEAT('x', 300000000);\n" + END)
    assert (drill.outcome, drill.reason) == ("fail", "drill.refused")
    assert "MiB of memory" in drill.detail


def test_a_table_in_memory_stays_small_whatever_the_dump_sets(restore: Restore) -> None:
    sql = b"CREATE TABLE t (a CHAR(255)) ENGINE=MEMORY;\nINSERT INTO t VALUES ('x');\n"
    assert restore(sql + 10 * DOUBLE + END).outcome == "pass"
    drill = restore(sql + b"SET max_heap_table_size = 1 << 40;\n" + 20 * DOUBLE + END)
    assert (drill.outcome, drill.reason) == ("fail", "drill.load_failed")
    assert "is full" in drill.detail


def test_a_disk_that_fills_meanwhile_is_unverified(
    restore: Restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "LIMITS", Limits(free_bytes=1 << 62))
    drill = restore(HEAD + END)
    assert (drill.outcome, drill.reason) == ("unverified", "drill.no_space")


@pytest.mark.parametrize("sql", [b"DO SLEEP(100000);\n", ENDLESS], ids=["sleep", "trigger"])
def test_a_statement_without_end_is_ended(
    restore: Restore, monkeypatch: pytest.MonkeyPatch, sql: bytes
) -> None:
    monkeypatch.setattr(box, "MOST_RTOS", 0)
    monkeypatch.setattr(box, "LEAST_DEADLINE_S", 3.0)
    drill = restore(sql + END)
    assert (drill.outcome, drill.reason) == ("fail", "drill.rto_exceeded")
    assert drill.detail.startswith("stopped after")
