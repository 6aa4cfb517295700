"""Recovery points: which copies count, when they are due, and where."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping

from nexoaudit.formats.names import unsealed
from nexoaudit.model.copy import Assurance, Copy
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules.problems import condition

EARLY_MS = 60_000
"""A point may carry a time this long before its slot: clocks are not exact."""

DAY_MS = 86_400_000
_NEVER_MS = 400 * DAY_MS
VERIFY_WITHIN_MS = 2 * 3_600_000
"""How long after it was first seen a copy may wait for its first read."""


def copies(state: State, component: Component, location: str = "") -> Iterator[Copy]:
    """Yield the copies of every series of a component, at one location or at all."""
    for series in component.series:
        for place in (location,) if location else series.locations:
            yield from state.copies.get((component.id, series.id, place), ())


def name_of(copy: Copy) -> str:
    """Return what the copies of one point have in common: the name it was made under."""
    return copy.of or unsealed(copy.path)


def usable(copy: Copy) -> bool:
    """Return whether a copy may count as a recovery point: finished, and not known to be bad."""
    return copy.finished and condition(copy) is not Status.FAIL


def proven(copy: Copy) -> bool:
    """Return whether a copy counts for 3-2-1: read, and its digest as recorded."""
    return usable(copy) and copy.assurance >= Assurance.INTACT


def counted(copy: Copy, now_ms: int) -> bool:
    """Return whether a copy is retained: proven, or new enough to be read for the first time."""
    fresh = not copy.verified_ms and now_ms - copy.seen_ms <= VERIFY_WITHIN_MS
    return proven(copy) or (fresh and usable(copy))


def times(state: State, component: Component, location: str = "") -> tuple[int, ...]:
    """Return the moments of the usable recovery points, oldest first, each once.

    A component made of parts has a point wherever all its parts have one within a day.
    """
    if component.parts:
        return _set_times(state, component, location)
    found = {copy.time_ms for copy in copies(state, component, location) if usable(copy)}
    return tuple(sorted(found))


def answered(slots: tuple[int, ...], points: tuple[int, ...], early_ms: int) -> Mapping[int, int]:
    """Return for each answered slot the point that answers it.

    A point answers the newest slot that is not later than it, `early_ms` allowed.
    """
    result: dict[int, int] = {}
    for point in points:
        index = bisect_right(slots, point + early_ms) - 1
        if index >= 0:
            result[slots[index]] = point
    return result


def early_ms(component: Component) -> int:
    """Return how long before its slot a point of this component may lie."""
    return DAY_MS if component.parts else EARLY_MS


def due_ms(state: State, component: Component, location: str, time_ms: int) -> int:
    """Return by when a point of that moment must be at the location, its grace included.

    At a location with a transfer job: that job's next run after the moment. When no run is known
    after it, the point is not due there yet.
    """
    place = state.policy.location(location)
    if not place.transfer:
        return time_ms + component.grace_s * 1000
    transfers = state.transfers.get(location, ())
    index = bisect_right(transfers, time_ms)
    if index >= len(transfers):
        return time_ms + _NEVER_MS
    return transfers[index] + place.grace_s * 1000


def due_before_ms(state: State, component: Component, location: str, now_ms: int) -> int:
    """Return before which moment a point must have been made to be due at the location by now.

    It is `due_ms`, asked once for all points.
    """
    place = state.policy.location(location)
    if not place.transfer:
        return now_ms - component.grace_s * 1000
    transfers = state.transfers.get(location, ())
    done = bisect_left(transfers, now_ms - place.grace_s * 1000)
    if done == len(transfers):  # as far as anybody knows, nothing will be copied there any more
        return max((now_ms - _NEVER_MS, *transfers[-1:]))
    return transfers[done - 1] if done else 0


def by_series(component: Component, judge: Callable[[Component], Verdict]) -> tuple[Verdict, ...]:
    """Judge each series of a component as if it were the only one: one never stands for another."""
    if len(component.series) < 2:
        return (judge(component),)
    found = []
    for series in component.series:
        verdict = judge(component._replace(series=(series,)))
        facts = {**verdict.facts, "series": series.id}
        found.append(verdict._replace(facts=facts, subject=series.id))
    return tuple(found)


def _set_times(state: State, component: Component, location: str) -> tuple[int, ...]:
    """Return the moments of sets: a point of the first part, and one of each other part near."""
    parts = [state.policy.component(part) for part in component.parts]
    lead, others = parts[0], parts[1:]
    candidates = times(state, lead, location)
    for other in others:
        points = times(state, other, location)
        candidates = tuple(time for time in candidates if _near(other, points, time))
    return candidates


def _near(part: Component, points: tuple[int, ...], time_ms: int) -> bool:
    """Return whether `points` hold one of the same day; an on-change part may be older."""
    index = bisect_right(points, time_ms + DAY_MS) - 1
    return index >= 0 and (not part.scheduled or points[index] >= time_ms - DAY_MS)
