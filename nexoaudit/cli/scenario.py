"""`nexoaudit drill scenario`: recover from a disaster with what it leaves, and time it."""

import argparse
import json
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from nexoaudit.auditor.scenes import play
from nexoaudit.auditor.session import open_session
from nexoaudit.cli.main import Clock
from nexoaudit.cli.setup import load_config
from nexoaudit.cli.verdicts import clean, mark, show_problems
from nexoaudit.errors import ConfigError
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Policy, Scenario
from nexoaudit.model.verdict import EXIT_CODE, Status, alarm
from nexoaudit.outlook import undeclared
from nexoaudit.state.drills import encode_drill
from nexoaudit.wording.catalogue import catalogue
from nexoaudit.wording.sentence import step_name
from nexoaudit.wording.values import write_moment, write_span


def run(arguments: argparse.Namespace, names: list[str], clock: Clock) -> int:
    """Play the named scenarios, or all; return the exit code of the worst result."""
    loaded = load_config(arguments)
    chosen = _chosen(loaded.policy, names, everything=arguments.all)
    console = Console(highlight=False, stderr=arguments.json)
    zone = ZoneInfo(loaded.policy.site.timezone)
    results: list[Drill] = []
    with open_session(loaded, clock) as session:
        for scenario in chosen:
            with console.status(f"scenario {scenario.id}"):
                results.append(play(session, scenario))
            show(console, results[-1], scenario, loaded.policy.site.language, zone)
    if arguments.json:
        print(json.dumps([encode_drill(result) for result in results], indent=2))
    return EXIT_CODE[max((Status(result.outcome) for result in results), key=alarm)]


def _chosen(policy: Policy, names: list[str], *, everything: bool) -> list[Scenario]:
    known = {scenario.id: scenario for scenario in policy.scenarios}
    if not known:
        said = "no scenario is configured: say in a [scenario.ID] what a disaster destroys"
        raise ConfigError((said,))
    unknown = [name for name in names if name not in known]
    if unknown or (not names and not everything):
        asked = f"there is no scenario {unknown[0]!r}" if unknown else "name a scenario, or --all"
        raise ConfigError((f"{asked}; there are: {', '.join(known)}",))
    return list(known.values()) if everything else [known[name] for name in names]


def show(
    console: Console, result: Drill, scenario: Scenario, language: str, zone: ZoneInfo
) -> None:
    """Print one result: what was measured and what was declared, apart and together."""
    words = catalogue(language)
    title = mark(Status(result.outcome), words)
    title.append(f"  scenario {scenario.id}", style="bold")
    if result.location:
        title.append(clean(f" from {result.location}"))
    console.print(title, soft_wrap=True)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 3))
    for step in result.steps:
        table.add_row(clean(step_name(step.name, words)), write_span(step.duration_ms))
    measured_ms = result.measure("measured_ms")
    declared_ms = sum(seconds for _, seconds in scenario.declared) * 1000
    if result.steps:
        table.add_row("measured", write_span(measured_ms), style="bold")
    for name, seconds in scenario.declared:
        table.add_row(clean(f"declared: {name}"), write_span(seconds * 1000))
    for name in undeclared(scenario):
        table.add_row(f"not declared: {name}", "?", style="yellow")
    if result.steps:
        _add_totals(table, result, scenario, measured_ms + declared_ms)
        table.add_row("recoverable up to", write_moment(result.point_ms, zone))
        _add_losses(table, result)
    console.print(table)
    show_problems(console, result, words, "yellow")
    if result.outcome == "pass" and (missing := ", ".join(undeclared(scenario))):
        said = f"the recovery time is unverified: add to `declared` of [scenario.{scenario.id}]"
        console.print(f"   {said}: {missing}", style="yellow", markup=False)


def _add_losses(table: Table, result: Drill) -> None:
    """Add what would be lost, of each component too; an old configuration lost nothing by that."""
    table.add_row("lost", write_span(result.measure("loses_ms")))
    lost = dict.fromkeys(used.component for used in result.used if used.part != "config")
    for name in lost if len(lost) > 1 else ():
        table.add_row(clean(f"lost of {name}"), write_span(result.measure(f"loses.{name}")))


def _add_totals(table: Table, result: Drill, scenario: Scenario, known_ms: int) -> None:
    least = "at least " if undeclared(scenario) else ""
    rto = write_span(scenario.rto_s * 1000)
    table.add_row("in all", f"{least}{write_span(known_ms)} of {rto}", style="bold")
    if result.measure("extrapolated_ms"):
        reckoned = write_span(result.measure("extrapolated_ms"))
        table.add_row("of which extrapolated", reckoned)
    slower_ms = result.measure("guide_ms") - result.measure("measured_ms")
    table.add_row("the guide's way, about", f"{least}{write_span(known_ms + slower_ms)}")
