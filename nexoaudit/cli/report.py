"""`nexoaudit report`: the month as a PDF, and its mail."""

import argparse
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from nexoaudit import __version__, evidence
from nexoaudit.auditor.session import Session, open_session
from nexoaudit.cli.main import Clock
from nexoaudit.cli.setup import add_config, load_config
from nexoaudit.errors import ConfigError, MailError, ReportError
from nexoaudit.ledger import Draft
from nexoaudit.model.job import Job
from nexoaudit.outbox.mail import Letter, send
from nexoaudit.schedule.cron import last_slot
from nexoaudit_reports.period import Month

EXAMPLES = """\
  nexoaudit report 2026-11
      the report of November 2026, into the auditor's directory
  nexoaudit report --send
      the report of the past month, mailed to the configured recipients
  nexoaudit report 2026-11 --output /tmp/report.pdf
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `report`."""
    add_config(parser)
    parser.add_argument(
        "month", metavar="YYYY-MM", nargs="?", help="the month (default: the past one)"
    )
    parser.add_argument("--output", metavar="FILE", type=Path, help="where to write the PDF")
    parser.add_argument("--send", action="store_true", help="mail it to the configured recipients")
    parser.add_argument(
        "--as-of",
        metavar="SIZE",
        type=int,
        help="judge by the first SIZE ledger entries, as an earlier report did",
    )


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Make the report, mail it if asked to, and say where it is."""
    loaded = load_config(arguments)
    zone = ZoneInfo(loaded.policy.site.timezone)
    month = _month(arguments.month, clock, zone)
    console = Console(highlight=False)
    with open_session(loaded, clock) as session:
        with console.status(f"Report of {month}"):
            path = make_report(session, month, arguments.output, arguments.as_of)
        console.print(f"Report: {path}", soft_wrap=True)
        if arguments.send:
            recipients = mail_report(session, month, path)
            console.print(f"Sent to {', '.join(recipients)}")
        if arguments.send or not session.policy.mail.recipients:
            answer(session, month)
    return 0


def answer(session: Session, month: Month) -> None:
    """Record the scheduled report as done when this month is what its newest slot asks for."""
    site = session.policy.site
    zone = ZoneInfo(site.timezone)
    now = session.clock()
    slot = last_slot(session.policy.auditor.report, zone, now)
    if slot is None:
        return
    local = slot.astimezone(zone)
    if Month(local.year, local.month).previous() == month:
        job = Job("report", evidence.millis(slot), evidence.millis(now), "pass")
        session.append([evidence.job_draft(job)])
        session.publish()


def make_report(
    session: Session, month: Month, output: Path | None = None, as_of: int | None = None
) -> Path:
    """Render the month's report from the session's ledger and return its path."""
    from nexoaudit_reports.render import render_pdf
    from nexoaudit_reports.view import build_view

    site = session.policy.site
    path = output or session.directory / "reports" / f"{_file_name(site.name)}-{month}.pdf"
    try:
        if output is None:
            path.parent.mkdir(mode=0o750, exist_ok=True)
    except OSError as error:
        raise ReportError(f"{path.parent} cannot be made: {error.strerror}") from error
    if not path.parent.is_dir():
        raise ReportError(f"there is no directory {path.parent} to write the report to")
    report = build_view(
        session.ledger, month, as_of_size=as_of, now=session.clock(), version=__version__
    )
    render_pdf(report, path)
    return path


def is_recorded(session: Session, month: Month) -> bool:
    """Return whether the ledger began before the month's end: else there is nothing to report."""
    first = session.ledger.first()
    zone = ZoneInfo(session.policy.site.timezone)
    return first is not None and first.ts < month.bounds(zone)[1]


def mail_report(session: Session, month: Month, path: Path) -> tuple[str, ...]:
    """Mail the report, record to whom and with what result, and return the recipients."""
    site = session.policy.site
    letter = Letter(
        subject=f"{site.name}: backup monitoring report {month}"
        + (" (Demonstration)" if site.demonstration else ""),
        text=f"The backup monitoring report of {site.name} for {month} is attached.\n"
        "It was made by nexoaudit from its own observations; its last pages say how to read it.\n",
        attachment=path,
    )
    facts = {"report": path.name, "recipients": len(session.policy.mail.recipients)}
    try:
        recipients = send(session.policy.mail, letter, session.clock())
    except MailError as error:
        session.append(
            [Draft("mail", str(month), {**facts, "outcome": "fail", "detail": str(error)})]
        )
        raise
    session.append([Draft("mail", str(month), {**facts, "outcome": "pass", "detail": ""})])
    return recipients


def _month(text: str | None, clock: Clock, zone: ZoneInfo) -> Month:
    if text is None:
        local = clock().astimezone(zone)
        return Month(local.year, local.month).previous()
    try:
        return Month.parse(text)
    except ValueError as error:
        raise ConfigError((str(error),)) from error


def _file_name(name: str) -> str:
    kept = "".join(char if char.isalnum() or char in "-_" else "-" for char in name.lower())
    return kept.strip("-") or "site"
