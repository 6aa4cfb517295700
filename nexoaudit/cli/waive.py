"""`nexoaudit waive`: a deviation that somebody answers for, until a given day."""

import argparse
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from nexoaudit.auditor.session import open_session
from nexoaudit.auditor.statements import revoke
from nexoaudit.auditor.waiving import Deviation, waive
from nexoaudit.cli.main import Clock
from nexoaudit.cli.setup import add_config, load_config
from nexoaudit.cli.signing import add_signing, end_of_day, pen_of
from nexoaudit.cli.statements import print_lines, waiver_line
from nexoaudit.cli.verdicts import print_sentences
from nexoaudit.errors import ConfigError
from nexoaudit.evidence import millis
from nexoaudit.policy.load import Loaded
from nexoaudit.state.file import NAME, read_state
from nexoaudit.wording.catalogue import catalogue

EXAMPLES = """\
  nexoaudit waive --control content --component database --until 2026-12-31 \\
      --owner "A. Person" --reason "triggers come with the next release, change 4711" \\
      --sign ~/.ssh/id_ed25519
      what content says of the database now counts as waived until then; anything else is told
  nexoaudit waive --control storage --subject local --reason-code storage.same_disk \\
      --until 2026-12-31 --owner "A. Person" --reason "second disk is ordered"
  nexoaudit waive list
  nexoaudit waive revoke 3f9a1c20b7de --reason "mended"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `waive` and its subcommands."""
    add = parser.add_argument
    add_config(parser)
    add("--control", metavar="NAME", help="whose verdict, such as content; never the auditor's")
    add("--component", metavar="ID", default="", help="of which component; none: of the site")
    add("--subject", metavar="TEXT", default="", help="only about this, such as a location")
    add(
        "--reason-code",
        metavar="CODE",
        action="append",
        help="only for this reason, as `status --json` has it; none: whatever is told now",
    )
    add("--until", metavar="DATE", help="its last day, within a year")
    add("--reason", metavar="TEXT", help="why")
    add("--owner", metavar="NAME", help="who answers for it")
    add_signing(parser)
    actions = parser.add_subparsers(dest="action", metavar="list | revoke")
    # What stands before the subcommand must not be undone by defaults of what stands after it.
    kept = argparse.SUPPRESS
    shown = actions.add_parser("list", help="the waivers there are", argument_default=kept)
    taken = actions.add_parser("revoke", help="take one back", argument_default=kept)
    taken.add_argument("id", metavar="ID", help="its id, or how that begins")
    taken.add_argument("--reason", metavar="TEXT", required=True, help="why")
    for action in (shown, taken):
        add_config(action)
    add_signing(taken)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Record a waiver and show what it waives, or show or revoke one; return the exit code."""
    loaded = load_config(arguments)
    console = Console(highlight=False)
    if arguments.action == "list":
        return _list(console, loaded, clock)
    if arguments.action == "revoke":
        return _revoke(console, loaded, arguments, clock)
    missing = [
        f"--{name}"
        for name in ("control", "until", "reason", "owner")
        if not (getattr(arguments, name) or "").strip()
    ]
    if missing:
        raise ConfigError((f"a waiver needs {', '.join(missing)}",))
    site = loaded.policy.site
    zone = ZoneInfo(site.timezone)
    deviation = Deviation(
        control=arguments.control,
        component=arguments.component,
        subject=arguments.subject,
        reasons=tuple(arguments.reason_code or ()),
        until_ms=end_of_day(arguments.until, zone, clock),
        reason=arguments.reason,
        owner=arguments.owner,
    )
    with open_session(loaded, clock) as session:
        done, verdicts = waive(session, pen_of(arguments), deviation)
    signed = f"signed by {done.by}" if done.by else "not signed"
    console.print(f"recorded {done.id}, {signed}", markup=False)
    print_sentences(console, verdicts, catalogue(site.language), zone)
    return 0


def _list(console: Console, loaded: Loaded, clock: Clock) -> int:
    state = read_state(Path(loaded.policy.site.state_dir) / NAME)
    now_ms = millis(clock())
    print_lines(console, state, [waiver_line(item, now_ms) for item in state.waivers])
    return 0


def _revoke(console: Console, loaded: Loaded, arguments: Any, clock: Clock) -> int:
    with open_session(loaded, clock) as session:
        gone = revoke(session, pen_of(arguments), arguments.id, arguments.reason, "waiver")
        session.publish()
    console.print(f"taken back: {gone.id}", markup=False)
    return 0
