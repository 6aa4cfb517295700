from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nexoaudit.drill.contents import drill_contents
from nexoaudit.drill.terms import Terms
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import CONTENTS, Drill
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Expect

pytestmark = pytest.mark.mariadb

Restore = Callable[..., Drill]
SECRET = b"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE `users` (`name`);\n"
NOTHING = Expect()
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def pour(tmp_path: Path, short: Path, as_copy: Callable[[Path], Copy]) -> Restore:
    """Return a function that tests the contents of SQL, and checks that nothing stays."""

    def drill(sql: bytes, expect: Expect = NOTHING, **more: Any) -> Drill:
        dump = tmp_path / "d.sql"
        dump.write_bytes(sql)
        place = Location("disk", str(tmp_path))
        terms = Terms(expect, rto_s=1)._replace(**more)
        result = drill_contents(place, as_copy(dump), terms, now=NOW, parent=short)
        assert list(short.iterdir()) == []
        return result

    return drill


def test_it_proves_the_same_contents_as_a_restore(
    pour: Restore, restore: Restore, whole: bytes
) -> None:
    fast, plain = pour(whole), restore(whole)
    assert (fast.kind, fast.outcome, fast.problems) == (CONTENTS, "pass", ())
    assert [step.name for step in fast.steps] == [step.name for step in plain.steps]
    found, usual = dict(fast.measures), dict(plain.measures)
    assert (found.pop("mode"), found.pop("poured")) == ("fast", 400)
    assert usual.pop("rto_ms")
    assert found == usual


@pytest.mark.parametrize("made", ["server", "databases", "quiet"])
def test_dumps_made_otherwise_hold_the_same(
    pour: Restore, restore: Restore, dumps: dict[str, bytes], made: str
) -> None:
    fast, plain = dict(pour(dumps[made]).measures), dict(restore(dumps[made]).measures)
    assert fast.pop("mode") == "fast"
    assert int(fast.pop("poured")) >= 400
    assert plain.pop("rto_ms")
    assert fast == plain


def test_its_time_is_held_against_nothing(pour: Restore, whole: bytes) -> None:
    drill = pour(whole, rto_s=1)
    assert (drill.outcome, dict(drill.measures).get("rto_ms")) == ("pass", None)


def test_what_is_wrong_with_contents_is_found(pour: Restore, whole: bytes) -> None:
    orphaned = whole.replace(b"\n(99,'\xc3\x91", b"\n(990,'\xc3\x91")
    cut = whole[: whole.index(b"INSERT INTO `tickets`") + 500]
    for sql, reason in ((orphaned, "drill.orphans"), (cut, "drill.no_trailer")):
        drill = pour(sql)
        assert (drill.kind, drill.outcome, drill.reason) == (CONTENTS, "fail", reason)
    assert pour(whole, Expect(tables=("roles",))).reason == "drill.tables_missing"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("\n(7,'Ñand", "\n(6,'Ñand", "drill.load_failed"),
        ("\n(7,'Ñand", "\n(70000000000,'Ñand", "drill.orphans"),
    ],
)
def test_rows_that_do_not_come_in_as_they_are_are_restored_as_they_should_be(
    pour: Restore, whole: bytes, before: str, after: str, reason: str
) -> None:
    drill = pour(whole.replace(before.encode(), after.encode()))
    assert (drill.kind, drill.outcome, drill.reason) == ("database", "fail", reason)
    assert "mode" not in dict(drill.measures)


def test_a_dump_that_asks_for_a_file_gets_none(pour: Restore, whole: bytes) -> None:
    drill = pour(whole.replace(b"UNLOCK TABLES;\n", SECRET, 1))
    assert (drill.outcome, drill.reason) == ("fail", "drill.refused")
    assert "root" not in str(drill)


def test_a_server_that_takes_too_long_is_given_up_in_the_middle_of_a_table(
    pour: Restore, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nexoaudit.drill.database.deadline_of", lambda _rto_s: 0.0)
    drill = pour(whole)
    assert (drill.kind, drill.outcome, drill.reason) == (CONTENTS, "fail", "drill.rto_exceeded")
