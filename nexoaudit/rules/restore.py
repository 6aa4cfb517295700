"""Test restores: was the newest one recent enough, good, and fast enough?"""

from types import MappingProxyType

from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Moment, Span
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import points
from nexoaudit.rules.points import DAY_MS

CONTROL = "restore"
FUTURE_MS = 10 * 60_000
RECENT_MS = 35 * DAY_MS
"""A monthly test restore may be this old."""

DRILL_OF_KIND = MappingProxyType({"database": "database", "uploads": "files", "config": "config"})
"""The kind of drill that proves a kind of component."""

_OUTCOMES = MappingProxyType(
    {
        "pass": (Status.PASS, "restore.proven"),
        "fail": (Status.FAIL, "restore.failed"),
    }
)


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Judge the newest drill of each series of a component; nothing for kinds without a drill."""
    if not drilled(component):
        return ()
    kind = DRILL_OF_KIND[component.kind]
    return points.by_series(component, lambda part: _newest(state, part, kind, now_ms))


def drilled(component: Component) -> bool:
    """Return whether there is a drill for a component."""
    return component.kind in DRILL_OF_KIND


def _newest(state: State, component: Component, kind: str, now_ms: int) -> Verdict:
    drill = _drill(state, component, kind)
    if drill is None:
        return Verdict(CONTROL, component.id, Status.UNVERIFIED, "restore.never")
    age = now_ms - drill.started_ms
    if age < -FUTURE_MS:
        dated = {"drilled": Moment(drill.started_ms)}
        return Verdict(CONTROL, component.id, Status.UNVERIFIED, "restore.in_future", dated)
    facts: dict[str, str | int] = {
        "drilled": Moment(drill.started_ms),
        "age": Span(age),
        "duration": Span(drill.duration_ms),
        "rto": Span(component.rto_s * 1000),
        "point": Moment(drill.point_ms),
        "problem": drill.reason,
        "detail": drill.detail,
    }
    status, reason = _OUTCOMES.get(drill.outcome, (Status.UNVERIFIED, "restore.not_run"))
    if status is Status.PASS and drill.duration_ms > component.rto_s * 1000:
        status, reason = Status.FAIL, "restore.too_slow"
    elif status is Status.PASS and age > RECENT_MS:
        status = Status.WARN if age <= 2 * RECENT_MS else Status.FAIL
        reason = "restore.overdue"
    return Verdict(CONTROL, component.id, status, reason, facts)


def _drill(state: State, component: Component, kind: str) -> Drill | None:
    """Return the newest drill of a component of at most one series."""
    series = {"", *(item.id for item in component.series)}
    found = [
        drill
        for drill in state.drills
        if drill.component == component.id and drill.kind == kind and drill.series in series
    ]
    return max(found, key=lambda drill: drill.started_ms, default=None)
