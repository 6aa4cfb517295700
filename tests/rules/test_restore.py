import pytest

from nexoaudit.assess import Limits, assess_components
from nexoaudit.model.drill import Drill
from nexoaudit.model.verdict import Status


def judged(build, *drills):
    (verdict,) = assess_components(build.state(drills=drills), build.now_ms, controls=["restore"])
    return verdict


def drill(build, **changes):
    base = Drill("database", "database", build.now_ms - 10 * build.DAY, 60_000, "pass")
    return base._replace(**changes)


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({}, Status.PASS, "restore.proven"),
        ({"outcome": "fail"}, Status.FAIL, "restore.failed"),
        ({"outcome": "unverified"}, Status.UNVERIFIED, "restore.not_run"),
        ({"outcome": "nonsense"}, Status.UNVERIFIED, "restore.not_run"),
        ({"duration_ms": 5 * 3_600_000}, Status.FAIL, "restore.too_slow"),
        ({"kind": "files"}, Status.UNVERIFIED, "restore.never"),
    ],
)
def test_the_newest_drill_decides(build, changes, status, reason):
    verdict = judged(build, drill(build, **changes))
    assert (verdict.status, verdict.reason) == (status, reason)


def test_an_old_success_goes_yellow_then_red(build):
    for days, status in ((34, Status.PASS), (36, Status.WARN), (71, Status.FAIL)):
        old = drill(build, started_ms=build.now_ms - days * build.DAY)
        assert judged(build, old).status is status


def test_never_restored_is_not_green(build):
    assert judged(build).status is Status.UNVERIFIED


def test_what_could_not_be_run_keeps_the_last_good_one_in_mind(build):
    good = drill(build, started_ms=build.now_ms - 20 * build.DAY)
    verdict = judged(build, good, drill(build, outcome="unverified", reason="drill.no_space"))
    assert (verdict.status, verdict.reason) == (Status.UNVERIFIED, "restore.not_run_again")
    assert verdict.facts["good"] == good.started_ms


def test_a_drill_of_each_quarter_may_be_as_old_as_its_schedule_says(build):
    old = drill(build, started_ms=build.now_ms - 90 * build.DAY)
    slots = {"auditor.drill": tuple(build.now_ms + n * 92 * build.DAY for n in (0, 1))}
    state = build.state(drills=(old,))
    for state_, status in ((state, Status.FAIL), (state._replace(slots=slots), Status.PASS)):
        (verdict,) = assess_components(state_, build.now_ms, controls=["restore"])
        assert verdict.status is status


def test_limits_of_the_check_replace_the_schedule(build):
    state = build.state(drills=(drill(build),))
    for limits, status in (
        (Limits(warn_ms=9 * build.DAY), Status.WARN),
        (Limits(warn_ms=8 * build.DAY, fail_ms=9 * build.DAY), Status.FAIL),
        (Limits(fail_ms=400 * build.DAY), Status.PASS),
    ):
        (verdict,) = assess_components(state, build.now_ms, controls=["restore"], limits=limits)
        assert verdict.status is status


def test_another_kind_of_drill_is_judged_beside(build):
    other = drill(build, kind="another", outcome="fail", reason="drill.empty")
    state = build.state(drills=(drill(build), other))
    main, beside = assess_components(state, build.now_ms, controls=["restore"])
    assert (main.reason, main.subject) == ("restore.proven", "")
    assert (beside.reason, beside.subject) == ("restore.failed", "another")


def test_what_would_have_been_lost_counts_from_the_newest_row(build):
    rows = drill(build, point_ms=build.now_ms - 11 * build.DAY)
    newest = (("newest_ms", build.now_ms - 12 * build.DAY),)
    assert judged(build, rows).facts["loses"] == build.DAY
    assert judged(build, rows._replace(measures=newest)).facts["loses"] == 2 * build.DAY


def logged(build, *drills, databases=("database",)):
    parts = tuple(build.database(id=name) for name in databases)
    logs = build.database(id="binlog", kind="binlog")
    base = build.state(drills=drills)
    state = base._replace(policy=base.policy._replace(components=(*parts, logs)))
    found = assess_components(state, build.now_ms, controls=["restore"])
    return {v.subject: (v.status, v.reason) for v in found if v.component == "binlog"}


def test_binary_logs_are_drilled_to_a_moment(build):
    moment = drill(build, kind="point-in-time", component="binlog", of="database")
    assert logged(build) == {"": (Status.UNVERIFIED, "restore.never")}
    assert logged(build, moment) == {"": (Status.PASS, "restore.proven")}
    exact = moment._replace(measures=(("exact_tables", 12),))
    assert logged(build, exact) == {"": (Status.PASS, "restore.exact")}
    slow = exact._replace(duration_ms=build.DAY)
    assert logged(build, slow) == {"": (Status.FAIL, "restore.too_slow")}
    failed = moment._replace(outcome="fail", started_ms=build.now_ms)
    assert logged(build, moment, failed) == {"": (Status.FAIL, "restore.failed")}
    assert logged(build, moment, databases=()) == {}


def test_a_drill_of_one_database_does_not_stand_for_another(build):
    moment = drill(build, kind="point-in-time", component="binlog", of="one")
    assert logged(build, moment, databases=("one", "two")) == {
        "one": (Status.PASS, "restore.proven"),
        "two": (Status.UNVERIFIED, "restore.never"),
    }
