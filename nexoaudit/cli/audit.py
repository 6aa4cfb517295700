"""`nexoaudit audit`: list, verify what is new, record, publish."""

import argparse
from collections import Counter
from datetime import timedelta

from rich.console import Console

from nexoaudit.auditor.audit import Outcome, Unwatched, audit
from nexoaudit.auditor.due import run_due
from nexoaudit.auditor.priority import background
from nexoaudit.auditor.rolling import roll
from nexoaudit.auditor.session import Session, open_session
from nexoaudit.cli.main import Clock
from nexoaudit.cli.progress import AuditBar, audit_bar, rolled
from nexoaudit.cli.setup import add_config, load_config
from nexoaudit.model.state import State
from nexoaudit.model.verdict import EXIT_CODE, Status, alarm
from nexoaudit.points import standing
from nexoaudit.policy.units import parse_duration
from nexoaudit.state.file import NAME

EXAMPLES = """\
  nexoaudit audit
      list every location and verify what is new since the last time
  nexoaudit audit --reread
      read every copy again, however long it takes
  nexoaudit audit --rolling --budget 30m
      read again in the background what was read longest ago, for half an hour
"""


_WORDS = {
    Status.PASS: "sound",
    Status.WARN: "with a warning",
    Status.FAIL: "bad",
    Status.UNVERIFIED: "could not be read",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `audit`."""
    add_config(parser)
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--reread", action="store_true", help="verify every copy again, not only new ones"
    )
    how.add_argument(
        "--rolling",
        action="store_true",
        help="afterwards read again, in the background, copies whose turn it is",
    )
    parser.add_argument(
        "--budget",
        metavar="TIME",
        type=_duration,
        help="with --rolling: for so long, such as 30m (default: that of the configuration)",
    )


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Audit once, say what was found, and return the exit code of the worst of it."""
    loaded = load_config(arguments)
    with open_session(loaded, clock) as session, audit_bar() as bar:
        outcome = audit(session, bar, reread=arguments.reread)
        done = _roll(session, bar, arguments.budget) if arguments.rolling else ""
        outcome = outcome._replace(state=session.publish())
    console = Console(highlight=False)
    found = _tally(outcome.state)
    _say(console, outcome, found)
    if done:
        console.print(f"{done}.")
    console.print(f"State: {session.directory / NAME}; see `nexoaudit status`.", soft_wrap=True)
    worst = max(found, key=alarm, default=Status.PASS)
    return EXIT_CODE[max(worst, Status.UNVERIFIED if outcome.failed else Status.PASS, key=alarm)]


def _duration(text: str) -> timedelta:
    try:
        return timedelta(seconds=parse_duration(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected {error}") from error


def _roll(session: Session, bar: AuditBar, budget: timedelta | None) -> str:
    """Read copies again for as long as the budget lasts, audits that fall due in between."""
    lasts = timedelta(seconds=session.policy.auditor.budget_s) if budget is None else budget
    others = {"audit": _audit_again}
    with background():
        return rolled(
            roll(
                session,
                bar,
                until=session.clock() + lasts,
                meanwhile=lambda: run_due(session, others),
            )
        )


def _audit_again(session: Session, slot_ms: int) -> str:
    del slot_ms
    audit(session, Unwatched())
    return ""


def _tally(state: State) -> Counter[Status]:
    """Return how many finished copies stand how."""
    return Counter(
        standing(copy) for held in state.copies.values() for copy in held if copy.finished
    )


def _say(console: Console, outcome: Outcome, found: Counter[Status]) -> None:
    copies = [copy for held in outcome.state.copies.values() for copy in held]
    unfinished = sum(1 for copy in copies if not copy.finished)
    parts = [f"{count} {_WORDS[status]}" for status in _WORDS if (count := found[status])]
    if unfinished:
        parts.append(f"{unfinished} still being written")
    console.print(f"{len(copies)} copies: " + (", ".join(parts) or "none finished") + ".")
    console.print(
        f"{outcome.seen} new, {outcome.changed} changed, {outcome.gone} gone since the last time; "
        f"{outcome.verified} read now."
    )
    for sweep in outcome.state.sweeps.values():
        if sweep.unmatched:
            named = ", ".join(repr(path) for path in sweep.others)
            files = "1 file" if sweep.unmatched == 1 else f"{sweep.unmatched:,} files"
            console.print(
                f"{files} at {sweep.location} of no series: not read"
                + (f", such as {named}." if named else "."),
                style="dim",
                markup=False,
                soft_wrap=True,
            )
    for sweep in outcome.failed:
        console.print(
            f"Location {sweep.location} could not be listed: {sweep.detail}",
            style="red",
            soft_wrap=True,
        )
