"""`nexoaudit runbook`: the commands that recover a scenario now, as text; nothing is run."""

import argparse
import os
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from nexoaudit.cli.main import Clock
from nexoaudit.cli.setup import add_config, load_config
from nexoaudit.cli.signing import moment_ms
from nexoaudit.errors import ConfigError
from nexoaudit.model.policy import Scenario
from nexoaudit.model.state import State
from nexoaudit.runbook.book import write
from nexoaudit.state.file import NAME, read_state

EXAMPLES = """\
  nexoaudit runbook site-disaster --output /root/site-disaster.txt
      what to do when the site is gone; keep it where the disaster does not reach
  nexoaudit runbook
      one for each scenario, one after another
  nexoaudit runbook data-corruption --before 2026-11-20T14:30
      for damage of that moment: only from backups made before it
  nexoaudit runbook --state /media/usb/state.json site-disaster
      from a copy of the state alone: no configuration, no ledger, no network
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `runbook`."""
    add_config(parser)
    parser.add_argument(
        "scenarios", metavar="SCENARIO", nargs="*", help="ids of scenarios; none: all"
    )
    parser.add_argument(
        "--state", metavar="FILE", type=Path, help="a state.json, instead of the configuration's"
    )
    parser.add_argument(
        "--before", metavar="TIME", help="use only backups made before it: when damage was done"
    )
    parser.add_argument(
        "--output", metavar="FILE", type=Path, help="write it there, for its owner only"
    )


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Write the runbooks; nothing of them is run."""
    path = arguments.state
    if path is None:
        path = Path(load_config(arguments).policy.site.state_dir) / NAME
    state = read_state(path)
    zone = ZoneInfo(state.policy.site.timezone)
    chosen = _chosen(state, arguments.scenarios)
    before_ms = moment_ms(arguments.before, zone, "--before")
    text = "\n".join(write(state, scenario, clock(), zone, before_ms) for scenario in chosen)
    if arguments.output is None:
        sys.stdout.write(text)
        return 0
    descriptor = os.open(arguments.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


def _chosen(state: State, names: list[str]) -> list[Scenario]:
    known = {scenario.id: scenario for scenario in state.policy.scenarios}
    there = ", ".join(known) or "none: say in a [scenario.ID] what a disaster destroys"
    unknown = [name for name in names if name not in known]
    if unknown or not known:
        asked = f"there is no scenario {unknown[0]!r}" if unknown else "there is no scenario"
        raise ConfigError((f"{asked}; there are: {there}",))
    return [known[name] for name in names] if names else list(known.values())
