"""The calendar of recovery points: what was due on each day, and what came of it."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from nexoaudit.model.copy import Copy
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.points import answered_slots, due_ms, is_proven, is_usable, recovery_times
from nexoaudit_reports.view.cut import Cut
from nexoaudit_reports.view.words import Words

MADE = ("proven", "present", "late")
"""States of a slot that has its recovery point."""
STATES = ("proven", "present", "late", "damaged", "missing", "unobserved", "pending")
"""Every state of a slot, from the best to what cannot be said; the order of the legend."""
_LOUDEST_FIRST = ("missing", "damaged", "late", "present", "unobserved", "proven", "pending")
SIGNS = {
    "proven": "✓",
    "present": "○",
    "late": "▲",
    "damaged": "!",
    "missing": "✗",
    "unobserved": "?",
    "pending": "·",
    "idle": "",
    "ahead": "",
}


class Cell(NamedTuple):
    """One day."""

    day: int
    state: str
    """One of `STATES`; `idle` when nothing was due, `ahead` after the end of the evidence."""
    text: str
    """A sign, or the number of points on a day with several slots."""
    title: str


class Row(NamedTuple):
    """One location."""

    label: str
    made: int
    due: int
    count_text: str
    title: str
    cells: tuple[Cell, ...]


class Strip(NamedTuple):
    """One component."""

    component: str
    kind: str
    schedule: str
    note: str
    """Why there is no calendar, or what to know about it."""
    made: int
    """Slots with a usable point at any location."""
    due: int
    unobserved: int
    longest_ms: int
    """The longest time without a new usable point; 0 when it is not known."""
    rows: tuple[Row, ...]


class Calendar(NamedTuple):
    """The month."""

    days: tuple[tuple[int, bool], ...]
    """Each day of the month, and whether it is a Saturday or Sunday."""
    strips: tuple[Strip, ...]
    legend: tuple[tuple[str, str, str], ...]
    """State, sign and words."""


def calendar(cut: Cut, words: Words) -> Calendar:
    """Return the calendar of every component that the policy names."""
    days = _days(cut)
    return Calendar(
        tuple((day.day, day.weekday() >= 5) for day in days),
        tuple(_strip(cut, words, component, days) for component in cut.state.policy.components),
        tuple((state, SIGNS[state], words.label(f"calendar.{state}")) for state in STATES),
    )


def _days(cut: Cut) -> list[date]:
    first = date(cut.month.year, cut.month.month, 1)
    following = cut.month.following()
    count = (date(following.year, following.month, 1) - first).days
    return [first + timedelta(days=n) for n in range(count)]


def _strip(cut: Cut, words: Words, component: Component, days: list[date]) -> Strip:
    schedule = component.schedule if component.scheduled else words.label("schedule.on_change")
    nothing = Strip(component.id, component.kind, schedule, "", 0, 0, 0, 0, ())
    if not component.configured:
        return nothing._replace(note=words.label("component.unconfigured"))
    if component.repository:
        return nothing._replace(note=words.label("calendar.repository"))
    places = ("",) if component.parts else component.locations
    if not component.scheduled:
        rows = tuple(_changes(cut, words, component, place, days) for place in places)
        return nothing._replace(note=words.label("calendar.on_change"), rows=rows)
    overall = _slot_states(cut, component, "")
    made, due = _count(overall)
    rows = tuple(_slots_row(cut, words, component, place, days) for place in places)
    unobserved = sum(1 for state in overall.values() if state == "unobserved")
    note = words.label("calendar.parts", parts=", ".join(component.parts))
    return nothing._replace(
        note=note if component.parts else "",
        made=made,
        due=due,
        unobserved=unobserved,
        longest_ms=_longest_ms(cut, component),
        rows=rows,
    )


def _count(states: Mapping[int, str]) -> tuple[int, int]:
    """Return how many slots have their point, of how many that were due and could be seen."""
    made = sum(1 for state in states.values() if state in MADE)
    due = sum(1 for state in states.values() if state not in {"pending", "unobserved"})
    return made, due


def _slots_row(cut: Cut, words: Words, component: Component, place: str, days: list[date]) -> Row:
    states = _slot_states(cut, component, place)
    by_day: dict[date, list[str]] = {day: [] for day in days}
    for slot, state in states.items():
        by_day[words.local(slot).date()].append(state)
    most = max((len(states) for states in by_day.values()), default=0)
    cells = tuple(_cell(cut, words, day, by_day[day], several=most > 1) for day in days)
    made, due = _count(states)
    return _row(words, component, place, made, due, cells)


def _cell(cut: Cut, words: Words, day: date, states: list[str], *, several: bool) -> Cell:
    if not states:
        ahead = day > words.local(cut.moment_ms - 1).date()
        return Cell(day.day, "ahead" if ahead else "idle", "", "")
    state = next(state for state in _LOUDEST_FIRST if state in states)
    made = sum(1 for state in states if state in MADE)
    text = str(made) if several and state not in {"pending", "unobserved"} else SIGNS[state]
    title = words.label(
        "calendar.cell",
        day=day.isoformat(),
        made=made,
        due=len(states),
        state=words.label(f"calendar.{state}"),
    )
    return Cell(day.day, state, text, title)


def _changes(cut: Cut, words: Words, component: Component, place: str, days: list[date]) -> Row:
    """Return the days on which a component that is backed up after each change got a version."""
    states: dict[date, str] = {}
    for copy in _held(cut.history, component, place):
        day = words.local(copy.time_ms).date()
        if cut.start_ms <= copy.time_ms < cut.moment_ms and copy.finished:
            found = "damaged"
            if is_usable(copy):
                found = "proven" if is_proven(copy) else "present"
            states[day] = min(states.get(day, found), found, key=STATES.index)
    cells = tuple(
        _cell(cut, words, day, [states[day]] if day in states else [], several=False)
        for day in days
    )
    made = sum(1 for state in states.values() if state in MADE)
    return _row(words, component, place, made, len(states), cells)


def _row(
    words: Words, component: Component, place: str, made: int, due: int, cells: tuple[Cell, ...]
) -> Row:
    label = place or words.label("calendar.anywhere")
    key = "calendar.made_of" if component.scheduled else "calendar.versions"
    count = words.label(key, made=made, due=due)
    title = words.label("calendar.row", component=component.id, location=label, count=count)
    return Row(label, made, due, count, title, cells)


def _slot_states(cut: Cut, component: Component, place: str) -> dict[int, str]:
    """Return the state of each of the month's slots at one location, or (`""`) at any."""
    state = cut.state
    slots = state.slots.get(component.id, ())
    proven = answered_slots(component, slots, _times(cut, component, place, is_proven))
    usable = answered_slots(component, slots, _times(cut, component, place, is_usable))
    found = answered_slots(component, slots, _moments(cut, component, place))
    looked_ms = _looked_ms(state, component, place)
    result: dict[int, str] = {}
    for slot in slots:
        if not max(cut.start_ms, component.since_ms) <= slot < cut.moment_ms:
            continue
        if slot in usable:
            late = not component.parts and usable[slot] > slot + component.grace_s * 1000
            sound = "proven" if slot in proven else "present"
            result[slot] = "late" if late else sound
        elif slot in found:
            result[slot] = "damaged"
        else:
            due = due_ms(state, component, place, slot)
            result[slot] = _absent(cut, component, slot, due, looked_ms)
    return result


def _absent(cut: Cut, component: Component, slot: int, due: int, looked_ms: int) -> str:
    """Return what the absence of a slot's point means; without a look, it means nothing."""
    if due >= cut.moment_ms or (due >= looked_ms and not cut.stale):
        return "pending"
    if due >= looked_ms or _gone_before(cut.state, component, slot):
        return "unobserved"
    return "missing"


def _looked_ms(state: State, component: Component, place: str) -> int:
    """Return when the location, or any of the component's, was last listed; 0 for never."""
    owners = [component, *map(state.policy.component, component.parts)]
    places = [place] if place else [name for owner in owners for name in owner.locations]
    return max((state.sweeps[n].finished_ms for n in places if n in state.sweeps), default=0)


def _gone_before(state: State, component: Component, slot: int) -> bool:
    """Return whether the slot's point may have been pruned before anybody looked."""
    keeps = [series.keep_s for series in component.series] or [component.keep_s]
    if slot >= state.started_ms or 0 in keeps:
        return False
    return slot + max(keeps) * 1000 < state.started_ms


def _times(
    cut: Cut, component: Component, place: str, counts: Callable[[Copy], bool]
) -> tuple[int, ...]:
    """Return the moments of the points, by the copies of the whole period that count."""
    chosen = {
        holding: tuple(copy for copy in copies if counts(copy))
        for holding, copies in cut.history.items()
    }
    return recovery_times(cut.state._replace(copies=chosen), component, place)


def _moments(cut: Cut, component: Component, place: str) -> tuple[int, ...]:
    """Return the moments of all finished copies, good or bad."""
    held = _held(cut.history, component, place)
    return tuple(sorted({copy.time_ms for copy in held if copy.finished}))


def _held(
    history: Mapping[tuple[str, str, str], tuple[Copy, ...]], component: Component, place: str
) -> list[Copy]:
    return [
        copy
        for (owner, _, location), copies in history.items()
        if owner == component.id and place in {"", location}
        for copy in copies
    ]


def _longest_ms(cut: Cut, component: Component) -> int:
    """Return the longest time in the period that passed without a newer usable point."""
    times = [t for t in _times(cut, component, "", is_usable) if t < cut.moment_ms]
    before = [time for time in times if time <= cut.start_ms]
    marks = [*before[-1:], *(time for time in times if time > cut.start_ms), cut.moment_ms]
    if len(marks) < 2:
        return 0
    return max(after - earlier for earlier, after in pairwise(marks))
