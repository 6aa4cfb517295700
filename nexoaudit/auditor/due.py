"""What the policy's cron expressions say is due, each missed job caught up once."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.auditor.cadence import due_scenarios, is_system_due
from nexoaudit.auditor.quiet import is_quiet
from nexoaudit.auditor.session import Session
from nexoaudit.errors import MailError, NexoError, WaitError
from nexoaudit.model.job import Job
from nexoaudit.schedule.cron import last_slot

JOBS = ("audit", "drill", "recovery", "report", "reverify")
"""The scheduled jobs, in the order in which they run when several are due."""
_DRILLS = frozenset({"drill", "recovery"})
"""Jobs that wait until no backup window is open."""

Action = Callable[[Session, int], str]
"""Does a job's work for the slot (ms) it answers, and returns a detail; errors are recorded."""


def due_jobs(session: Session) -> list[tuple[str, int]]:
    """Return the jobs whose newest slot (ms) no run has answered yet.

    Slots before the ledger's first entry are not due, but for the audit: it runs at once.
    """
    ledger = session.ledger
    zone = ZoneInfo(session.policy.site.timezone)
    runs = {e.subject: Job(**e.facts) for e in ledger.latest(("job",), size=ledger.size)}
    first = ledger.first()
    started_ms = first.ts if first is not None else 0
    found = []
    for name in JOBS:
        slot = last_slot(session.policy.auditor.schedules[name], zone, session.clock())
        if slot is None:
            continue
        slot_ms = evidence.millis(slot)
        run = runs.get(name)
        if run is not None and run.slot_ms > evidence.millis(session.clock()):
            run = None  # recorded by a clock that was wrong: it answers nothing
        answered = run.slot_ms if run is not None else (0 if name == "audit" else started_ms)
        if slot_ms > answered or (name == "audit" and run is None):
            found.append((name, slot_ms))
    return [item for item in found if _wanted(session, item[0])]


def _wanted(session: Session, name: str) -> bool:
    """Return whether a job whose slot has come has something to do, and may do it now."""
    if name == "recovery" and not (due_scenarios(session) or is_system_due(session)):
        return False
    return name not in _DRILLS or is_quiet(session.policy, session.clock())


def run_due(session: Session, actions: Mapping[str, Action]) -> list[Job]:
    """Run every due job that has an action, record each, and publish the state in any case.

    A job that fails is recorded as failed and not tried again before its next slot, except where
    trying again may help (a mail server that is away).
    """
    done = []
    for name, slot_ms in due_jobs(session):
        if name not in actions:
            continue
        job = _run(session, name, slot_ms, actions[name])
        if job is None:
            continue
        done.append(job)
        if name != "audit" or job.outcome != "pass":
            session.append([evidence.job_draft(job)])
    session.publish()
    return done


def _run(session: Session, name: str, slot_ms: int, action: Action) -> Job | None:
    """Return how a job ended; None when it has to wait: it stays due."""
    outcome, answered = "pass", slot_ms
    try:
        detail = action(session, slot_ms)
    except WaitError:
        return None
    except MailError as error:
        outcome, detail = "fail", str(error)
        answered = slot_ms - 1 if error.temporary else slot_ms
    except NexoError as error:
        outcome, detail = "fail", str(error)
    return Job(name, answered, evidence.millis(session.clock()), outcome, detail)
