"""`nexoaudit run --due`: what cron calls every 5 minutes."""

import argparse
import sys
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.auditor.awaiting import drill_in_turn, take_due
from nexoaudit.auditor.cadence import (
    SYSTEM_SUBJECT,
    Planned,
    due_scenarios,
    is_system_due,
    run_planned,
    subject_of,
)
from nexoaudit.auditor.due import run_due
from nexoaudit.auditor.priority import background
from nexoaudit.auditor.rolling import begin, roll
from nexoaudit.auditor.scenes import play
from nexoaudit.auditor.session import Session, open_session
from nexoaudit.auditor.systems import drill_site
from nexoaudit.auditor.targets import targets
from nexoaudit.cli.main import Clock
from nexoaudit.cli.progress import rolled
from nexoaudit.cli.report import is_recorded, mail_report, make_report
from nexoaudit.cli.setup import add_config, load_config
from nexoaudit.errors import BusyError
from nexoaudit.model.job import Job
from nexoaudit_reports.period import Month

EXAMPLES = """\
  */5 * * * * root nexoaudit run --due
      the line for /etc/cron.d/nexoaudit
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `run`."""
    add_config(parser)
    parser.add_argument(
        "--due",
        action="store_true",
        required=True,
        help="do whatever the policy's schedules say is due, missed runs once",
    )


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Run what is due, quietly; 2 when a job failed.

    Nothing is said when an earlier run is still at work: cron comes again, and a run that hangs
    shows in the heartbeat.
    """
    try:
        with open_session(load_config(arguments), clock) as session:
            jobs = run_due(session, {**ACTIONS, "reverify": _reverify_in_background})
    except BusyError:
        return 0
    _tell(jobs)
    return 2 if any(job.outcome == "fail" for job in jobs) else 0


def _tell(jobs: list[Job]) -> None:
    for job in jobs:
        if job.outcome != "pass" or sys.stdout.isatty():  # cron mails whatever is said
            print(f"{job.name}: {job.outcome}" + (f": {job.detail}" if job.detail else ""))


def _audit(session: Session, slot_ms: int) -> str:
    del slot_ms
    outcome = audit(session, Unwatched())
    return f"{outcome.verified} copies verified"


def _drill(session: Session, slot_ms: int) -> str:
    # Those to a moment come last: logs that one of them awaits keep nothing else from its turn.
    wanted = sorted(targets(session.recall()), key=lambda target: bool(target.database))
    take_due(session, wanted, slot_ms)
    planned = [
        Planned(target.subject, partial(drill_in_turn, session, target, slot_ms))
        for target in wanted
    ]
    results = run_planned(session, planned, slot_ms)
    return ", ".join(f"{result.component} {result.outcome}" for result in results)


def _recover(session: Session, slot_ms: int) -> str:
    planned = [
        Planned(subject_of(scenario), partial(play, session, scenario))
        for scenario in due_scenarios(session)
    ]
    if is_system_due(session):
        planned.append(Planned(SYSTEM_SUBJECT, partial(drill_site, session)))
    results = run_planned(session, planned, slot_ms)
    return ", ".join(f"{result.scenario or result.kind} {result.outcome}" for result in results)


def _report(session: Session, slot_ms: int) -> str:
    """Make and mail the report of the month before the slot's."""
    zone = ZoneInfo(session.policy.site.timezone)
    local = evidence.moment(slot_ms).astimezone(zone)
    month = Month(local.year, local.month).previous()
    if not is_recorded(session, month):
        return f"there is no evidence of {month} yet"
    path = make_report(session, month)
    if session.policy.mail.recipients:
        mail_report(session, month, path)
    return path.name


def _reverify(session: Session, slot_ms: int) -> str:
    """Read copies again for as long as the budget lasts, an interrupted run's share included."""
    until = begin(session, slot_ms) + timedelta(seconds=session.policy.auditor.budget_s)
    others = {name: action for name, action in ACTIONS.items() if name != "reverify"}
    return rolled(
        roll(session, Unwatched(), until=until, meanwhile=lambda: _tell(run_due(session, others)))
    )


def _reverify_in_background(session: Session, slot_ms: int) -> str:
    with background():
        return _reverify(session, slot_ms)


ACTIONS = {
    "audit": _audit,
    "drill": _drill,
    "recovery": _recover,
    "report": _report,
    "reverify": _reverify,
}
"""What each scheduled job does."""
