from collections.abc import Callable

import pytest

from nexoaudit.model.drill import Drill

pytestmark = pytest.mark.mariadb

Restore = Callable[..., Drill]


def without_rows(sql: bytes, *tables: bytes) -> bytes:
    """Return a dump without the rows of these tables."""
    for table in tables:
        head, _, rest = sql.partition(b"\nINSERT INTO `" + table + b"`")
        sql = head + rest[rest.index(b";\n") + 1 :]
    return sql


def test_tables_without_any_row_fail(restore: Restore, whole: bytes) -> None:
    drill = restore(without_rows(whole, b"users", b"tickets"))
    assert (drill.outcome, drill.reason) == ("fail", "drill.no_rows")
    assert dict(drill.measures)["rows"] == 0


def test_one_empty_table_among_others_passes(restore: Restore, whole: bytes) -> None:
    drill = restore(without_rows(whole, b"tickets"))
    assert (drill.outcome, drill.problems) == ("pass", ())
    assert dict(drill.measures)["rows"] == 100


def test_the_accounts_of_a_server_do_not_stand_for_its_rows(
    restore: Restore, dumps: dict[str, bytes]
) -> None:
    drill = restore(without_rows(dumps["server"], b"users", b"tickets"))
    assert (drill.outcome, drill.reason) == ("fail", "drill.no_rows")
