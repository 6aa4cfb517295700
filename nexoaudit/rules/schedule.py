"""Schedule: did the job run for every slot, in time, in its window, and once?"""

from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from nexoaudit.model.fact import Fact, Moment, Span
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict, alarm
from nexoaudit.rules import points
from nexoaudit.rules.runs import Answer, Fate, answers

CONTROL = "schedule"
SETTLED_SLOTS = 7
SETTLED_MS = 7 * points.DAY_MS
"""What was not in order is told of until so many slots in a row were, or for so long."""
STOPPED_SLOTS = 2
"""Slots missed in a row, the newest one among them, that are a failure."""
UNRELIABLE_TIMES = 3
"""How often a job that is told of may have missed and recovered: then it is a failure."""

_REASON = MappingProxyType(
    {
        Fate.MISSED: "schedule.missed",
        Fate.LATE: "schedule.late",
        Fate.OUTSIDE: "schedule.outside",
        Fate.TWICE: "schedule.twice",
    }
)
"""What is not in order, worst first."""


class _Finding(NamedTuple):
    """How one series stands."""

    status: Status
    reason: str
    facts: dict[str, Fact]


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Return one verdict with counts of the last 40 days; none for what has no slots of its own."""
    if not component.scheduled or component.parts or component.repository:
        return ()
    if not state.slots.get(component.id):
        return (Verdict(CONTROL, component.id, Status.UNVERIFIED, "schedule.slots_unknown"),)
    known: list[Answer] = []
    found: list[_Finding] = []
    for series in component.series:
        asked = answers(state, component, series, now_ms)
        told = [answer for answer in asked if answer.fate is not Fate.WAITING]
        known += told
        found += _judged(told, now_ms)
    facts = _counts(component, known)
    if not found:
        return (Verdict(CONTROL, component.id, Status.PASS, _well(facts), facts),)
    worst = max(found, key=lambda finding: (alarm(finding.status), _rank(finding.reason)))
    return (Verdict(CONTROL, component.id, worst.status, worst.reason, facts | worst.facts),)


def _judged(known: list[Answer], now_ms: int) -> list[_Finding]:
    """Return what is to be told of one series' slots, oldest slot first."""
    recent = _unsettled(known, now_ms)
    found = []
    for fate, reason in _REASON.items():
        held = [answer for answer in recent if answer.fate is fate]
        if held:
            newest = held[-1]
            facts: dict[str, Fact] = {
                "slot": Moment(newest.slot_ms),
                "point": Moment(newest.point_ms),
                "series": newest.series,
            }
            found.append(_Finding(Status.WARN, reason, facts))
    return [*found, *_stopped(known), *_unreliable(recent)]


def _unsettled(known: list[Answer], now_ms: int) -> list[Answer]:
    """Return the answers that are still told of: no row of good ones and no week came since.

    A slot missed last of all is told of however long ago it was.
    """
    recent: list[Answer] = []
    row = 0
    for answer in reversed(known):
        row = row + 1 if answer.fate is Fate.ON_TIME else 0
        gone = answer.slot_ms <= now_ms - SETTLED_MS and bool(recent)
        if row >= SETTLED_SLOTS or gone:
            break
        recent.append(answer)
    return recent[::-1]


def _stopped(known: list[Answer]) -> list[_Finding]:
    row = 0
    for answer in reversed(known):
        if answer.fate is not Fate.MISSED:
            break
        row += 1
    if row < STOPPED_SLOTS:
        return []
    facts: dict[str, Fact] = {"row": row, "first": Moment(known[-row].slot_ms)}
    return [_Finding(Status.FAIL, "schedule.stopped", facts)]


def _unreliable(recent: list[Answer]) -> list[_Finding]:
    """Find a job that failed, recovered and failed again: mending it has not helped."""
    rows = groupby(recent, key=lambda answer: answer.fate is Fate.MISSED)
    times = sum(1 for missed, _ in rows if missed)
    if times < UNRELIABLE_TIMES:
        return []
    last = [answer for answer in recent if answer.fate is Fate.MISSED][-1]
    facts: dict[str, Fact] = {"times": times, "slot": Moment(last.slot_ms)}
    return [_Finding(Status.FAIL, "schedule.unreliable", facts)]


def _counts(component: Component, known: list[Answer]) -> dict[str, Fact]:
    """Return how many slots had each fate, and the newest slot of each that is not in order."""
    facts: dict[str, Fact] = {
        "slots": len(known),
        "on_time": sum(1 for answer in known if answer.fate is Fate.ON_TIME),
        "grace": Span(component.grace_s * 1000),
        "window": component.window,
    }
    for fate in _REASON:
        slots = [answer.slot_ms for answer in known if answer.fate is fate]
        facts[fate.value] = len(slots)
        facts[f"last_{fate.value}"] = Moment(max(slots, default=0))
    return facts


def _well(facts: dict[str, Fact]) -> str:
    if not facts["slots"]:
        return "schedule.none_due"
    return "schedule.in_order" if facts["slots"] == facts["on_time"] else "schedule.settled"


def _rank(reason: str) -> int:
    """Return how much a reason tells beside another of the same status."""
    order = ["schedule.stopped", "schedule.unreliable", *_REASON.values()]
    return -order.index(reason)
