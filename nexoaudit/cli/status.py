"""`nexoaudit status`: every verdict, from the same state and rules as the checks."""

import argparse
import json
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from nexoaudit import evidence
from nexoaudit.assess import (
    SITE_CONTROLS,
    STANDING,
    assess_auditor,
    assess_components,
    assess_site,
    assess_staleness,
)
from nexoaudit.cli.main import Clock
from nexoaudit.cli.places import places_json, points_json, print_places
from nexoaudit.cli.setup import add_config, load_config
from nexoaudit.cli.verdicts import clean, mark, print_sentences, print_table
from nexoaudit.model.state import State
from nexoaudit.model.verdict import EXIT_CODE, Status, Verdict, worst
from nexoaudit.state.file import NAME, config_digest, read_state
from nexoaudit.wording.catalogue import Catalogue, catalogue
from nexoaudit.wording.sentence import sentence
from nexoaudit.wording.values import write_moment, write_span

EXAMPLES = """\
  nexoaudit status
      the verdicts as a table, and a sentence for everything that is not well
  nexoaudit status --all
      a sentence for everything, and what is known of each place where copies lie
  nexoaudit status --json | jq '.verdicts[] | select(.status == "fail")'
  nexoaudit status --json | jq '.points[] | {component, copies: [.copies[] | {location, proof}]}'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `status`."""
    add_config(parser)
    parser.add_argument(
        "--all", action="store_true", help="say what is well, too, and what is known of each place"
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Print the verdicts and return the exit code of the worst one that a check would report."""
    loaded = load_config(arguments)
    state = read_state(Path(loaded.policy.site.state_dir) / NAME)
    now_ms = evidence.millis(clock())
    verdicts = (
        *assess_auditor(state, now_ms, config_digest(state)),
        *assess_staleness(state, now_ms),
        *assess_components(state, now_ms),
        *assess_site(state, now_ms),
    )
    if arguments.json:
        print(json.dumps(_as_json(state, verdicts, now_ms), indent=2))
    else:
        _print(state, verdicts, now_ms, everything=arguments.all)
    polled = tuple(verdict for verdict in verdicts if verdict.control not in STANDING)
    return EXIT_CODE[worst(polled)]


def _print(state: State, verdicts: tuple[Verdict, ...], now_ms: int, *, everything: bool) -> None:
    console = Console(highlight=False)
    words = catalogue(state.policy.site.language)
    zone = ZoneInfo(state.policy.site.timezone)
    site = state.policy.site
    age = write_span(max(0, now_ms - state.heartbeat_ms))
    title = f"{site.name}, {write_moment(state.heartbeat_ms, zone)} {site.timezone} ({age} ago)"
    console.print(title + (" — Demonstration" if site.demonstration else ""), style="bold")
    print_table(console, state, verdicts, words)
    console.print()
    auditor = tuple(verdict for verdict in verdicts if verdict.control == "auditor")
    shown = tuple(v for v in verdicts if everything or v.status is not Status.PASS)
    polled_ones = tuple(v for v in shown if v.control not in STANDING)
    print_sentences(console, once(polled_ones), words, zone)
    standing = tuple(v for v in shown if v.control in STANDING)
    if standing:
        console.print("\nStanding findings about the policy", style="bold")
        print_sentences(console, standing, words, zone)
    if worst(auditor) is Status.PASS:
        _print_well(console, auditor[0], words, zone)
    for control in SITE_CONTROLS if not everything else ():
        site_wide = tuple(verdict for verdict in verdicts if verdict.control == control)
        if worst(site_wide) is Status.PASS:
            for verdict in _first_of_each(site_wide):
                _print_well(console, verdict, words, zone)
    if everything:
        print_places(console, state, words, zone)


def _print_well(console: Console, verdict: Verdict, words: Catalogue, zone: ZoneInfo) -> None:
    console.print(mark(Status.PASS, words), end="")
    said = clean(sentence(verdict, words, zone))
    console.print(f"  {verdict.control}: {said}", soft_wrap=True, markup=False)


def _first_of_each(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Return the first verdict about each subject: the one that has the figures."""
    return tuple({verdict.subject: verdict for verdict in reversed(verdicts)}.values())[::-1]


def once(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Return the verdicts, what is the same of every control said once.

    A location that cannot be listed is said for the location, a missing configuration for the
    component.
    """
    said: set[tuple[str, str, str]] = set()
    kept = []
    for verdict in verdicts:
        told = _told(verdict)
        key = told.component, told.reason, told.subject
        if told is verdict or key not in said:
            kept.append(told)
        if told is not verdict:
            said.add(key)
    return tuple(kept)


def _told(verdict: Verdict) -> Verdict:
    """Return the verdict about what it is really about."""
    if verdict.reason.startswith("location."):
        return verdict._replace(component="", control="location")
    if verdict.reason == "component.unconfigured":
        return verdict._replace(control="")
    return verdict


def _as_json(state: State, verdicts: tuple[Verdict, ...], now_ms: int) -> dict[str, object]:
    words = catalogue(state.policy.site.language)
    zone = ZoneInfo(state.policy.site.timezone)
    return {
        "site": state.policy.site.name,
        "demonstration": state.policy.site.demonstration,
        "heartbeat_ms": state.heartbeat_ms,
        "ledger_size": state.ledger_size,
        "ledger_root": state.ledger_root,
        "verdicts": [
            {
                "control": verdict.control,
                "component": verdict.component,
                "subject": verdict.subject,
                "status": verdict.status.value,
                "reason": verdict.reason,
                "facts": dict(verdict.facts),
                "sentence": sentence(verdict, words, zone),
            }
            for verdict in verdicts
        ],
        "locations": places_json(state),
        "points": points_json(state, now_ms),
    }
