"""Undated generations: has the older one stood still while the newer one went on?"""

from bisect import bisect_right

from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Fact, Moment
from nexoaudit.model.policy import Component, Series
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Verdict
from nexoaudit.rules import points

FROZEN_SLOTS = 2
"""How many slots between two generations, answered by neither, are no accident of one night."""


def explained(state: State, component: Component, series: Series, floor: Verdict) -> Verdict:
    """Return the verdict on a floor, a gap as what it is where the older generation stands still.

    A rotation leaves the newest generation and the one of the run before. Where a name has a date,
    what is missing has a name of its own.
    """
    if floor.reason != "retention.gap" or not series.tree or series.dated:
        return floor
    held = state.copies.get((component.id, series.id, floor.subject), ())
    finished = [copy for copy in held if copy.finished]
    if len(finished) < 2:
        return floor
    older, newer = finished[-2:]
    slots = state.slots.get(component.id, ())
    between = _slot(slots, newer) - _slot(slots, older) - 1
    if between < FROZEN_SLOTS:
        return floor
    facts: dict[str, Fact] = {
        "older": older.path,
        "since": Moment(older.time_ms),
        "newer": newer.path,
        "slots": between,
    }
    return floor._replace(reason="retention.frozen", facts={**floor.facts, **facts})


def _slot(slots: tuple[int, ...], copy: Copy) -> int:
    return bisect_right(slots, copy.time_ms + points.EARLY_MS)
