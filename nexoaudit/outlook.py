"""What a disaster leaves, and how far back that leads; like `assess`, a caller of the rules."""

from collections.abc import Iterator
from typing import NamedTuple

from nexoaudit.model.binlog import Position
from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Component, Scenario
from nexoaudit.model.state import Holding, State
from nexoaudit.rules import binlog, logchain, points, surviving


def survivors(state: State, scenario: Scenario) -> tuple[Location, ...]:
    """Return the locations whose copies may be used to recover from a scenario."""
    return surviving.survivors(state, scenario)


def left_by(state: State, scenario: Scenario) -> State:
    """Return the state as a scenario leaves it: of copies and logs only what outlives it."""
    return surviving.left(state, scenario)


def spares_host(scenario: Scenario) -> bool:
    """Return whether a scenario destroys nothing but the live data."""
    return surviving.spares_host(scenario)


def undeclared(scenario: Scenario) -> tuple[str, ...]:
    """Return the parts of a recovery that no drill can measure and nobody has declared."""
    known = dict(scenario.declared)
    return tuple(part for part in surviving.needed(scenario) if part not in known)


def recoverable_ms(state: State, component: Component, now_ms: int) -> int:
    """Return the newest moment (ms) that can be brought back; 0 when there is no usable point.

    That is the newest usable point, or the end of binary logs proven to lead on from it.
    """
    times = points.times(state, component)
    return max(times[-1], binlog.recoverable_ms(state, component, now_ms)) if times else 0


class Replay(NamedTuple):
    """The binary logs that lead on from a dump, unbroken as far as they go."""

    position: Position
    logs: tuple[Copy, ...]
    """In the order of replaying them; none: nothing leads on."""
    newest_ms: int
    reason: str
    """Reason code of why they do not lead further; empty: they lead to the newest event."""


def replay(state: State, database: Component, dump: Copy) -> Replay | None:
    """Return the longest run of logs from a dump on; None when the dump says no position."""
    found: list[Replay] = []
    for component in state.policy.components:
        if component.kind == binlog.KIND:
            for series in component.series:
                for place in series.locations:
                    key = component.id, series.id, place
                    found += _replay(state, database, dump, key)
    return max(found, key=lambda run: run.newest_ms, default=None)


def _replay(state: State, database: Component, dump: Copy, key: Holding) -> Iterator[Replay]:
    start = binlog.newest_start(state, database, key[2])
    if start is None or not start.number or points.name_of(start.dump) != points.name_of(dump):
        return
    copies = {copy.path: copy for copy in state.copies.get(key, ())}
    held = logchain.hold(copies.values(), state.logs.get(key, ()))
    run = binlog.run_from(held, start)
    reason = run.breach.reason if run.breach is not None else ""
    logs = tuple(copies[log.path] for log in run.logs)
    yield Replay(start.position, logs, run.newest_ms, reason)
