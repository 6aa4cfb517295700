import pytest

from nexoaudit.assess import assess_components
from nexoaudit.model.drill import CONTENTS, Drill
from nexoaudit.model.verdict import Status

TIMES = {"age", "duration", "takes", "rto", "loses"}


def drill(build, days, **changes):
    base = Drill("database", "database", build.now_ms - days * build.DAY, 60_000, "pass")
    return base._replace(**changes)


def judged(build, *drills):
    found = assess_components(build.state(drills=drills), build.now_ms, controls=["restore"])
    return {verdict.subject: verdict for verdict in found}


def test_contents_stand_beside_the_restore_and_have_no_time(build):
    alone = judged(build, drill(build, 20))
    found = judged(build, drill(build, 20), drill(build, 1, kind=CONTENTS, duration_ms=10**9))
    assert found[""] == alone[""]
    beside = found[CONTENTS]
    assert (beside.status, beside.reason) == (Status.PASS, "restore.contents")
    assert not TIMES & set(beside.facts)


def test_contents_do_not_answer_whether_a_restore_was_tested(build):
    never = judged(build, drill(build, 1, kind=CONTENTS))
    assert (never[""].status, never[""].reason) == (Status.UNVERIFIED, "restore.never")
    late = judged(build, drill(build, 36), drill(build, 1, kind=CONTENTS))
    assert (late[""].status, late[""].reason) == (Status.WARN, "restore.overdue")


@pytest.mark.parametrize(
    ("outcome", "days", "seen"),
    [
        ("fail", 1, Status.FAIL),
        ("pass", 1, Status.PASS),
        ("unverified", 1, None),
        ("fail", 9, None),  # a restore since then says more
        ("pass", -2, None),  # dated ahead
    ],
)
def test_what_is_newer_than_the_last_restore_counts(build, outcome, days, seen):
    contents = drill(build, days, kind=CONTENTS, outcome=outcome, reason="drill.orphans")
    found = judged(build, drill(build, 5), contents)
    assert found[""].status is Status.PASS
    assert (found[CONTENTS].status if CONTENTS in found else None) is seen


def test_contents_of_one_series_say_nothing_of_another(build):
    component = build.database()
    series = tuple(component.series[0]._replace(id=name) for name in ("day", "week"))
    component = component._replace(series=series)
    base = build.state(drills=(drill(build, 1, kind=CONTENTS, series="week"),))
    state = base._replace(policy=base.policy._replace(components=(component,)))
    found = assess_components(state, build.now_ms, controls=["restore"])
    assert [v.subject for v in found] == ["day", "week", f"{CONTENTS}:week"]
