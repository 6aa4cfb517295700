"""`nexoaudit drill`: restore the newest backups in a sandbox, and time it."""

import argparse
import json
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nexoaudit.auditor.drills import DRILLS, drill, targets
from nexoaudit.auditor.session import open_session
from nexoaudit.cli.main import Clock
from nexoaudit.cli.setup import add_config, load_config
from nexoaudit.cli.verdicts import clean, mark
from nexoaudit.errors import ConfigError
from nexoaudit.model.drill import Drill
from nexoaudit.model.verdict import EXIT_CODE, Status, alarm
from nexoaudit.state.codec import encode_drill
from nexoaudit.wording.catalogue import catalogue, report_labels
from nexoaudit.wording.sentence import drill_problem
from nexoaudit.wording.values import write_fact, write_moment, write_span

EXAMPLES = """\
  nexoaudit drill database
      load the newest dump into a throw-away server and compare what comes back
  nexoaudit drill files
      read the newest archive of files to its end and restore a sample
  nexoaudit drill
      both
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `drill`."""
    add_config(parser)
    parser.add_argument("kinds", metavar="KIND", nargs="*", help=f"{' or '.join(DRILLS)}")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Run the drills and return the exit code of the worst result."""
    kinds = tuple(arguments.kinds) or DRILLS
    unknown = sorted(set(kinds) - set(DRILLS))
    if unknown:
        raise ConfigError((f"there is no drill {unknown[0]!r}; there are: {', '.join(DRILLS)}",))
    loaded = load_config(arguments)
    language = loaded.policy.site.language
    zone = ZoneInfo(loaded.policy.site.timezone)
    console = Console(highlight=False, stderr=arguments.json)
    results: list[Drill] = []
    with open_session(loaded, clock) as session:
        for target in targets(session.recall(), kinds):
            with console.status(f"{target.kind} drill of {target.component.id}"):
                result = drill(session, target)
            results.append(result)
            show(console, result, language, zone)
    if not results:
        raise ConfigError((f"no component with backups can be drilled by: {', '.join(kinds)}",))
    if arguments.json:
        print(json.dumps([encode_drill(result) for result in results], indent=2))
    return EXIT_CODE[max((Status(result.outcome) for result in results), key=alarm)]


def show(console: Console, result: Drill, language: str, zone: ZoneInfo) -> None:
    """Print one result: verdict, steps with their times, and what was counted."""
    words = catalogue(language)
    title = mark(Status(result.outcome), words)
    title.append(f"  {result.kind} drill of {result.component}", style="bold")
    title.append(clean(f" from {result.location}:{result.path}"), style="default")
    console.print(title, soft_wrap=True)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 3))
    table.add_row("recovery point", write_moment(result.point_ms, zone))
    for step in result.steps:
        table.add_row(words.steps.get(step.name, step.name), write_span(step.duration_ms))
    table.add_row("in all", write_span(result.duration_ms))
    labels = report_labels(language)
    for name, value in result.measures:
        if not name.startswith("rows."):
            table.add_row(labels.get(f"measure.{name}", name), Text(clean(write_fact(value, zone))))
    console.print(table)
    colour = "yellow" if result.outcome == "pass" else "red"
    for problem in result.problems or ((result.reason,) if result.reason else ()):
        console.print(f"   {drill_problem(problem, words)}", style=colour, markup=False)
    if result.detail:
        console.print(f"   {clean(result.detail)}", style="dim", markup=False)
