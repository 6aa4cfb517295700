"""Point-in-time drills: from which dump, and by which logs."""

from bisect import bisect_right
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from nexoaudit import evidence, points
from nexoaudit.auditor.leading import logs_after
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.snapshots import precedes, reach_of, waiting
from nexoaudit.auditor.targets import Target, ease, is_open
from nexoaudit.drill.logs import Log
from nexoaudit.drill.point_in_time import KIND, Start, Wish, drill_point_in_time
from nexoaudit.drill.terms import Terms
from nexoaudit.evidence.snapshots import recall_attempt
from nexoaudit.model.binlog import Position
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Component
from nexoaudit.model.snapshot import Snapshot
from nexoaudit.model.state import State

_TRIES = 4
"""So many dumps, newest first, are tried until something happened after one."""
_DAY_MS = 86_400_000
_EARLY_MS = 60_000
"""Clocks are not exact."""
_IDLE = frozenset({"drill.nothing_since", "drill.no_boundary"})


def drill_to_moment(
    session: Session, target: Target, until_ms: int = 0, snapshot: Snapshot | None = None
) -> Drill:
    """Restore a dump of the target's database and replay its logs after it, up to a moment.

    The dump is the newest usable one at or before `until_ms`, or before the place of `snapshot`;
    without either the newest one after which anything happened, and a moment of its own: that of a
    snapshot that waits, if it lies between that dump and the end of the logs. Nothing is recorded.
    """
    state, now_ms = session.recall(), evidence.millis(session.clock())
    component, database = target.component, target.database
    place = place_of(state, target)
    absent = Drill(KIND, component.id, now_ms, 0, "fail", "drill.no_copy", location=place)
    result = _unread(
        state, component=state.policy.component(database), until_ms=until_ms, absent=absent
    )
    result = result._replace(of=database)
    holding = component.id, target.series.id, place
    tried = 0
    given = snapshot is not None
    if not given and not until_ms:
        snapshot = _reached(session, state, target, place)
    for start in starts(state, database, place, until_ms):
        there = snapshot is not None and precedes(start.position, snapshot)
        if given and not there:
            continue
        made_ms = start.copy.time_ms
        logs = logs_after(state, holding, start)
        awaited = _is_awaited(state, component, place, made_ms, now_ms)
        if awaited and not logs:
            result = result._replace(outcome="unverified", reason="drill.nothing_since")
            continue
        wish = Wish(until_ms // 1000, _due_ms(state, component, place, now_ms))
        wish = wish._replace(snapshot=snapshot if there else None)
        result = _run(session, target, start, logs, wish)
        tried += 1
        if result.reason not in _IDLE or until_ms or tried == _TRIES:
            break
        if not awaited and all(copy.mtime_ms < made_ms for copy in state.copies.get(holding, ())):
            return result._replace(outcome="fail")  # logs stopped coming before the dump was made
    return result if given or until_ms else _with_refusal(session, result)


def _unread(state: State, component: Component, until_ms: int, absent: Drill) -> Drill:
    """Return `absent`, as unverified where there are dumps and not one could be read so far."""
    held = [
        copy
        for series in component.series
        for place in series.locations
        for copy in state.copies.get((component.id, series.id, place), ())
        if not until_ms or copy.time_ms <= until_ms
    ]
    if not held or any(copy.sha256 for copy in held):
        return absent
    reason = "drill.no_access" if any(copy.finished for copy in held) else "drill.unfinished"
    return absent._replace(outcome="unverified", reason=reason)


def _with_refusal(session: Session, result: Drill) -> Drill:
    """Return a drill with the note that the live server could not be asked, where it was to be."""
    login = session.policy.component(result.of).live
    last = recall_attempt(session.ledger, session.ledger.size, result.of)
    if login is None or not login.exact_s or last is None or not last.reason:
        return result
    noted = result._replace(problems=(*result.problems, "drill.exact_unseen"))
    if result.reason:
        return noted
    return noted._replace(reason="drill.exact_unseen", detail=last.detail)


def _run(
    session: Session, target: Target, start: Start, logs: tuple[Log, ...], wish: Wish
) -> Drill:
    policy = session.policy
    place = logs[0].copy.location if logs else start.copy.location
    database = policy.component(start.copy.component)
    return drill_point_in_time(
        start,
        policy.location(place),
        logs,
        Terms(database.expect, target.component.rto_s),
        component=target.component.id,
        wish=wish,
        now=session.clock().astimezone(ZoneInfo(policy.site.timezone)),
        progress=lambda _size: session.beat(),
    )


def _reached(session: Session, state: State, target: Target, place: str) -> Snapshot | None:
    """Return the snapshot that waits, if the logs reach it."""
    found = waiting(session, target.database)
    if found is not None and reach_of(state, target, place, found).is_there:
        return found
    return None


def place_of(state: State, target: Target) -> str:
    """Return the location whose logs are replayed: where they lie nearest, if none is asked for."""
    if target.location:
        return target.location
    held = [
        copy
        for place in target.series.locations
        for copy in state.copies.get((target.component.id, target.series.id, place), ())
    ]
    nearest = max(held, key=lambda copy: _nearness(state, copy), default=None)
    return target.series.locations[0] if nearest is None else nearest.location


def _nearness(state: State, copy: Copy) -> tuple[bool, ...]:
    return is_open(state.policy, copy), *ease(state.policy, copy)


def starts(state: State, database: str, place: str, until_ms: int = 0) -> Iterator[Start]:
    """Yield the usable dumps that were read, newest first: of that place, if it has dumps.

    Of the copies of one dump only the nearest counts.
    """
    component = state.policy.component(database)
    places = (place,) if place in component.locations else component.locations
    known = _positions(state, component)
    held = [
        copy
        for series in component.series
        for name in places
        for copy in state.copies.get((component.id, series.id, name), ())
        if copy.sha256 in known and points.is_usable(copy)
    ]
    held.sort(key=lambda copy: (copy.time_ms, _nearness(state, copy)), reverse=True)
    seen: set[str] = set()
    for copy in held:
        made_ms = max(copy.time_ms, copy.content_ms)
        if copy.sha256 not in seen and (not until_ms or made_ms <= until_ms):
            seen.add(copy.sha256)
            yield Start(state.policy.location(copy.location), copy, known[copy.sha256])


def _positions(state: State, component: Component) -> dict[str, Position]:
    """Return the place of each dump that was read, by the digest of its bytes."""
    found = {}
    for series in component.series:
        for place in component.locations:
            key = component.id, series.id, place
            known = {position.path: position for position in state.positions.get(key, ())}
            for copy in state.copies.get(key, ()):
                if copy.path in known and copy.sha256:
                    found[copy.sha256] = known[copy.path]
    return found


def _is_awaited(state: State, component: Component, place: str, dump_ms: int, now_ms: int) -> bool:
    """Tell whether the log in which a dump was made need not be there yet."""
    slots = state.slots.get(component.id, ())
    index = bisect_right(slots, dump_ms)
    if index >= len(slots):
        return dump_ms + _DAY_MS >= now_ms
    return points.due_ms(state, component, place, slots[index]) >= now_ms


def _due_ms(state: State, component: Component, place: str, now_ms: int) -> int:
    """Return the newest slot of the job that must be answered by now; 0: there is none."""
    for slot_ms in reversed(state.slots.get(component.id, ())):
        if slot_ms <= now_ms and points.due_ms(state, component, place, slot_ms) < now_ms:
            return slot_ms - _EARLY_MS
    return 0
