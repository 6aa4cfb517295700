"""Retention: a good point for every slot of the floor, nothing past the ceiling."""

from nexoaudit.model.fact import Moment, Span
from nexoaudit.model.policy import Component, Series
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import points

CONTROL = "retention"
CEILING_MS = 2 * points.DAY_MS
"""`find -mtime +30` keeps 31 days: a copy is kept too long from two days past the floor on."""


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Return one verdict per series and location, or one per component made of parts."""
    if component.repository:
        return ()
    if component.parts:
        return (_floor(state, component, "", component.keep_s * 1000, "", now_ms),)
    found = []
    for series in component.series:
        for location in series.locations:
            keep = series.keep_s * 1000
            found.append(_floor(state, component, series.id, keep, location, now_ms))
            over = _ceiling(state, component, series, location, now_ms)
            if over is not None:
                found.append(over)
    return tuple(found)


def _floor(
    state: State, component: Component, series: str, keep_ms: int, location: str, now_ms: int
) -> Verdict:
    times = _times(state, component, series, location)
    place = _place(component, series, location)
    facts: dict[str, str | int] = {"location": place, "kept": len(times), "missing": 0}
    if not component.scheduled:
        return _unscheduled(component, times, facts)
    start = max(now_ms - keep_ms if keep_ms else 0, component.since_ms)
    slots = state.slots.get(component.id, ())
    answered = points.answered(slots, times, points.early_ms(component))
    due = [
        slot for slot in slots if slot > start and _due(state, component, location, slot) < now_ms
    ]
    # The newest slot is a matter of lateness until the next one is due as well.
    wanted = due[:-1]
    missing = [slot for slot in wanted if slot not in answered]
    facts |= {"expected": len(wanted), "missing": len(missing)}
    if keep_ms:
        facts["keep"] = Span(keep_ms)
    if not times:
        return Verdict(CONTROL, component.id, Status.FAIL, "retention.none", facts, location)
    if missing:
        facts |= {"first": Moment(missing[0]), "last": Moment(missing[-1])}
        return Verdict(CONTROL, component.id, Status.FAIL, "retention.gap", facts, location)
    reason = "retention.kept" if keep_ms else "retention.kept_all"
    return Verdict(CONTROL, component.id, Status.PASS, reason, facts, location)


def _unscheduled(
    component: Component, times: tuple[int, ...], facts: dict[str, str | int]
) -> Verdict:
    location = str(facts["location"])
    if not times:
        return Verdict(CONTROL, component.id, Status.FAIL, "retention.none", facts, location)
    facts |= {"expected": len(times), "oldest": Moment(times[0])}
    return Verdict(CONTROL, component.id, Status.PASS, "retention.versions", facts, location)


def _ceiling(
    state: State, component: Component, series: Series, location: str, now_ms: int
) -> Verdict | None:
    """Find copies kept too long; off-site they may stay, and the newest one always may."""
    if not series.keep_s or state.policy.location(location).offsite:
        return None
    held = state.copies.get((component.id, series.id, location), ())
    if not held:
        return None
    # Pruning is part of the job that makes points: what is too old goes at the next run only.
    pruned_ms = min(now_ms - CEILING_MS, held[-1].time_ms - CEILING_MS // 2)
    limit = pruned_ms - series.keep_s * 1000
    over = [copy for copy in held[:-1] if copy.time_ms < limit]
    if not over:
        return None
    facts: dict[str, str | int] = {
        "location": _place(component, series.id, location),
        "over": len(over),
        "oldest": Moment(over[0].time_ms),
        "keep": Span(series.keep_s * 1000),
    }
    return Verdict(CONTROL, component.id, Status.WARN, "retention.over", facts, location)


def _place(component: Component, series: str, location: str) -> str:
    """Return how to speak of a place: with the series where the component has several."""
    if not location:
        return ", ".join(component.parts)
    return f"{location}, {series}" if len(component.series) > 1 else location


def _times(state: State, component: Component, series: str, location: str) -> tuple[int, ...]:
    if component.parts:
        return points.times(state, component)
    held = state.copies.get((component.id, series, location), ())
    return tuple(copy.time_ms for copy in held if points.usable(copy))


def _due(state: State, component: Component, location: str, slot: int) -> int:
    """Return by when the slot's point must be at the location, after the job's own grace."""
    if not location or not state.policy.location(location).transfer:
        return slot + component.grace_s * 1000
    return points.due_ms(state, component, location, slot)
