import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.assess import assess_components
from nexoaudit.model.sighting import Sweep
from nexoaudit.model.verdict import Status, alarm
from nexoaudit.rules.runs import Fate, answers


def judged(build, copies=None, now_ms=None, **changes):
    now_ms = now_ms or build.now_ms
    base = build.state(copies, **changes)
    looks = {name: Sweep(name, now_ms, "complete") for name in base.sweeps}
    (verdict,) = assess_components(base._replace(sweeps=looks), now_ms, controls=["schedule"])
    return verdict


def without(build, *days):
    gone = {build.dump(day).time_ms for day in days}
    return [
        copy
        for copy in [*build.dumps("local"), *build.dumps("offsite")]
        if copy.time_ms not in gone
    ]


def windowed(build, edges):
    """Return windows that are open from `edges[0]` to `edges[1]` o'clock on every day."""
    midnight = build.dump(0).time_ms - 2 * build.HOUR
    found = []
    for day in range(-45, 3):
        found += [midnight + day * build.DAY + hour * build.HOUR for hour in edges]
    return {"database": tuple(found)}


def test_a_run_for_each_slot_is_in_order(build):
    verdict = judged(build)
    assert (verdict.status, verdict.reason) == (Status.PASS, "schedule.in_order")
    assert verdict.facts["slots"] == verdict.facts["on_time"] == 10


def test_a_missed_slot_is_told_of_until_seven_were_in_order(build):
    for day, status in ((1, Status.WARN), (6, Status.WARN), (8, Status.PASS)):
        verdict = judged(build, without(build, day))
        assert (verdict.status, verdict.facts["missed"]) == (status, 1), day
    assert judged(build, without(build, 8)).reason == "schedule.settled"


def test_two_missed_in_a_row_up_to_now_mean_that_the_job_stopped(build):
    verdict = judged(build, without(build, 0, 1))
    assert (verdict.status, verdict.reason) == (Status.FAIL, "schedule.stopped")
    assert (verdict.facts["row"], verdict.facts["first"]) == (2, build.dump(1).time_ms)


def test_a_job_that_fails_every_other_day_is_unreliable(build):
    verdict = judged(build, without(build, 1, 3, 5))
    assert (verdict.status, verdict.reason) == (Status.FAIL, "schedule.unreliable")
    assert judged(build, without(build, 1, 3)).status is Status.WARN


def test_a_damaged_file_is_still_a_run(build):
    copies = [*build.dumps("local", range(1, 11)), build.dump(0, problems=("dump.no_trailer",))]
    assert judged(build, copies).facts["missed"] == 0


def test_a_slot_that_nobody_looked_for_yet_is_not_missed(build):
    state = build.state(without(build, 0))
    looked_before = {name: Sweep(name, build.dump(0).time_ms, "complete") for name in state.sweeps}
    (verdict,) = assess_components(
        state._replace(sweeps=looked_before), build.now_ms, controls=["schedule"]
    )
    assert verdict.facts["missed"] == 0


def test_a_run_that_ends_after_its_grace_is_late(build):
    slow = build.dump(0)
    end = slow.time_ms + 3 * build.HOUR
    late = slow._replace(content_ms=end, mtime_ms=end, seen_ms=end + 1000)
    verdict = judged(build, [*build.dumps("local", range(1, 11)), late])
    assert (verdict.status, verdict.reason) == (Status.WARN, "schedule.late")
    assert verdict.facts["point"] == end


def test_a_renewed_date_does_not_make_a_run_late(build):
    touched = [copy._replace(mtime_ms=build.now_ms) for copy in build.dumps("local")]
    assert judged(build, touched).status is Status.PASS


def test_a_second_good_run_in_one_slot_is_twice(build):
    again = build.dump(0)._replace(
        time_ms=build.dump(0).time_ms + 60_000, path="db_20261120_020100.sql.gz"
    )
    verdict = judged(build, [*build.dumps("local"), again])
    assert (verdict.status, verdict.reason) == (Status.WARN, "schedule.twice")


def test_an_extra_dump_by_hand_later_that_day_is_not_twice(build):
    by_hand = build.dump(0)._replace(
        time_ms=build.dump(0).time_ms + 8 * build.HOUR, path="db_20261120_100000.sql.gz"
    )
    assert judged(build, [*build.dumps("local"), by_hand]).status is Status.PASS


@pytest.mark.parametrize(
    ("edges", "status"), [((2, 4), Status.PASS), ((3, 4), Status.WARN), ((0, 24), Status.PASS)]
)
def test_a_run_outside_its_window_is_told_of(build, edges, status):
    assert judged(build, windows=windowed(build, edges)).status is status


def test_a_job_without_fixed_times_is_not_asked(build, with_component):
    state = with_component(build.state(), build.database(schedule="on-change"))
    assert assess_components(state, build.now_ms, controls=["schedule"]) == ()


@given(gone=st.sets(st.integers(0, 10)), hours=st.integers(0, 200))
def test_every_slot_has_exactly_one_fate_and_misses_do_not_heal(build, gone, hours):
    state = build.state(without(build, *gone))
    later_ms = build.now_ms + hours * build.HOUR
    looks = {name: Sweep(name, later_ms, "complete") for name in state.sweeps}
    state = state._replace(sweeps=looks)
    component = state.policy.components[0]
    (series,) = component.series

    def fates(now_ms):
        return {a.slot_ms: a.fate for a in answers(state, component, series, now_ms)}

    early, late = fates(build.now_ms), fates(later_ms)
    assert set(early.values()) <= set(Fate)
    for slot in early.keys() & late.keys():
        if early[slot] is Fate.MISSED:
            assert late[slot] is Fate.MISSED


@given(gone=st.sets(st.integers(1, 9)))
def test_more_missed_slots_are_never_better(build, gone):
    fewer = judged(build, without(build, *list(gone)[1:]))
    more = judged(build, without(build, *gone))
    assert more.facts["missed"] >= fewer.facts["missed"]
    assert alarm(more.status) >= 0
