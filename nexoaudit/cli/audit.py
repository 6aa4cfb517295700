"""`nexoaudit audit`: list, verify what is new, record, publish."""

import argparse

from rich.console import Console

from nexoaudit.auditor.audit import Outcome, audit
from nexoaudit.auditor.session import open_session
from nexoaudit.cli.main import Clock
from nexoaudit.cli.progress import audit_bar
from nexoaudit.cli.setup import add_config, load_config

EXAMPLES = """\
  nexoaudit audit
      list every location and verify what is new since the last time
  nexoaudit audit --reread
      read every copy again, however long it takes
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `audit`."""
    add_config(parser)
    parser.add_argument(
        "--reread", action="store_true", help="verify every copy again, not only new ones"
    )


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Audit once and say what was done; 1 when a location could not be listed."""
    loaded = load_config(arguments)
    with open_session(loaded, clock) as session, audit_bar() as bar:
        outcome = audit(session, bar, reread=arguments.reread)
    console = Console(highlight=False)
    _say(console, outcome)
    console.print(f"State: {session.directory / 'state.json'}; see `nexoaudit status`.")
    return 1 if outcome.failed else 0


def _say(console: Console, outcome: Outcome) -> None:
    copies = sum(len(held) for held in outcome.state.copies.values())
    console.print(
        f"{copies} copies: {outcome.seen} new, {outcome.changed} changed, {outcome.gone} gone, "
        f"{outcome.verified} verified."
    )
    for sweep in outcome.state.sweeps.values():
        if sweep.unmatched:
            console.print(
                f"{sweep.unmatched:,} files at {sweep.location} belong to no series and were not read.",
                style="dim",
            )
    for sweep in outcome.failed:
        console.print(f"Location {sweep.location} could not be listed: {sweep.detail}", style="red")
