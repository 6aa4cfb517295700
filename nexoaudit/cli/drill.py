"""`nexoaudit drill`: restore the newest backups in a sandbox, and time it."""

import argparse
import json
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nexoaudit.auditor.drills import drill
from nexoaudit.auditor.session import open_session
from nexoaudit.auditor.systems import drill_site
from nexoaudit.auditor.targets import SYSTEM
from nexoaudit.cli.choice import KINDS, SCENARIO, chosen, require_heeded, wanted
from nexoaudit.cli.main import Clock
from nexoaudit.cli.setup import add_config, load_config
from nexoaudit.cli.signing import moment_ms
from nexoaudit.cli.verdicts import clean, mark, show_problems
from nexoaudit.drill.point_in_time import KIND as POINT_IN_TIME
from nexoaudit.errors import ConfigError
from nexoaudit.model.drill import INTERNAL, Drill
from nexoaudit.model.verdict import EXIT_CODE, Status, alarm
from nexoaudit.state.drills import encode_drill
from nexoaudit.wording.catalogue import catalogue, report_labels
from nexoaudit.wording.values import write_fact, write_moment, write_span

EXAMPLES = """\
  nexoaudit drill database
      load the newest dump into a throw-away server and compare what comes back
  nexoaudit drill database --component database --location offsite
      the newest dump that lies there: fetched, decrypted and loaded in one pass
  nexoaudit drill database --point 2026-11-20T02:00
      the dump of that minute, or with a date alone the newest of that day
  nexoaudit drill database --random 30d
      any of the last 30 days
  nexoaudit drill database --fast
      prove what the newest dump holds in less than half the time; no recovery time is taken from it
  nexoaudit drill files
      read the newest archive of files to its end and restore a sample
  nexoaudit drill files config --whole
      restore all of the newest archives of files and of the configuration
  nexoaudit drill point-in-time
      restore a dump, replay the binary logs after it up to a moment between two transactions,
      and see that what lies before it is there, and what lies after it is not
  nexoaudit drill point-in-time --until 2026-11-20T14:30
      the same to that moment
  nexoaudit drill point-in-time --exact
      ask the live server what its tables hold at one place of its binary logs; once the logs that
      are backed up reach it, run it again: it restores to that place and compares every table
  nexoaudit drill system
      restore database, configuration and files together, and ask the application: docs/drills.md
  nexoaudit drill
      every kind but the last
  nexoaudit drill scenario site-disaster
      recover with nothing but the copies that this disaster leaves
  nexoaudit drill scenario --all
      each scenario of the configuration
"""
_ONLY_DATABASE = (
    "--fast proves the contents of a database, and no recovery: write"
    " `nexoaudit drill database --fast`"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `drill`."""
    add_config(parser)
    add = parser.add_argument
    kinds = f"{', '.join(KINDS)}; or scenario, and the ids of scenarios"
    add("kinds", metavar="KIND", nargs="*", help=kinds)
    add("--component", metavar="ID", default="", help="only this one")
    add("--location", metavar="ID", default="", help="from there, wherever it lies nearest else")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--newest", action="store_true", help="the newest point (the default)")
    which.add_argument("--point", metavar="TIME", help="the point of that minute, or of that day")
    which.add_argument("--random", metavar="DURATION", help="any point of the last so many days")
    add("--whole", action="store_true", help="put all files on disk, not a sample of 64 MiB")
    add("--until", metavar="TIME", help="moment of a point-in-time drill; without: it chooses one")
    add("--exact", action="store_true", help="compare every table's checksum with the live server")
    add("--fast", action="store_true", help="with database: prove its contents, not its time")
    add("--all", action="store_true", help="with scenario: every one there is")
    add("--json", action="store_true", help="print the results as JSON")


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Run the drills and return the exit code of the worst result."""
    if arguments.fast and arguments.kinds != ["database"]:
        raise ConfigError((_ONLY_DATABASE,))
    require_heeded(arguments)
    if arguments.exact and (arguments.kinds != [POINT_IN_TIME] or arguments.until):
        said = "--exact is for `nexoaudit drill point-in-time`, to a moment that it chooses itself"
        raise ConfigError((said,))
    if arguments.kinds[:1] == [SCENARIO]:
        from nexoaudit.cli import scenario

        return scenario.run(arguments, arguments.kinds[1:], clock)
    loaded = load_config(arguments)
    language = loaded.policy.site.language
    zone = ZoneInfo(loaded.policy.site.timezone)
    choice = chosen(arguments, loaded.policy, clock)
    until_ms = moment_ms(arguments.until, zone, "--until")
    console = Console(highlight=False, stderr=arguments.json)
    results: list[Drill] = []
    with open_session(loaded, clock) as session:
        for target in wanted(session.recall(), choice) if choice.kinds != (SYSTEM,) else ():
            with console.status(f"{target.kind} drill of {target.component.id}"):
                result = drill(
                    session,
                    target,
                    whole=arguments.whole,
                    until_ms=until_ms,
                    exact=arguments.exact,
                    fast=arguments.fast,
                )
            results.append(result)
            show(console, result, language, zone)
        if SYSTEM in choice.kinds:
            with console.status("system drill"):
                results.append(drill_site(session, choice.location))
            show(console, results[-1], language, zone)
    if arguments.json:
        print(json.dumps([encode_drill(result) for result in results], indent=2))
    return EXIT_CODE[max((Status(result.outcome) for result in results), key=alarm)]


def show(console: Console, result: Drill, language: str, zone: ZoneInfo) -> None:
    """Print one result: verdict, steps with their times, and what was counted."""
    words = catalogue(language)
    title = mark(Status(result.outcome), words)
    of = f" of {result.component}" if result.component else ""
    title.append(f"  {result.kind} drill{of}", style="bold")
    copies = result.used or (result,)
    places = ", ".join(f"{copy.location}:{copy.path}" for copy in copies if copy.path)
    if places or result.location:
        title.append(clean(f" from {places or result.location}"), style="default")
    console.print(title, soft_wrap=True)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 3))
    if result.point_ms:
        table.add_row("recovery point", write_moment(result.point_ms, zone))
    for step in result.steps:
        came = "" if step.outcome == "pass" else mark(Status(step.outcome), words)
        table.add_row(words.steps.get(step.name, step.name), write_span(step.duration_ms), came)
    table.add_row("in all", write_span(result.duration_ms))
    labels = report_labels(language)
    for name, value in result.measures:
        if not name.startswith(("rows.", *INTERNAL)):
            table.add_row(labels.get(f"measure.{name}", name), Text(clean(write_fact(value, zone))))
    console.print(table)
    colour = "yellow" if result.outcome == "pass" else "red"
    show_problems(console, result, words, colour)
