"""What became of each slot: answered on time, late, outside the window, twice, or not at all."""

from bisect import bisect_right
from enum import StrEnum
from typing import NamedTuple

from nexoaudit.model.copy import Copy
from nexoaudit.model.policy import Component, Series
from nexoaudit.model.state import State
from nexoaudit.rules import points

RANGE_MS = 40 * points.DAY_MS
"""How far back slots are asked for."""


class Fate(StrEnum):
    """What became of one slot; each slot has exactly one."""

    WAITING = "waiting"
    """Not due yet, or due after the newest look at where points are made."""
    ON_TIME = "on_time"
    TWICE = "twice"
    """Two good points within the job's own time: it is scheduled twice."""
    LATE = "late"
    """There after slot + grace only."""
    OUTSIDE = "outside"
    """Started or ended outside the component's window."""
    MISSED = "missed"


class Answer(NamedTuple):
    """One slot of one series, and what became of it."""

    slot_ms: int
    fate: Fate
    point_ms: int = 0
    """The moment that decided it: of the run's start, or of its end where that is the fault."""
    series: str = ""


class _Run(NamedTuple):
    """One run of the job, as its file shows it."""

    time_ms: int
    end_ms: int
    """When the file was there; its start when the end cannot be told."""
    good: bool
    named: bool
    """The time is that of the name; another source does not tell runs apart."""


def answers(state: State, component: Component, series: Series, now_ms: int) -> tuple[Answer, ...]:
    """Return what became of every slot that a series is asked for up to `now_ms`, oldest first.

    Damaged files answer too: that the job ran is one question, what it made another one.
    """
    seen_ms = min(now_ms, _seen_ms(state, series))
    slots = state.slots.get(component.id, ())
    runs = _runs(state, component, series, seen_ms)
    start = _start_ms(state, component, series, runs, now_ms)
    held = _by_slot(state, slots, runs)
    return tuple(
        _answer(state, component, slot, held.get(slot, []), seen_ms)._replace(series=series.id)
        for slot in slots
        if start < slot <= now_ms
    )


def made_at(state: State, series: Series) -> tuple[str, ...]:
    """Return the locations where points of a series are made; all when each has a transfer."""
    made = tuple(p for p in series.locations if not state.policy.location(p).transfer)
    return made or series.locations


def _seen_ms(state: State, series: Series) -> int:
    """Return up to when it is known what is where points are made; 0: it was never listed."""
    looks = [state.sweeps.get(place) for place in made_at(state, series)]
    return min((look.finished_ms if look is not None else 0 for look in looks), default=0)


def _start_ms(
    state: State, component: Component, series: Series, runs: list[_Run], now_ms: int
) -> int:
    """Return after which moment slots are asked for: before it nothing can be known.

    Points older than the retention are gone by right, and nobody saw what was before both the
    ledger and the oldest point.
    """
    keep_ms = min(series.keep_s * 1000 or RANGE_MS, RANGE_MS)
    known_ms = state.started_ms
    if runs:
        known_ms = min(known_ms, runs[0].time_ms - points.EARLY_MS)
    if runs and series.tree and not series.dated:
        # The older generation shows what is kept; what ran between may have been overwritten.
        slots = state.slots.get(component.id, ())
        index = bisect_right(slots, runs[-1].time_ms + points.EARLY_MS) - 1
        known_ms = slots[index] - 1 if index >= 0 else known_ms
    return max(now_ms - keep_ms, component.since_ms, known_ms)


def _runs(state: State, component: Component, series: Series, seen_ms: int) -> list[_Run]:
    """Return the runs whose files are anywhere, oldest first.

    Elsewhere than where they are made only names count: a transfer may renew every other time.
    """
    made = made_at(state, series)
    found: dict[int, _Run] = {}
    for place in series.locations:
        for copy in state.copies.get((component.id, series.id, place), ()):
            named = copy.time_source == "name"
            if place in made:
                end = _end_ms(component, copy, seen_ms)
            elif named and copy.finished:
                end = copy.time_ms
            else:
                continue
            good = points.usable(copy)
            known = found.get(copy.time_ms)
            if known is not None:
                # Where it is made tells when it was there; a copy elsewhere only that it was.
                end = known.end_ms if place not in made else end
                good = good or known.good
            found[copy.time_ms] = _Run(copy.time_ms, end, good, named)
    return [found[time] for time in sorted(found)]


def _end_ms(component: Component, copy: Copy, seen_ms: int) -> int:
    """Return when the run of a copy had ended, as far as anything can be trusted to tell.

    A dump's trailer rather than the file's time; neither when it lies before the start or more
    than a day after it; and never later than the auditor saw it.
    """
    if not copy.finished:
        return max(copy.time_ms, seen_ms)
    if copy.time_source != "name":
        return copy.time_ms
    by_trailer = component.kind == "database" and copy.content_ms
    end = copy.content_ms if by_trailer else copy.mtime_ms
    if not copy.time_ms <= end < copy.time_ms + points.DAY_MS:
        return copy.time_ms
    return min(end, max(copy.seen_ms, copy.time_ms))


def _by_slot(state: State, slots: tuple[int, ...], runs: list[_Run]) -> dict[int, list[_Run]]:
    """Return the runs of each slot: a run is of the newest slot that is not later than it."""
    held: dict[int, list[_Run]] = {}
    for run in runs:
        index = bisect_right(slots, run.time_ms + points.EARLY_MS) - 1
        if index >= 0:
            held.setdefault(slots[index], []).append(run)
    for moment, length in state.turned_back:
        first = bisect_right(slots, moment - 1)
        for slot in slots[first : bisect_right(slots, moment + length - 1)]:
            _share(held, slot - length, slot)
    return held


def _share(held: dict[int, list[_Run]], first: int, second: int) -> None:
    """Let the runs of an hour that came twice answer both: their names are the same."""
    runs = held.get(first, [])
    if not runs or held.get(second):
        return
    shift = second - first
    run = runs.pop() if len(runs) > 1 else runs[0]
    held[second] = [run._replace(time_ms=run.time_ms + shift, end_ms=run.time_ms + shift)]


def _answer(
    state: State, component: Component, slot: int, runs: list[_Run], seen_ms: int
) -> Answer:
    due = slot + component.grace_s * 1000
    if not runs:
        return Answer(slot, Fate.MISSED if seen_ms > due else Fate.WAITING)
    run = runs[0]
    end = run.end_ms - _repeated_ms(state, run)
    for moment in (run.time_ms, end):
        if not _in_window(state, component, moment):
            return Answer(slot, Fate.OUTSIDE, moment)
    if end > due:
        return Answer(slot, Fate.LATE, end)
    good = [run for run in runs if run.good and run.named and run.time_ms <= due]
    if len(good) > 1:
        return Answer(slot, Fate.TWICE, good[1].time_ms)
    return Answer(slot, Fate.ON_TIME, run.time_ms)


def _repeated_ms(state: State, run: _Run) -> int:
    """Return by how much a run may seem to last longer: its name is of an hour that came twice."""
    for moment, length in state.turned_back:
        if run.named and moment - length <= run.time_ms < moment:
            return min(length, run.end_ms - run.time_ms)
    return 0


def _in_window(state: State, component: Component, moment: int) -> bool:
    """Return whether a moment lies in a window of the component, or it has none; see `State`."""
    edges = state.windows.get(component.id, ())
    early = points.EARLY_MS
    return not edges or any(
        bisect_right(edges, at) % 2 for at in (moment, moment + early, moment - early)
    )
