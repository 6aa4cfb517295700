"""Retention: a good point for every slot of the floor, nothing past the ceiling."""

from collections.abc import Iterator
from typing import NamedTuple

from nexoaudit.model.fact import Moment, Span
from nexoaudit.model.policy import Component, Series
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import points
from nexoaudit.rules.fading import fading
from nexoaudit.rules.generations import explained

CONTROL = "retention"
CEILING_MS = 2 * points.DAY_MS
"""`find -mtime +30` keeps 31 days: a copy is kept too long from two days past the floor on."""


class _Held(NamedTuple):
    """The moments of the points at one place, oldest first."""

    usable: tuple[int, ...]
    """Of those that are not known to be bad."""
    proven: tuple[int, ...]
    """Of those that were read, and those that wait for their first read in due time."""

    @classmethod
    def of(
        cls, state: State, component: Component, series: str, location: str, now_ms: int
    ) -> "_Held":
        if component.parts:
            times = points.times(state, component)
            return cls(times, times)
        held = state.copies.get((component.id, series, location), ())
        usable = [copy for copy in held if points.usable(copy)]
        return cls(
            tuple(copy.time_ms for copy in usable),
            tuple(copy.time_ms for copy in usable if points.counted(copy, now_ms)),
        )


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Return per series and location how the floor stands, and what else is to be told."""
    if component.repository:
        return ()
    if component.parts:
        return (_floor(state, component, "", component.keep_s * 1000, "", now_ms),)
    found: list[Verdict | None] = []
    for series in component.series:
        for location in series.locations:
            keep = series.keep_s * 1000
            found += (
                explained(
                    state,
                    component,
                    series,
                    _floor(state, component, series.id, keep, location, now_ms),
                ),
                fading(state, component, series, location, now_ms),
                _ceiling(state, component, series, location, now_ms),
                *_beside(state, component, series, location, now_ms),
            )
    return tuple(verdict for verdict in found if verdict is not None)


def _floor(
    state: State, component: Component, series: str, keep_ms: int, location: str, now_ms: int
) -> Verdict:
    held = _Held.of(state, component, series, location, now_ms)
    place = _place(component, series, location)
    facts: dict[str, str | int] = {"location": place, "kept": len(held.proven), "missing": 0}
    if not component.scheduled:
        return _unscheduled(component, held, facts)
    start = max(now_ms - keep_ms if keep_ms else 0, component.since_ms)
    slots = state.slots.get(component.id, ())
    early_ms = points.early_ms(component)
    answered = points.answered(slots, held.proven, early_ms)
    due = [
        slot for slot in slots if slot > start and _due(state, component, location, slot) < now_ms
    ]
    # The newest slot is a matter of lateness until the next one is due as well.
    wanted = due[:-1]
    missing = [slot for slot in wanted if slot not in answered]
    perhaps = points.answered(slots, held.usable, early_ms)
    lost = [slot for slot in missing if slot not in perhaps]
    facts |= {"expected": len(wanted), "missing": len(lost)}
    if keep_ms:
        facts["keep"] = Span(keep_ms)
    status, reason = Status.PASS, "retention.kept" if keep_ms else "retention.kept_all"
    if not held.usable:
        status, reason = Status.FAIL, "retention.none"
    elif lost:
        status, reason = Status.FAIL, "retention.gap"
        facts |= {"first": Moment(lost[0]), "last": Moment(lost[-1])}
    elif missing or not held.proven:
        status, reason = Status.UNVERIFIED, "retention.unproven"
        facts |= {"unproven": len(held.usable) - len(held.proven)}
    return Verdict(CONTROL, component.id, status, reason, facts, location)


def _unscheduled(component: Component, held: _Held, facts: dict[str, str | int]) -> Verdict:
    location = str(facts["location"])
    if not held.usable:
        return Verdict(CONTROL, component.id, Status.FAIL, "retention.none", facts, location)
    facts |= {"expected": len(held.usable), "oldest": Moment(held.usable[0])}
    if not held.proven:
        facts |= {"unproven": len(held.usable)}
        reason = "retention.unproven"
        return Verdict(CONTROL, component.id, Status.UNVERIFIED, reason, facts, location)
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
    limit = _limit_ms(series, held[-1].time_ms, now_ms)
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


def _beside(
    state: State, component: Component, series: Series, location: str, now_ms: int
) -> Iterator[Verdict]:
    """Find checksum files without their file, and misnamed copies, that pruning passes over.

    Off-site misnamed copies may stay, as copies may; a checksum file without its file never is of
    any use.
    """
    sweep = state.sweeps.get(location)
    if sweep is None or not series.keep_s:
        return
    held = state.copies.get((component.id, series.id, location), ())
    limit = _limit_ms(series, held[-1].time_ms if held else now_ms, now_ms)
    for stray in sweep.strays:
        if (stray.component, stray.series) != (component.id, series.id):
            continue
        may_stay = stray.kind == "stray" and state.policy.location(location).offsite
        if may_stay or stray.oldest_ms >= limit:
            continue
        facts: dict[str, str | int] = {
            "location": _place(component, series.id, location),
            "files": stray.files,
            "oldest": Moment(stray.oldest_ms),
            "keep": Span(series.keep_s * 1000),
            "name": stray.names[0],
        }
        yield Verdict(
            CONTROL, component.id, Status.WARN, f"retention.{stray.kind}", facts, location
        )


def _limit_ms(series: Series, newest_ms: int, now_ms: int) -> int:
    """Return before which moment nothing of a series is kept any more.

    Pruning is part of the job that makes points: what is too old goes at the next run only.
    """
    pruned_ms = min(now_ms - CEILING_MS, newest_ms - CEILING_MS // 2)
    return pruned_ms - series.keep_s * 1000


def _place(component: Component, series: str, location: str) -> str:
    """Return how to speak of a place: with the series where the component has several."""
    if not location:
        return ", ".join(component.parts)
    return f"{location}, {series}" if len(component.series) > 1 else location


def _due(state: State, component: Component, location: str, slot: int) -> int:
    """Return by when the slot's point must be at the location, after the job's own grace."""
    if not location or not state.policy.location(location).transfer:
        return slot + component.grace_s * 1000
    return points.due_ms(state, component, location, slot)
