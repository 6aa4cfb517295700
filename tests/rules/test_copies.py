from nexoaudit.assess import assess_components
from nexoaudit.model.copy import Assurance
from nexoaudit.model.sighting import Sweep
from nexoaudit.model.verdict import Status, worst


def judged(build, copies, now_ms=None, **changes):
    state = build.state(copies, **changes)
    return assess_components(state, now_ms or build.now_ms, controls=["copies"])


def test_live_data_local_and_offsite_make_three_two_one(build):
    (verdict,) = judged(build, None)
    assert verdict.status is Status.PASS
    wanted = {"copies": 3, "media": 2, "offsite": 1}
    assert {name: verdict.facts[name] for name in wanted} == wanted


def test_the_newest_point_missing_offsite_fails_once_its_transfer_is_due(build):
    copies = [*build.dumps("local"), *build.dumps("offsite", range(1, 11))]
    (verdict,) = judged(build, copies)
    assert (verdict.status, verdict.reason) == (Status.FAIL, "copies.short")
    assert verdict.facts["lacking"] == "offsite (missing)"


def test_the_guides_healthy_lag_before_the_transfer_is_green(build):
    copies = [*build.dumps("local"), *build.dumps("offsite", range(1, 11))]
    before_transfer = build.dump(0).time_ms + 3 * build.HOUR  # 05:00, transfer 04:30 + grace
    assert worst(judged(build, copies, before_transfer)) is Status.PASS


def test_an_older_point_with_too_few_copies_warns(build):
    offsite = [copy for copy in build.dumps("offsite") if copy.time_ms != build.dump(4).time_ms]
    (verdict,) = judged(build, [*build.dumps("local"), *offsite])
    assert (verdict.status, verdict.reason) == (Status.WARN, "copies.older_short")
    assert verdict.facts["older"] == build.dump(4).time_ms


def test_only_copies_at_intact_or_above_count(build):
    copies = [
        *build.dumps("local"),
        *(copy._replace(assurance=Assurance.PRESENT) for copy in build.dumps("offsite")),
    ]
    (verdict,) = judged(build, copies)
    assert (verdict.status, verdict.reason) == (Status.UNVERIFIED, "copies.unproven")
    assert verdict.facts["lacking"] == "offsite (unproven)"


def test_a_location_that_cannot_be_listed_is_unverified_not_short(build):
    failure = Sweep("offsite", build.now_ms, "failed", "location.missing", "/offsite")
    verdicts = judged(build, None, failures={"offsite": failure})
    assert {v.reason for v in verdicts} == {"location.missing", "copies.enough"}
    assert worst(verdicts) is Status.UNVERIFIED


def test_no_point_at_all_fails(build):
    assert judged(build, [])[0].reason == "copies.none"


def test_copies_whose_dates_were_renewed_are_still_due(build):
    renewed = [copy._replace(mtime_ms=build.now_ms) for copy in build.dumps("local")]
    (verdict,) = judged(build, renewed)
    assert (verdict.status, verdict.reason) == (Status.FAIL, "copies.short")


def test_a_dump_that_ended_after_the_transfer_is_due_at_the_next(build):
    slow = build.dump(0, mtime_ms=build.dump(0).time_ms + 4 * build.HOUR)
    copies = [*build.dumps("local", range(1, 11)), slow, *build.dumps("offsite", range(1, 11))]
    assert worst(judged(build, copies)) is Status.PASS
