"""Limits of a check's own, and the facts its line is made of."""

import pytest

from nexoaudit.assess import Limits, assess_components
from nexoaudit.model.policy import Component
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import auditor
from nexoaudit.rules.limits import limited

FAILED = Verdict("checksum", "db", Status.FAIL, "sidecar.mismatch", {"failed": 2})
COPIES = Verdict("copies", "db", Status.FAIL, "copies.short", {"copies": 2})
GAP = Verdict("retention", "db", Status.FAIL, "retention.gap", {"missing": 2})


@pytest.mark.parametrize(
    ("verdict", "warn", "fail", "status", "reason"),
    [
        (FAILED, None, 1, Status.FAIL, "sidecar.mismatch"),
        (FAILED, 1, 2, Status.WARN, "sidecar.mismatch"),
        (FAILED, None, 2, Status.PASS, "checksum.tolerated"),
        (COPIES, None, 3, Status.FAIL, "copies.below_limit"),
        (COPIES, 3, 2, Status.WARN, "copies.below_limit"),
        (COPIES, 2, None, Status.PASS, "copies.within_limit"),
        (GAP, 0, 1, Status.FAIL, "retention.gap"),
        (GAP, 1, 2, Status.WARN, "retention.gap"),
        (GAP, 2, 2, Status.PASS, "retention.tolerated"),
    ],
)
def test_a_limit_takes_the_place_of_the_policys_own(verdict, warn, fail, status, reason):
    judged = limited(verdict, warn, fail)
    assert (judged.status, judged.reason) == (status, reason)


@pytest.mark.parametrize(
    "verdict",
    [
        FAILED._replace(status=Status.UNVERIFIED, reason="file.unreadable"),
        FAILED._replace(facts={}),
        COPIES._replace(reason="copies.none", facts={}),
        GAP._replace(status=Status.WARN, reason="retention.over"),
        FAILED._replace(control="restore"),
    ],
)
def test_a_limit_changes_nothing_that_it_does_not_count(verdict):
    assert limited(verdict, 99, 99) == verdict


@pytest.mark.parametrize("verdict", [FAILED, COPIES, GAP])
def test_without_limits_nothing_changes(verdict):
    assert limited(verdict, None, None) is verdict


def test_a_limit_of_zero_is_a_limit(build):
    state = build.state()._replace(heartbeat_ms=build.now_ms - 1000)
    heartbeat = auditor.judge(state, build.now_ms, "c" * 64, 0, 0)[0]
    assert heartbeat.status is Status.FAIL
    limits = Limits(warn_ms=0, fail_ms=0)
    (age,) = assess_components(state, build.now_ms, controls=["age"], limits=limits)
    assert age.status is Status.FAIL


def test_a_point_of_the_future_does_not_make_a_component_current(build):
    ahead = build.dump(0, time_ms=build.now_ms + build.HOUR, verified_ms=0, sha256="")
    state = build.state([build.dump(3), ahead])
    (age,) = assess_components(state, build.now_ms, controls=["age"])
    assert (age.status, age.facts["newest"]) == (Status.FAIL, build.dump(3).time_ms)
    (age,) = assess_components(build.state([ahead]), build.now_ms, controls=["age"])
    assert (age.status, age.reason) == (Status.FAIL, "age.none")
    twin = build.dump(0, time_ms=build.now_ms + 60_000)
    (age,) = assess_components(build.state([twin]), build.now_ms, controls=["age"])
    assert age.status is Status.PASS


def test_the_retention_of_a_component_of_parts_names_its_parts(build):
    state = build.state()
    whole = Component("whole", "system", "0 2 * * *", parts=("database",), keep_s=86400 * 10)
    policy = state.policy._replace(components=(*state.policy.components, whole))
    state = state._replace(policy=policy, slots={**state.slots, "whole": build.daily(2, 0)})
    (verdict,) = assess_components(
        state, build.now_ms, controls=["retention"], components=["whole"]
    )
    assert (verdict.reason, verdict.facts["location"]) == ("retention.kept", "database")


def test_what_is_kept_for_ever_has_no_time_to_name(build, with_component):
    component = build.database()
    series = component.series[0]._replace(keep_s=0)
    state = with_component(build.state(), component._replace(series=(series,)))
    reasons = {
        (verdict.status, verdict.reason)
        for verdict in assess_components(
            state._replace(slots={"database": build.daily(2, 0, back=5)}),
            build.now_ms,
            controls=["retention"],
        )
    }
    assert reasons == {(Status.PASS, "retention.kept_all")}
