import pytest

from nexoaudit.assess import (
    COMPONENT_CONTROLS,
    NO_LIMITS,
    STANDING,
    Limits,
    assess_components,
)
from nexoaudit.model.policy import ON_CHANGE
from nexoaudit.model.sighting import Sweep
from nexoaudit.model.state import Change
from nexoaudit.model.verdict import Status


def age(state, now_ms, limits=NO_LIMITS):
    (verdict,) = assess_components(state, now_ms, controls=["age"], limits=limits)
    return verdict


def test_the_guides_daily_dump_warns_after_25_hours_and_fails_after_49(build):
    state = build.state()
    taken = build.dump(0).time_ms
    minute = 60_000
    table = {
        25 * build.HOUR: Status.PASS,
        25 * build.HOUR + minute: Status.WARN,
        49 * build.HOUR: Status.WARN,
        49 * build.HOUR + minute: Status.FAIL,
    }
    for after, status in table.items():
        verdict = age(state, taken + after)
        assert verdict.status is status, after
        assert verdict.facts["warn"] == 25 * build.HOUR
        assert verdict.facts["fail"] == 49 * build.HOUR


def test_a_damaged_dump_is_no_recovery_point(build):
    copies = [copy for copy in build.dumps("local") if copy.time_ms != build.dump(0).time_ms]
    copies.append(build.dump(0, problems=("dump.no_trailer",)))
    verdict = age(build.state(copies), build.now_ms)
    assert (verdict.status, verdict.reason) == (Status.WARN, "age.late")
    assert verdict.facts["newest"] == build.dump(1).time_ms


def test_a_point_without_its_checksum_file_still_counts(build):
    copies = [build.dump(0, problems=("sidecar.missing",))]
    assert age(build.state(copies), build.now_ms).status is Status.PASS


def test_a_dump_that_is_being_written_is_neither_fault_nor_point(build):
    copies = [build.dump(1), build.dump(0, finished=False)]
    assert age(build.state(copies), build.now_ms).facts["newest"] == build.dump(1).time_ms


def test_nothing_at_all_is_a_failure(build):
    assert age(build.state([]), build.now_ms).reason == "age.none"


def test_limits_of_a_check_replace_the_schedule(build):
    state = build.state()
    ten_hours = 10 * build.HOUR
    for limits, status in (
        (Limits(ten_hours + 1, ten_hours + 2), Status.PASS),
        (Limits(ten_hours - 1, ten_hours + 2), Status.WARN),
        (Limits(1, ten_hours - 1), Status.FAIL),
        (Limits(0, None), Status.WARN),
    ):
        assert age(state, build.now_ms, limits).status is status


def test_a_backup_on_change_may_be_old_but_not_older_than_the_change(build, with_component):
    config = build.database(schedule=ON_CHANGE, grace_s=3600, watch=("/etc/x",))
    newest = build.dump(0).time_ms
    table = (
        (newest - 1, newest + 400 * build.DAY, Status.PASS),
        (newest + build.HOUR, newest + 2 * build.HOUR, Status.PASS),
        (newest + build.HOUR, newest + 2 * build.HOUR + 1, Status.WARN),
        (newest + build.HOUR, newest + 26 * build.HOUR + 1, Status.FAIL),
    )
    for changed, now_ms, status in table:
        changes = {"database": Change("database", now_ms, changed)}
        state = with_component(build.state(changes=changes), config)
        assert age(state, now_ms).status is status


def test_an_unknown_change_is_never_green(build, with_component):
    config = build.database(schedule=ON_CHANGE, watch=("/etc/x",))
    failed = Change("database", build.now_ms, 0, "failed", "/etc/x: Permission denied")
    for changes in ({}, {"database": failed}):
        state = with_component(build.state(changes=changes), config)
        assert age(state, build.now_ms).status is Status.UNVERIFIED
    unwatched = with_component(build.state(), config._replace(watch=()))
    assert age(unwatched, build.now_ms).reason == "age.no_watch"


def test_code_is_safe_when_the_deployed_commit_is_in_the_repository(build, with_component):
    code = build.database(
        id="code", schedule=ON_CHANGE, series=(), repository="/srv/x.git", deployed="/var/www/x"
    )
    for saved, status in ((True, Status.PASS), (False, Status.FAIL)):
        change = Change("code", build.now_ms, build.now_ms - 9 * build.DAY, saved=saved)
        state = with_component(build.state(changes={"code": change}), code)
        assert age(state, build.now_ms).status is status


def test_a_location_that_cannot_be_listed_is_unverified_and_keeps_the_last_date(build):
    failure = Sweep("local", build.now_ms, "failed", "location.unreadable", "Permission denied")
    both = {"local": failure, "offsite": failure._replace(location="offsite")}
    verdicts = assess_components(build.state(failures=both), build.now_ms, controls=["age"])
    assert {v.status for v in verdicts} == {Status.UNVERIFIED, Status.PASS}
    one = assess_components(
        build.state(failures={"local": failure}), build.now_ms, controls=["age"]
    )
    assert {v.status for v in one} == {Status.PASS}  # the other location answers


def test_an_unconfigured_component_is_listed_for_every_control(build, with_component):
    state = with_component(build.state(), build.database(series=()))
    verdicts = assess_components(state, build.now_ms)
    assert {v.status for v in verdicts} == {Status.UNCONFIGURED}
    assert {v.control for v in verdicts} == set(COMPONENT_CONTROLS) - STANDING - {
        "binlog",
        "jobs",
        "logs",
        "server",
    }


def test_one_series_never_stands_for_another(build, with_component):
    two = build.database()
    two = two._replace(series=(two.series[0], two.series[0]._replace(id="second")))
    copies = [*build.dumps("local"), build.dump(1, series="second")]
    state = with_component(build.state(copies), two)
    verdicts = assess_components(state, build.now_ms, controls=["age", "restore"])
    found = {(v.control, v.subject): v.status for v in verdicts}
    assert found["age", "full"] is Status.PASS
    assert found["age", "second"] is Status.WARN
    assert found["restore", "second"] is Status.UNVERIFIED


@pytest.mark.parametrize(
    ("hours", "status"), [(0.5, Status.PASS), (2, Status.WARN), (26, Status.FAIL)]
)
def test_deployed_files_that_were_never_committed_are_unsaved(build, with_component, hours, status):
    code = build.database(id="code", kind="code", schedule=ON_CHANGE, repository="/srv/git")
    changed = build.now_ms - int(hours * build.HOUR)
    change = Change("code", build.now_ms, changed, detail="abc", saved=True, differing=2, first="a")
    state = with_component(build.state(), code)._replace(changes={"code": change})
    (verdict,) = assess_components(state, build.now_ms, controls=["age"])
    assert (verdict.status, verdict.reason) == (status, "age.code_differs")
    assert (verdict.facts["count"], verdict.facts["name"]) == (2, "a")
