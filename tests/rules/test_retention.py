import pytest

from nexoaudit.assess import assess_components
from nexoaudit.model.copy import Assurance
from nexoaudit.model.policy import ON_CHANGE
from nexoaudit.model.sighting import Stray, Sweep
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


def test_only_copies_that_are_intact_or_wait_for_their_first_read_are_retained(build):
    local = build.dumps("local")
    local[3] = local[3]._replace(verified_ms=0, assurance=Assurance.PRESENT, recorded="")
    found = by_location(judged(build.state([*local, *build.dumps("offsite")]), build.now_ms))
    assert (found["local"].status, found["local"].reason) == (
        Status.UNVERIFIED,
        "retention.unproven",
    )
    assert found["local"].facts["unproven"] == 1
    assert found["offsite"].status is Status.PASS
    local[3] = local[3]._replace(seen_ms=build.now_ms - build.HOUR)
    state = build.state([*local, *build.dumps("offsite")])
    assert worst(judged(state, build.now_ms)) is Status.PASS
    local[3] = local[3]._replace(seen_ms=0)
    del local[5]  # what is gone is told of before what is not proven
    found = by_location(judged(build.state([*local, *build.dumps("offsite")]), build.now_ms))
    assert (found["local"].reason, found["local"].facts["missing"]) == ("retention.gap", 1)


def swept(build, location, stray):
    sweeps = {name: Sweep(name, build.now_ms, "complete") for name in ("local", "offsite")}
    sweeps[location] = sweeps[location]._replace(strays=(stray,))
    return build.state(sweeps=sweeps)


@pytest.mark.parametrize(
    ("kind", "location", "days", "reasons"),
    [
        ("orphan", "local", 13, ["retention.orphan"]),
        ("orphan", "offsite", 13, ["retention.orphan"]),
        ("orphan", "local", 11, []),  # the next run of the job deletes it
        ("stray", "local", 13, ["retention.stray"]),
        ("stray", "offsite", 13, []),  # copies may stay there, too
        ("stray", "local", 3, []),
    ],
)
def test_what_pruning_passes_over_is_told_of_once_it_is_too_old(
    build, kind, location, days, reasons
):
    oldest = build.now_ms - days * build.DAY
    stray = Stray(kind, "database", "full", 2, oldest, ("db_x.sql.gz.old", "db_y.sql.gz.old"))
    found = judged(swept(build, location, stray), build.now_ms)
    told = [v for v in found if v.status is not Status.PASS]
    assert [v.reason for v in told] == reasons
    assert {v.status for v in told} <= {Status.WARN}
    another = swept(build, location, stray._replace(component="files"))
    assert worst(judged(another, build.now_ms)) is Status.PASS


def faded(verdicts):
    return [v for v in verdicts if v.reason == "retention.fading"]


def spoilt(build, newest):
    """Return dumps at both places of which the newest ones hold nothing."""
    bad = {"problems": ("stream.nothing",), "assurance": Assurance.PRESENT}
    return [
        copy._replace(**bad) if copy.time_ms > build.dump(newest).time_ms else copy
        for place in ("local", "offsite")
        for copy in build.dumps(place)
    ]


def test_pruning_that_goes_on_while_dumps_fail_says_when_the_last_good_one_goes(build):
    found = faded(judged(build.state(spoilt(build, 3)), build.now_ms))
    assert {(v.subject, v.status) for v in found} == {
        ("local", Status.WARN),
        ("offsite", Status.WARN),
    }
    assert {v.facts["days"] for v in found} == {6}  # 10 days are kept, it is 3 and 10 hours old
    soon = faded(judged(build.state(spoilt(build, 6)), build.now_ms))
    assert {(v.status, v.facts["days"]) for v in soon} == {(Status.FAIL, 3)}


def test_one_bad_dump_or_a_job_that_stands_still_prunes_nothing(build):
    assert not faded(judged(build.state(spoilt(build, 1)), build.now_ms))
    still = [*build.dumps("local", range(4, 15)), *build.dumps("offsite", range(4, 15))]
    assert not faded(judged(build.state(still), build.now_ms))


def test_dumps_that_do_not_come_while_old_ones_go_are_told_of(build):
    pruned = [*build.dumps("local", range(4, 10)), *build.dumps("offsite", range(4, 15))]
    found = faded(judged(build.state(pruned), build.now_ms))
    assert [(v.subject, v.facts["days"]) for v in found] == [("local", 5)]
    young = build.state(pruned, started_ms=build.now_ms - 9 * build.DAY)
    assert not faded(judged(young, build.now_ms))  # nobody knows what was there before
