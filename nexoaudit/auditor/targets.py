"""Which copy a drill restores: the newest, a named one, or any of the last time."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from nexoaudit.drill.point_in_time import KIND as POINT_IN_TIME
from nexoaudit.evidence import drill_subject
from nexoaudit.formats.names import SEALED
from nexoaudit.model.copy import Copy
from nexoaudit.model.manifest import Manifest
from nexoaudit.model.policy import Component, Policy, Series
from nexoaudit.model.state import State

DRILLS = ("database", "files", "config", POINT_IN_TIME)
"""The kinds of drill there are."""

SYSTEM = "system"
"""The drill of all of them together, and the kind of component whose RTO it must keep."""

_KIND_OF = {
    "database": "database",
    "uploads": "files",
    "config": "config",
    "binlog": POINT_IN_TIME,
}
_ARCHIVED = frozenset({"archived", "restoring"})

Pick = Callable[[Sequence[int]], int]
"""Returns any one of some moments."""


class Choice(NamedTuple):
    """What is asked for; by default the newest point of every series."""

    kinds: tuple[str, ...] = DRILLS
    component: str = ""
    """Empty: every one."""
    location: str = ""
    """Empty: a directory of this machine where they lie in the open, else wherever they are."""
    start_ms: int = 0
    """Only points of this moment or later ones, ..."""
    end_ms: int = 0
    """... and from before this one; 0: up to the newest."""
    random: bool = False
    """Any of them, instead of the newest."""


class Target(NamedTuple):
    """What one drill restores; no copy when there is no usable one."""

    kind: str
    component: Component
    series: Series
    copy: Copy | None
    location: str = ""
    """Where it has to come from; empty: anywhere."""
    newest: Manifest | None = None
    """What was found in the newest point of the series when it was verified."""
    database: str = ""
    """The component whose dump comes back first, of a point-in-time drill: it finds one itself."""

    @property
    def subject(self) -> str:
        """The ledger's name of its drills."""
        return drill_subject(self.kind, self.component.id, self.series.id, self.database)


NEWEST = Choice()


def targets(state: State, choice: Choice = NEWEST, pick: Pick = secrets.choice) -> Iterator[Target]:
    """Yield, for each series that is asked for, the copy that is to be restored.

    Of the copies of one point the one that lies in the open here is taken, else the one where
    points are made. A copy that verification condemned is drilled all the same when it is the
    newest: a drill that stepped back to an older point would prove another thing than it says.
    """
    for component in state.policy.components:
        kind = _KIND_OF.get(component.kind, "")
        if kind not in choice.kinds or choice.component not in {"", component.id}:
            continue
        if kind == POINT_IN_TIME:
            yield from _moments(state.policy, component, choice)
            continue
        for series in component.series:
            held = _held(state, component, series, choice)
            if series.tree:  # it cannot be fetched as one file can
                held = [copy for copy in held if is_open(state.policy, copy)]
            copy = _chosen(state.policy, held, choice, pick)
            history = state.histories.get((component.id, series.id))
            newest = None if history is None else history.newest
            yield Target(kind, component, series, copy, choice.location, newest)


def _moments(policy: Policy, logs: Component, choice: Choice) -> Iterator[Target]:
    """Yield the point-in-time drills of a component of binary logs: one for each database."""
    if choice.start_ms:
        return  # that asks for recovery points
    for series in logs.series:
        for part in policy.components:
            if part.kind == "database":
                yield Target(POINT_IN_TIME, logs, series, None, choice.location, database=part.id)


def _held(state: State, component: Component, series: Series, choice: Choice) -> list[Copy]:
    """Return every finished copy of the series that was asked for."""
    return [
        copy
        for place in series.locations
        if choice.location in {"", place}
        for copy in state.copies.get((component.id, series.id, place), ())
        if copy.finished
        and choice.start_ms <= copy.time_ms
        and (not choice.end_ms or copy.time_ms < choice.end_ms)
    ]


def is_arriving(state: State, component: Component, series: Series, location: str = "") -> bool:
    """Tell whether a series has copies, of which none is known to be finished yet.

    At `location` alone, if one is named.
    """
    held = [
        copy
        for place in series.locations
        if location in {"", place}
        for copy in state.copies.get((component.id, series.id, place), ())
    ]
    return bool(held) and not any(copy.finished for copy in held)


def _chosen(policy: Policy, held: list[Copy], choice: Choice, pick: Pick) -> Copy | None:
    opened = [copy for copy in held if is_open(policy, copy)]
    held = opened or held
    if choice.random and held:
        moment = pick(sorted({copy.time_ms for copy in held}))
        held = [copy for copy in held if copy.time_ms == moment]
    return max(held, key=lambda copy: (copy.time_ms, *ease(policy, copy)), default=None)


def is_open(policy: Policy, copy: Copy) -> bool:
    """Return whether a copy lies here, and needs nothing to be read."""
    remote = policy.location(copy.location).remote
    return not (remote or copy.sealed or copy.path.endswith(SEALED))


def ease(policy: Policy, copy: Copy) -> tuple[bool, bool, bool]:
    """Return what makes one copy of a point better to restore than another."""
    place = policy.location(copy.location)
    return copy.access not in _ARCHIVED, not place.remote, not place.transfer
