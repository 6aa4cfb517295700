from datetime import timedelta

from nexoaudit.auditor.due import due_jobs, run_due
from nexoaudit.errors import MailError, ReportError
from nexoaudit.model.moments import millis
from nexoaudit.state.file import read_state


class Actions(dict):
    """Actions that note that they ran, or raise what they are told to."""

    def __init__(self, **errors):
        self.ran = []
        self.errors = errors
        super().__init__({name: self._action(name) for name in ("audit", "drill", "report")})

    def _action(self, name):
        def run(session, slot_ms):
            self.ran.append(name)
            if name in self.errors:
                raise self.errors[name]
            if name == "audit":
                from nexoaudit.auditor.audit import Unwatched, audit

                audit(session, Unwatched())
            return "done"

        return run


def run(site, **errors):
    actions = Actions(**errors)
    with site.session() as session:
        run_due(session, actions)
    return actions.ran


def state(site):
    return read_state(site.root / "state/state.json")


def test_the_first_run_audits_and_drills_nothing_of_the_past(site):
    assert run(site) == ["audit"]


def test_nothing_due_still_beats(site):
    run(site)
    site.now += timedelta(minutes=5)
    assert run(site) == []
    assert state(site).heartbeat_ms == millis(site.now)


def test_the_audit_runs_again_at_its_next_slot(site):
    run(site)
    site.now += timedelta(minutes=16)
    assert run(site) == ["audit"]


def test_the_monthly_jobs_run_once_however_many_runs_were_missed(site):
    run(site)
    site.now = site.now.replace(month=12, day=1, hour=7)
    assert run(site) == ["audit", "drill", "report"]
    site.now += timedelta(minutes=5)
    assert run(site) == []
    site.now = site.now.replace(year=2027, month=4, day=20)  # four slots missed
    assert run(site) == ["audit", "drill", "report"]
    assert run(site) == []


def test_a_job_that_fails_is_recorded_and_waits_for_its_next_slot(site):
    run(site)
    site.now = site.now.replace(month=12, day=1, hour=7)
    assert "report" in run(site, report=ReportError("no fonts"))
    job = state(site).jobs["report"]
    assert (job.outcome, job.detail) == ("fail", "no fonts")
    site.now += timedelta(minutes=5)
    assert run(site) == []


def test_mail_that_may_go_through_later_is_tried_again(site):
    run(site)
    site.now = site.now.replace(month=12, day=1, hour=7)
    run(site, report=MailError("greylisted", temporary=True))
    site.now += timedelta(minutes=5)
    assert run(site) == ["report"]
    assert state(site).jobs["report"].outcome == "pass"


def test_due_jobs_name_the_slot_they_answer(site):
    with site.session() as session:
        ((name, slot_ms),) = due_jobs(session)
    assert (name, slot_ms) == ("audit", millis(site.now))


def test_a_clock_that_was_ahead_once_does_not_stop_the_audits(site):
    run(site)
    now = site.now
    site.now = now.replace(year=2028)
    assert "audit" in run(site)
    site.now = now + timedelta(minutes=5)
    assert run(site) == ["audit"]
    site.now += timedelta(minutes=15)
    assert run(site) == ["audit"]


def test_audits_that_do_not_happen_are_noticed_though_the_heart_beats(site):
    from nexoaudit.assess import assess_auditor, assess_staleness
    from nexoaudit.model.verdict import Status, worst

    run(site)
    site.now += timedelta(hours=4)
    with site.session() as session:
        state = session.publish()
    now_ms = millis(site.now)
    assert worst(assess_auditor(state, now_ms, state.config_sha256)) is Status.FAIL
    (stale,) = assess_staleness(state, now_ms)
    assert (stale.status, stale.reason) == (Status.UNVERIFIED, "auditor.audit_missed")
