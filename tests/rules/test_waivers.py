"""Waivers: what they cover, what breaks through, and how they end by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.assess import assess_auditor, assess_components, assess_site, assess_staleness
from nexoaudit.model.statement import Waiver
from nexoaudit.model.verdict import Status, Verdict, alarm
from nexoaudit.rules.waivers import waived

DAY = 86_400_000


@pytest.fixture
def waiver(build):
    return Waiver(
        "0123456789ab", build.now_ms - 20 * DAY, "ana@example.com", "signed", 9,
        "copies", "database", "", ("copies.short",), "fail", build.now_ms + 30 * DAY,
        "a second store is ordered", "A. Person",
    )  # fmt: skip


@pytest.fixture
def short(build):
    """Judge the copies of a site whose newest point never went off-site."""

    def run(*waivers, now_ms=build.now_ms, **changes):
        copies = [*build.dumps("local"), *build.dumps("offsite", range(1, 11))]
        state = build.state(copies, waivers=waivers, **changes)
        (verdict,) = assess_components(state, now_ms, controls=["copies"])
        return verdict

    return run


def test_a_waived_failure_says_who_answers_for_it_and_until_when(build, short, waiver):
    told = short()
    verdict = short(waiver)
    assert (told.status, told.reason) == (Status.FAIL, "copies.short")
    assert (verdict.status, verdict.reason) == (Status.WAIVED, "copies.short")
    added = {name: verdict.facts[name] for name in verdict.facts if name not in told.facts}
    assert added == {
        "waiver": "0123456789ab",
        "waiver_owner": "A. Person",
        "waiver_reason": "a second store is ordered",
        "waiver_until": build.now_ms + 30 * DAY,
        "waived": "fail",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"control": "age"},
        {"component": "uploads"},
        {"component": ""},
        {"subject": "offsite"},
        {"reasons": ("copies.older_short",)},
        {"status": "warn"},
        {"status": "unverified"},
        {"standing": "unsigned"},
        {"standing": "bad"},
        {"standing": "unchecked"},
        {"standing": "ahead"},
    ],
)
def test_what_a_waiver_does_not_cover_is_told_as_ever(short, waiver, change):
    assert short(waiver._replace(**change)) == short()


def test_a_waiver_of_tomorrow_covers_nothing_yet(build, short, waiver):
    assert short(waiver._replace(stated_ms=build.now_ms + 6 * 60_000)) == short()
    assert short(waiver._replace(stated_ms=build.now_ms + 4 * 60_000)).status is Status.WAIVED


def test_a_waiver_ends_by_itself_and_the_verdict_says_so(build, short, waiver):
    last_ms = build.now_ms
    assert short(waiver._replace(until_ms=last_ms + 1)).status is Status.WAIVED
    verdict = short(waiver._replace(until_ms=last_ms))
    assert verdict.status is Status.FAIL
    assert (verdict.facts["waiver"], verdict.facts["waiver_ended"]) == (waiver.id, last_ms)
    renewed = waiver._replace(id="new")
    assert short(waiver._replace(until_ms=last_ms), renewed).facts["waiver"] == "new"


def test_what_is_well_is_no_matter_of_waivers(build, waiver):
    state = build.state(waivers=(waiver._replace(reasons=("copies.enough",)),))
    (verdict,) = assess_components(state, build.now_ms, controls=["copies"])
    assert verdict.status is Status.PASS
    assert "waiver" not in verdict.facts


def test_what_is_not_configured_is_to_be_configured(build, waiver, with_component):
    state = with_component(build.state(), build.database(series=()))
    covering = waiver._replace(reasons=("component.unconfigured",))
    state = state._replace(waivers=(covering,))
    (verdict,) = assess_components(state, build.now_ms, controls=["copies"])
    assert verdict.status is Status.UNCONFIGURED


def test_the_site_as_a_whole_can_be_waived_by_subject(build, waiver):
    state = build.state()
    disks = {name: disk._replace(percent=1, free=1) for name, disk in state.disks.items()}
    low = waiver._replace(
        control="storage", component="", subject="local", reasons=("storage.low",), status="fail"
    )
    found = assess_site(state._replace(disks=disks, waivers=(low,)), build.now_ms, ["storage"])
    by_place = {(v.subject, v.reason): v.status for v in found}
    assert by_place["local", "storage.low"] is Status.WAIVED
    assert by_place["offsite", "storage.low"] is Status.FAIL


def test_a_component_of_parts_stands_as_its_waived_part_does(build, short, waiver):
    parts = build.database(id="system", kind="system", series=(), parts=("database",))
    copies = [*build.dumps("local"), *build.dumps("offsite", range(1, 11))]
    state = build.state(copies, waivers=(waiver,))
    policy = state.policy._replace(components=(*state.policy.components, parts))
    state = state._replace(policy=policy)
    (verdict,) = assess_components(state, build.now_ms, controls=["copies"], components=["system"])
    assert (verdict.status, verdict.facts["waiver_owner"]) == (Status.WAIVED, "A. Person")


def test_the_auditor_cannot_be_waived(build, waiver):
    reasons = ("auditor.late", "auditor.stale", "auditor.config_unreadable")
    state = build.state(
        heartbeat_ms=build.now_ms - 2 * build.HOUR,
        waivers=(waiver._replace(control="auditor", component="", reasons=reasons),),
    )
    found = assess_auditor(state, build.now_ms, None)
    assert {v.status for v in found} == {Status.FAIL, Status.UNVERIFIED}
    (stale,) = assess_staleness(state, build.now_ms)
    assert stale.status is Status.UNVERIFIED
    assert waived(state, stale, build.now_ms) is stale


@pytest.mark.parametrize(("days", "told"), [(8, False), (7, True), (1, True), (0, False)])
def test_the_auditor_tells_of_a_waiver_that_is_about_to_end(build, waiver, days, told):
    state = build.state(waivers=(waiver._replace(until_ms=build.now_ms + days * DAY),))
    found = [
        (verdict.status, verdict.facts["about"])
        for verdict in assess_auditor(state, build.now_ms, "c" * 64)
        if verdict.reason == "auditor.waiver_ends"
    ]
    assert found == ([(Status.WARN, "database copies")] if told else [])


def test_a_short_waiver_does_not_warn_from_its_first_day(build, waiver):
    short = waiver._replace(stated_ms=build.now_ms, until_ms=build.now_ms + 4 * DAY)
    state = build.state(waivers=(short,))
    for day, told in ((0, False), (1, False), (2, True), (3, True)):
        found = assess_auditor(state, build.now_ms + day * DAY, "c" * 64)
        assert ("auditor.waiver_ends" in {v.reason for v in found}) is told


def test_a_waiver_that_does_not_count_is_shown(build, waiver):
    state = build.state(waivers=(waiver._replace(standing="bad", detail="incorrect signature"),))
    found = {v.reason: v for v in assess_auditor(state, build.now_ms, "c" * 64)}
    assert found["statement.bad"].status is Status.WARN
    assert found["statement.bad"].facts["detail"] == "incorrect signature"


@given(
    status=st.sampled_from(Status),
    most=st.sampled_from(["warn", "unverified", "fail"]),
    age=st.integers(-3, 3),
    left=st.integers(-3, 3),
    standing=st.sampled_from(["signed", "plain", "unsigned", "bad"]),
)
def test_nothing_is_waived_that_is_graver_or_at_another_time(
    build, status, most, age, left, standing
):
    now_ms = build.now_ms
    item = Waiver(
        "i", now_ms - age * DAY, "a", standing, 1, "age", "database", "", ("age.late",), most,
        now_ms + left * DAY, "r", "o",
    )  # fmt: skip
    verdict = Verdict("age", "database", status, "age.late")
    found = waived(build.state(waivers=(item,)), verdict, now_ms)
    good = (
        status in {Status.WARN, Status.UNVERIFIED, Status.FAIL}
        and alarm(status) <= alarm(Status(most))
        and age >= 0
        and left > 0
        and standing in {"signed", "plain"}
    )
    assert (found.status is Status.WAIVED) is (good or status is Status.WAIVED)
    if not good:
        assert found.status is status
