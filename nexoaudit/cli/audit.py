"""`nexoaudit audit`: list, verify what is new, record, publish."""

import argparse
from collections import Counter

from rich.console import Console

from nexoaudit.assess import standing
from nexoaudit.auditor.audit import Outcome, audit
from nexoaudit.auditor.session import open_session
from nexoaudit.cli.main import Clock
from nexoaudit.cli.progress import audit_bar
from nexoaudit.cli.setup import add_config, load_config
from nexoaudit.model.state import State
from nexoaudit.model.verdict import EXIT_CODE, Status, alarm
from nexoaudit.state.file import NAME

EXAMPLES = """\
  nexoaudit audit
      list every location and verify what is new since the last time
  nexoaudit audit --reread
      read every copy again, however long it takes
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
    parser.add_argument(
        "--reread", action="store_true", help="verify every copy again, not only new ones"
    )


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Audit once, say what was found, and return the exit code of the worst of it."""
    loaded = load_config(arguments)
    with open_session(loaded, clock) as session, audit_bar() as bar:
        outcome = audit(session, bar, reread=arguments.reread)
    console = Console(highlight=False)
    found = _tally(outcome.state)
    _say(console, outcome, found)
    console.print(f"State: {session.directory / NAME}; see `nexoaudit status`.", soft_wrap=True)
    worst = max(found, key=alarm, default=Status.PASS)
    return EXIT_CODE[max(worst, Status.UNVERIFIED if outcome.failed else Status.PASS, key=alarm)]


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
            console.print(
                f"{sweep.unmatched:,} files at {sweep.location} belong to no series: not read.",
                style="dim",
            )
    for sweep in outcome.failed:
        console.print(
            f"Location {sweep.location} could not be listed: {sweep.detail}",
            style="red",
            soft_wrap=True,
        )
