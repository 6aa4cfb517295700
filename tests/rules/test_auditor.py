from nexoaudit.assess import NO_LIMITS, Limits, assess_auditor, assess_staleness
from nexoaudit.model.job import Job
from nexoaudit.model.verdict import Status, worst

SHA = "c" * 64


def judged(state, now_ms, sha=SHA, limits=NO_LIMITS):
    return assess_auditor(state, now_ms, sha, limits)


def test_a_living_auditor_is_green(build):
    verdicts = judged(build.state(), build.now_ms)
    assert worst(verdicts) is Status.PASS
    assert assess_staleness(build.state(), build.now_ms) == ()


def test_a_heartbeat_goes_yellow_then_red_and_then_forbids_green(build):
    state = build.state()
    for minutes, status, stale in (
        (14, Status.PASS, 0),
        (16, Status.WARN, 0),
        (61, Status.FAIL, 1),
    ):
        now_ms = build.now_ms + minutes * 60_000
        assert worst(judged(state, now_ms)) is status
        assert len(assess_staleness(state, now_ms)) == stale


def test_a_heartbeat_from_the_future_is_a_wrong_clock(build):
    state = build.state(heartbeat_ms=build.now_ms + 10 * 60_000)
    assert judged(state, build.now_ms)[0].reason == "auditor.clock"
    assert assess_staleness(state, build.now_ms)[0].status is Status.UNVERIFIED


def test_limits_replace_the_heartbeats_own(build):
    now_ms = build.now_ms + 20 * 60_000
    assert worst(judged(build.state(), now_ms, limits=Limits(30 * 60_000, None))) is Status.PASS
    assert worst(judged(build.state(), now_ms, limits=Limits(1, 2))) is Status.FAIL


def test_a_configuration_that_was_not_audited_shows(build):
    assert judged(build.state(), build.now_ms, "d" * 64)[1].reason == "auditor.config_changed"
    unread = judged(build.state(), build.now_ms, None)
    assert worst(unread) is Status.UNVERIFIED


def test_a_report_that_was_not_made_is_a_failure_until_it_is(build):
    slot = build.now_ms - 3 * build.HOUR
    slots = {**build.state().slots, "auditor.report": (slot,)}
    missed = judged(build.state(slots=slots), build.now_ms)
    assert missed[1].reason == "auditor.job_missed"
    done = {"report": Job("report", slot, slot + 1000, "pass")}
    assert worst(judged(build.state(slots=slots, jobs=done), build.now_ms)) is Status.PASS
    failed = {"report": Job("report", slot, slot + 1000, "fail", "mail refused")}
    assert judged(build.state(slots=slots, jobs=failed), build.now_ms)[1].reason == (
        "auditor.job_failed"
    )


def test_a_slot_before_the_auditor_existed_is_not_asked_for(build):
    slots = {"auditor.report": (build.now_ms - 3 * build.HOUR,)}
    young = build.state(slots=slots, started_ms=build.now_ms - build.HOUR)
    assert worst(judged(young, build.now_ms)) is Status.PASS
