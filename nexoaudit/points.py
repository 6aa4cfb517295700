"""What copies and recovery points are worth; like `assess`, a caller of the rules."""

from collections.abc import Mapping

from nexoaudit.model.copy import Copy
from nexoaudit.model.point import Point
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status
from nexoaudit.rules import copies, points
from nexoaudit.rules.problems import condition


def standing(copy: Copy) -> Status:
    """Return how one copy stands by what verification found in it."""
    return condition(copy)


def is_usable(copy: Copy) -> bool:
    """Return whether a copy may count as a recovery point: finished, and not known to be bad."""
    return points.usable(copy)


def is_proven(copy: Copy) -> bool:
    """Return whether a copy was read and is what was recorded."""
    return points.proven(copy)


def newest_point(state: State, component: Component, now_ms: int) -> Point | None:
    """Return the newest point that is due everywhere, with what each location has of it."""
    found: Point | None = copies.newest(state, component, now_ms)
    return found


def recovery_times(state: State, component: Component, location: str = "") -> tuple[int, ...]:
    """Return the moments (ms) of the usable points, at one location or at all, oldest first."""
    return points.times(state, component, location)


def answered_slots(
    component: Component, slots: tuple[int, ...], times: tuple[int, ...]
) -> Mapping[int, int]:
    """Return for each slot that a point answers the moment of that point, both in ms."""
    return points.answered(slots, times, points.early_ms(component))


def due_ms(state: State, component: Component, location: str, slot_ms: int) -> int:
    """Return by when (ms) the point of a slot must be at the location; `""`: anywhere at all."""
    if not location or not state.policy.location(location).transfer:
        return slot_ms + component.grace_s * 1000
    return points.due_ms(state, component, location, slot_ms)
