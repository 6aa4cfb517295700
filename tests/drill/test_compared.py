"""A drill against the last good one, by the measures of both."""

from typing import Any

import pytest

from nexoaudit.drill.compared import note_losses
from nexoaudit.drill.record import Record, outcome_of
from nexoaudit.drill.terms import Terms
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Expect

GOOD: dict[str, Any] = {
    "tables": 3,
    "rows": 1405,
    "rows.users": 100,
    "rows.tickets": 1300,
    "rows.roles": 5,
    "views": 2,
    "names.views": "calling, named",
    "triggers": 1,
    "names.triggers": "stamp",
    "routines": 1,
    "names.routines": "tidy",
    "events": 0,
    "schema": "a" * 64,
    "server": "10.11.19-MariaDB",
}


def compared(now: dict[str, Any], then: dict[str, Any] = GOOD, **terms: Any) -> Record:
    record = Record()
    record.measures = now
    before = Drill("database", "database", 1, 1, "pass", path="b", measures=tuple(then.items()))
    note_losses(record, Terms(before=before, **terms))
    return record


def without(*names: str, **other: Any) -> dict[str, Any]:
    return {**{name: value for name, value in GOOD.items() if name not in names}, **other}


def test_the_same_and_more_pass():
    assert compared(GOOD).problems == ()
    more = {**GOOD, "tables": 4, "rows.new": 1, "views": 3, "names.views": "a, calling, named"}
    assert compared(more).problems == ()
    record = Record()
    note_losses(record, Terms())
    assert record.problems == ()


@pytest.mark.parametrize(
    "now",
    [
        without("rows.users", tables=2),
        without(**{"views": 1, "names.views": "named"}),
        without(**{"triggers": 0, "names.triggers": ""}),
        without(**{"routines": 1, "names.routines": "tidier"}),
        without("names.routines", routines=0),
    ],
)
def test_what_is_gone_fails(now):
    record = compared(now)
    assert record.problems == ("drill.objects_gone",)
    assert outcome_of(record.problems) == "fail"


def test_a_table_that_is_left_out_on_purpose_by_now_is_not_gone():
    left_out = Expect(absent=("user*",))
    assert compared(without("rows.users", tables=2), expect=left_out).problems == ()


def test_of_many_tables_a_small_one_may_just_not_be_named():
    assert compared(without("rows.roles", tables=400)).problems == ()


@pytest.mark.parametrize(
    ("table", "rows", "collapsed"),
    [
        ("tickets", 650, False),
        ("tickets", 649, True),
        ("tickets", 0, True),
        ("roles", 1, False),
        ("roles", 0, True),
        ("users", 101, False),
    ],
)
def test_rows_may_fall_to_half_and_no_further(table, rows, collapsed):
    fewer = {**GOOD, f"rows.{table}": rows}
    assert compared(fewer).problems == (("drill.rows_collapsed",) if collapsed else ())
    assert compared(fewer, unsteady=(table,)).problems == ()


def test_many_small_tables_may_collapse_together():
    then = {"tables": 40, "rows": 360, **{f"rows.t{number}": 9 for number in range(40)}}
    now = {"tables": 40, "rows": 40, **{f"rows.t{number}": 1 for number in range(40)}}
    assert compared(now, then).problems == ("drill.rows_collapsed",)
    assert outcome_of(["drill.rows_collapsed"]) == "fail"


def test_another_schema_is_a_note_unless_the_server_is_another_one_too():
    record = compared({**GOOD, "schema": "b" * 64})
    assert (record.problems, outcome_of(record.problems)) == (("drill.schema_changed",), "pass")
    newer = {**GOOD, "schema": "b" * 64, "server": "11.4.2-MariaDB"}
    assert compared(newer).problems == ()


def test_drills_without_digests_and_names_can_be_compared_with():
    old = without("schema", "names.views", "names.triggers", "names.routines")
    assert compared(GOOD, old).problems == ()
    gone = {**GOOD, "triggers": 0, "names.triggers": ""}
    assert compared(gone, old).problems == ("drill.objects_gone",)


def test_accounts_that_nothing_ran_as_before_are_a_note():
    then = {**GOOD, "definers": "app@%, root@localhost"}
    record = compared({**GOOD, "definers": "desk@10.0.0.7, root@localhost"}, then)
    assert record.problems == ("drill.definers_new",)
    assert record.details["drill.definers_new"] == "desk@10.0.0.7"
    assert outcome_of(record.problems) == "pass"
    assert compared({**GOOD, "definers": "root@localhost"}, then).problems == ()


@pytest.mark.parametrize(
    ("now", "then", "garbled"),
    [
        ((100, 21), (100, 0), True),
        ((100, 20), (100, 0), False),  # a fifth may be talk of broken letters
        ((19, 19), (100, 0), False),
        ((100, 90), (100, 4), True),
        ((100, 90), (100, 5), False),  # they were broken before: the copy is a faithful one
        ((100, 90), (19, 0), False),
    ],
)
def test_text_that_came_through_a_wrong_character_set_fails(now, then, garbled):
    accented = [{"text.accented": of, "text.garbled": twice} for of, twice in (now, then)]
    record = compared({**GOOD, **accented[0]}, {**GOOD, **accented[1]})
    assert record.problems == (("drill.garbled",) if garbled else ())
    assert outcome_of(record.problems) == ("fail" if garbled else "pass")
    assert compared({**GOOD, **accented[0]}).problems == ()  # an older drill did not count them
