from nexoaudit.assess import assess_components
from nexoaudit.model.policy import ON_CHANGE
from nexoaudit.model.verdict import Status, worst


def judged(state, now_ms):
    return assess_components(state, now_ms, controls=["retention"])


def by_location(verdicts):
    return {verdict.subject: verdict for verdict in verdicts}


def test_a_point_for_every_slot_passes_at_each_location(build):
    found = by_location(judged(build.state(), build.now_ms))
    assert {v.status for v in found.values()} == {Status.PASS}
    assert found["local"].facts["expected"] == found["offsite"].facts["expected"] == 9


def test_a_day_without_a_point_is_a_gap_where_it_lacks(build):
    local = [copy for copy in build.dumps("local") if copy.time_ms != build.dump(5).time_ms]
    found = by_location(judged(build.state([*local, *build.dumps("offsite")]), build.now_ms))
    assert found["local"].status is Status.FAIL
    assert found["local"].facts["missing"] == 1
    assert found["local"].facts["first"] == build.dump(5).time_ms
    assert found["offsite"].status is Status.PASS


def test_an_empty_or_damaged_file_is_not_retained(build):
    local = build.dumps("local")
    local[3] = local[3]._replace(size=0, problems=("stream.empty",))
    found = by_location(judged(build.state([*local, *build.dumps("offsite")]), build.now_ms))
    assert found["local"].reason == "retention.gap"


def test_slots_before_the_policy_began_are_not_asked_for(build, with_component):
    few = [*build.dumps("local", range(3)), *build.dumps("offsite", range(3))]
    assert worst(judged(build.state(few), build.now_ms)) is Status.FAIL
    since = build.database(since_ms=build.dump(2).time_ms - build.HOUR)
    assert worst(judged(with_component(build.state(few), since), build.now_ms)) is Status.PASS


def test_find_mtime_keeps_a_day_more_and_that_is_green(build):
    copies = [*build.dumps("local", range(12)), *build.dumps("offsite")]
    assert worst(judged(build.state(copies), build.now_ms)) is Status.PASS


def test_copies_kept_too_long_warn_but_may_stay_offsite(build):
    long = range(16)
    here = by_location(
        [
            v
            for v in judged(
                build.state([*build.dumps("local", long), *build.dumps("offsite")]), build.now_ms
            )
            if v.status is not Status.PASS
        ]
    )
    assert {name: v.reason for name, v in here.items()} == {"local": "retention.over"}
    assert here["local"].facts["over"] == 4
    there = judged(
        build.state([*build.dumps("local"), *build.dumps("offsite", long)]), build.now_ms
    )
    assert worst(there) is Status.PASS


def test_two_points_in_one_slot_do_not_fill_the_next(build):
    local = build.dumps("local")
    moved = local[4]._replace(time_ms=local[3].time_ms + build.HOUR)
    copies = [*local[:4], moved, *local[5:], *build.dumps("offsite")]
    found = by_location(judged(build.state(copies), build.now_ms))
    assert found["local"].facts["missing"] == 1


def test_a_component_without_fixed_times_needs_at_least_one_version(build, with_component):
    config = build.database(schedule=ON_CHANGE)
    assert worst(judged(with_component(build.state(), config), build.now_ms)) is Status.PASS
    empty = judged(with_component(build.state([]), config), build.now_ms)
    assert {v.reason for v in empty} == {"retention.none"}


def test_the_newest_slot_is_late_first_and_lost_only_after_the_next(build):
    copies = [*build.dumps("local", range(1, 11)), *build.dumps("offsite", range(1, 11))]
    state = build.state(copies)
    assert worst(judged(state, build.now_ms)) is Status.PASS
    tomorrow = build.dump(0).time_ms + build.DAY + 6 * build.HOUR
    assert worst(judged(state, tomorrow)) is Status.FAIL


def test_nothing_kept_is_never_green_even_before_the_second_slot(build, with_component):
    since = build.database(since_ms=build.dump(0).time_ms - build.HOUR)
    found = judged(with_component(build.state([]), since), build.now_ms)
    assert {v.reason for v in found} == {"retention.none"}


def test_a_weekly_job_prunes_weekly_and_that_is_green(build):
    weekly = [build.dump(day) for day in (20, 13, 6)]  # keep is 10 days
    (over,) = [v for v in judged(build.state(weekly), build.now_ms) if v.reason == "retention.over"]
    assert over.facts["over"] == 1  # 20 days old, and the run 6 days ago should have pruned it
    before_next_run = [build.dump(day) for day in (17, 10, 6)]
    reasons = {v.reason for v in judged(build.state(before_next_run), build.now_ms)}
    assert "retention.over" not in reasons
