"""What a disaster leaves, and how far back that leads; like `assess`, a caller of the rules."""

from typing import NamedTuple

from nexoaudit.model.binlog import Position
from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Component, Scenario
from nexoaudit.model.state import Holding, State
from nexoaudit.rules import binlog, coverage, logchain, points, surviving


def survivors(state: State, scenario: Scenario) -> tuple[Location, ...]:
    """Return the locations whose copies may be used to recover from a scenario."""
    return surviving.survivors(state, scenario)


def left_by(state: State, scenario: Scenario) -> State:
    """Return the state as a scenario leaves it: of copies and logs only what outlives it."""
    return surviving.left(state, scenario)


def spares_host(scenario: Scenario) -> bool:
    """Return whether a scenario destroys nothing but the live data."""
    return surviving.spares_host(scenario)


def protected(state: State, component: Component) -> frozenset[str]:
    """Return the databases that a component protects; empty: it is not known."""
    return coverage.databases(state, component)


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
    holding: Holding
    """Where they are."""


def has_logs(state: State) -> bool:
    """Return whether a site has binary logs in its backups at all, by its policy."""
    return any(component.kind == binlog.KIND for component in state.policy.components)


def position_of(known: State, database: Component, dump: Copy) -> Position | None:
    """Return a dump's place in the binary logs; None: it says none, or nobody has read it.

    It was read in that copy or in another one of the same bytes or, as long as nobody has read this
    one, of the same name.
    """
    named = None
    for series in database.series:
        for place in series.locations:
            key = database.id, series.id, place
            places = {position.path: position for position in known.positions.get(key, ())}
            for copy in known.copies.get(key, ()):
                position = places.get(copy.path)
                if position is None or not position.log:
                    continue
                if dump.sha256 and copy.sha256 == dump.sha256:
                    return position
                if points.name_of(copy) == points.name_of(dump):
                    named = position
    return None if dump.sha256 else named


def replay(known: State, left: State, database: Component, dump: Copy) -> Replay | None:
    """Return the longest run of logs that are `left` from a dump on, of equals the nearest.

    None when the dump does not say where it was made, as far as is `known`, or when there are no
    binary logs.
    """
    position = position_of(known, database, dump)
    if position is None:
        return None
    start = binlog.Start(dump, position)
    found = [
        _replay(left, start, (component.id, series.id, place))
        for component in left.policy.components
        if component.kind == binlog.KIND
        for series in component.series
        for place in series.locations
    ]
    return max(found, key=lambda run: _rank(left, run), default=None)


def _rank(state: State, run: Replay) -> tuple[int, int, int, bool, bool]:
    """Sort the furthest first; events are dated to the second, so that of two the longer counts."""
    held = len(state.copies.get(run.holding, ()))
    near = not state.policy.location(run.holding[2]).remote
    return run.newest_ms, len(run.logs), min(held, 1), not run.reason, near


def _replay(state: State, start: binlog.Start, key: Holding) -> Replay:
    copies = {copy.path: copy for copy in state.copies.get(key, ())}
    held = logchain.hold(copies.values(), state.logs.get(key, ()))
    run = binlog.run_from(held, start)
    reason = run.breach.reason if run.breach is not None else ""
    logs = tuple(copies[log.path] for log in run.logs)
    return Replay(start.position, logs, run.newest_ms, reason, key)
