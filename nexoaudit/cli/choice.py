"""Which recovery points a person asks a drill for."""

import argparse
from datetime import timedelta
from zoneinfo import ZoneInfo

from nexoaudit.auditor.targets import DRILLS, SYSTEM, Choice, Target, targets
from nexoaudit.cli.main import Clock
from nexoaudit.cli.signing import moment_ms
from nexoaudit.drill.point_in_time import KIND as POINT_IN_TIME
from nexoaudit.errors import ConfigError
from nexoaudit.evidence import millis
from nexoaudit.model.policy import Policy
from nexoaudit.model.state import State
from nexoaudit.policy.units import parse_duration
from nexoaudit.wording.values import write_moment

KINDS = (*DRILLS, SYSTEM)
"""Every kind of drill."""
SCENARIO = "scenario"
"""What is asked for with the ids of scenarios."""
_DATE = len("2026-11-20")
_SERVES = {
    "whole": ("files", "config"),
    "until": (POINT_IN_TIME,),
    "all": (SCENARIO,),
    **dict.fromkeys(("component", "location"), KINDS),
    **dict.fromkeys(("point", "random"), DRILLS),
}
"""Which drills heed each option; where none of them is asked for it is refused, not passed over."""


def require_heeded(arguments: argparse.Namespace) -> None:
    """Raise ConfigError for an option that no drill that is asked for would heed."""
    asked = {SCENARIO} if arguments.kinds[:1] == [SCENARIO] else set(arguments.kinds or DRILLS)
    for name, kinds in _SERVES.items():
        if getattr(arguments, name) and not asked & set(kinds):
            drills = " and ".join(f"`nexoaudit drill {kind}`" for kind in kinds[:2])
            others = f", {', '.join(kinds[2:])}" if kinds[2:] else ""
            raise ConfigError((f"--{name} does nothing here: it is for {drills}{others}",))


def chosen(arguments: argparse.Namespace, policy: Policy, clock: Clock) -> Choice:
    """Return what the options of a command ask for; raise ConfigError for what does not exist."""
    kinds = tuple(arguments.kinds) or DRILLS
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise ConfigError((f"there is no drill {unknown[0]!r}; there are: {', '.join(KINDS)}",))
    if SYSTEM in kinds and (arguments.component or arguments.point or arguments.random):
        said = "a system is restored from the newest of all: leave out --component and the time"
        raise ConfigError((said,))
    _require("--component", arguments.component, [item.id for item in policy.components])
    _require("--location", arguments.location, [place.id for place in policy.locations])
    choice = Choice(kinds, arguments.component, arguments.location)
    if arguments.point:
        start_ms, end_ms = _point(arguments.point, ZoneInfo(policy.site.timezone))
        return choice._replace(start_ms=start_ms, end_ms=end_ms)
    if arguments.random:
        seconds = _seconds(arguments.random)
        return choice._replace(start_ms=millis(clock()) - seconds * 1000, random=True)
    return choice


def wanted(state: State, choice: Choice) -> list[Target]:
    """Return what is to be restored; raise ConfigError when there is nothing of the kind."""
    found = list(targets(state, choice))
    if not found:
        raise ConfigError((_no_component(state, choice),))
    if choice.location:
        found = [item for item in found if choice.location in item.series.locations]
        if not found:
            raise ConfigError((f"none of them is kept at {choice.location}",))
    if choice.start_ms:
        found = [item for item in found if item.copy is not None]
        if not found:
            raise ConfigError((_no_point(state, choice),))
    return found


def _no_component(state: State, choice: Choice) -> str:
    """Return the sentence for a drill of which the policy has nothing to restore."""
    kinds = " or ".join(f"`drill {kind}`" for kind in choice.kinds)
    able = [item.component.id for item in targets(state, choice._replace(component=""))]
    if not choice.component or not able:
        return f"no component has backups that {kinds} could restore"
    there = ", ".join(dict.fromkeys(able))
    return f"{choice.component} has nothing that {kinds} could restore; there are: {there}"


def _no_point(state: State, choice: Choice) -> str:
    """Return the sentence for a moment of which there is no point, with those that are nearest."""
    zone = ZoneInfo(state.policy.site.timezone)
    held = {
        item.copy.time_ms
        for around in (
            choice._replace(start_ms=0, end_ms=choice.start_ms, random=False),
            choice._replace(start_ms=choice.start_ms, end_ms=0, random=False),
        )
        for item in targets(state, around)
        if item.copy is not None
    }
    near = ", ".join(write_moment(moment, zone) for moment in sorted(held)) or "none at all"
    return f"there is no finished recovery point of that time; the last before, and of all: {near}"


def _require(option: str, name: str, known: list[str]) -> None:
    if name and name not in known:
        raise ConfigError((f"{option} {name!r} does not exist; there are: {', '.join(known)}",))


def _point(text: str, zone: ZoneInfo) -> tuple[int, int]:
    """Return the minute or the day that `text` names, as its first and the first later moment."""
    start_ms = moment_ms(text, zone, "--point")
    length = timedelta(days=1) if len(text) <= _DATE else timedelta(minutes=1)
    return start_ms, start_ms + length // timedelta(milliseconds=1)


def _seconds(text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ConfigError((f"--random {text!r} is not {error}",)) from error
