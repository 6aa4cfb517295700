"""`nexoaudit accept`: a named person's word that the newest copy holds what it should."""

import argparse
from heapq import nlargest
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from nexoaudit.auditor.acceptance import accept
from nexoaudit.auditor.session import open_session
from nexoaudit.cli.main import Clock
from nexoaudit.cli.setup import add_config, load_config
from nexoaudit.cli.signing import add_signing, pen_of
from nexoaudit.cli.verdicts import clean, print_sentences
from nexoaudit.model.manifest import History
from nexoaudit.model.state import State
from nexoaudit.state.file import NAME, read_state
from nexoaudit.wording.catalogue import catalogue
from nexoaudit.wording.values import write_moment, write_size

EXAMPLES = """\
  nexoaudit accept
      show what the newest copies hold, and whether a person has confirmed it
  nexoaudit accept database uploads --by "A. Person" --reason "compared with the live site"
      confirm what was found first: until then it is unverified, however much of it there is
  nexoaudit accept database --reason "old tickets archived, change 4711" --sign ~/.ssh/id_ed25519
      confirm that what is gone since the last good copy is gone on purpose; signed, as a policy
      with `signers` asks
"""
_LARGEST = 4
"""Tables or directories that are named beside a total."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `accept`."""
    add_config(parser)
    parser.add_argument(
        "components",
        metavar="COMPONENT",
        nargs="*",
        help="whose newest copy is accepted; none: show what there is to accept",
    )
    add_signing(parser)
    parser.add_argument("--reason", metavar="TEXT", default="", help="why, or after what change")


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Record the statement and show what the verdicts are now; without one, show what there is."""
    loaded = load_config(arguments)
    site = loaded.policy.site
    console = Console(highlight=False)
    if not arguments.components:
        _show(console, read_state(Path(site.state_dir) / NAME))
        return 0
    by, key = pen_of(arguments)
    with open_session(loaded, clock) as session:
        verdicts = accept(session, arguments.components, by, arguments.reason, key)
    print_sentences(console, verdicts, catalogue(site.language), ZoneInfo(site.timezone))
    return 0


def _show(console: Console, state: State) -> None:
    zone = ZoneInfo(state.policy.site.timezone)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("component", "series", "newest", "holds", "size", "most of it", "confirmed"):
        table.add_column(column, overflow="fold")
    for (component, series), known in state.histories.items():
        newest = known.newest
        unit = "rows" if "rows" in newest.facts else "files"
        table.add_row(
            component,
            series,
            write_moment(newest.time_ms, zone),
            f"{newest.total} {unit}",
            write_size(newest.bytes),
            clean(_largest(known)),
            _confirmed(known),
        )
    console.print(table)


def _largest(known: History) -> str:
    counts = known.newest.counts.items()
    largest = nlargest(_LARGEST, counts, key=lambda item: item[1])
    return ", ".join(f"{name} {count}" for name, count in largest)


def _confirmed(known: History) -> str:
    if known.accepted is not None:
        return f"by {clean(known.accepted.by)}"
    return "yes" if known.confirmed else "not yet"
