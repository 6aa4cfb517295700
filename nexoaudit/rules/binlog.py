"""Binary logs: do they lead from the newest usable dump to the newest event without a gap?"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nexoaudit.model.binlog import BACKWARDS_MS, Position, log_number
from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Moment, Span
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import logging, points
from nexoaudit.rules.gtids import outside
from nexoaudit.rules.logchain import Breach, Held, Run, follow, hold
from nexoaudit.rules.problems import condition

CONTROL = "binlog"
KIND = "binlog"
_CLOCK_MS = 2 * 3_600_000
"""A dump's name is local time: one hour of each autumn comes twice."""

_PROVEN = Breach("binlog.proven", Status.PASS)
_GOOD = frozenset({Status.PASS, Status.WARN})


class Start(NamedTuple):
    """Where replay begins: a dump, and its place in the binary logs."""

    dump: Copy
    position: Position

    @property
    def number(self) -> int:
        """Number of the log in which the dump was made."""
        return log_number(self.position.log)


def judge(
    state: State,
    component: Component,
    now_ms: int,
    warn_ms: int | None = None,
    fail_ms: int | None = None,
) -> tuple[Verdict, ...]:
    """Return one verdict per location and database, and one for each log that was altered.

    `warn_ms` and `fail_ms` limit how old the newest event may be that can be brought back.
    """
    if component.kind != KIND:
        return ()
    databases = [part for part in state.policy.components if part.kind == "database"]
    found: list[Verdict] = []
    for series in component.series:
        for location in series.locations:
            key = component.id, series.id, location
            files = hold(state.copies.get(key, ()), state.logs.get(key, ()))
            found += [
                _limited(
                    _verdict(state, component, files, part, location, now_ms), warn_ms, fail_ms
                )
                for part in databases
            ]
            found += _altered(component, files)
    found += _servers(state, component, databases)
    if not databases:
        found.append(Verdict(CONTROL, component.id, Status.UNVERIFIED, "binlog.no_database"))
    return tuple(found)


def _servers(
    state: State, component: Component, databases: Sequence[Component]
) -> Iterator[Verdict]:
    """Yield a verdict for each fault of a live server, whoever looks at it: once for each."""
    places: set[str] = set()
    for database in databases:
        server = state.servers.get(database.id)
        if server is None or server.logging is None or server.place in places:
            continue
        places.add(server.place)
        for fault in logging.faults(state, component, server):
            facts = {"place": server.place, **fault.facts}
            subject = f"server:{database.id}"
            yield Verdict(CONTROL, component.id, fault.status, fault.reason, facts, subject)


def recoverable_ms(state: State, database: Component, now_ms: int) -> int:
    """Return the time of the newest event that proven logs bring back; 0 when there are none."""
    return max(
        (
            int(verdict.facts["newest"])
            for component in state.policy.components
            for verdict in judge(state, component, now_ms)
            if verdict.status in _GOOD and verdict.facts.get("database") == database.id
        ),
        default=0,
    )


def _verdict(
    state: State,
    component: Component,
    files: tuple[Held, ...],
    database: Component,
    location: str,
    now_ms: int,
) -> Verdict:
    several = sum(part.kind == "database" for part in state.policy.components) > 1
    subject = f"{location}:{database.id}" if several else location
    facts: dict[str, str | int] = {"location": location, "database": database.id, "files": 0}
    start = newest_start(state, database, location)
    if start is None or not start.number:
        reason = "binlog.no_dump"
        if start is not None:
            reason, facts["dump"] = "binlog.no_position", start.position.path.rpartition("/")[2]
        return Verdict(CONTROL, component.id, Status.UNVERIFIED, reason, facts, subject)
    due_ms = _due_ms(state, component, location, start.dump.time_ms)
    run = run_from(files, start, waits=due_ms >= now_ms)
    newest = max(start.dump.time_ms, min(run.newest_ms, now_ms))
    facts |= {
        "dump": Moment(start.dump.time_ms),
        "start": start.position.log,
        "files": len(run.logs),
        "newest": Moment(newest),
        "reach": Span(max(0, now_ms - newest)),
    }
    end = run.breach or _PROVEN
    if run.breach is None and not all(log.checksums for log in run.logs):
        end = Breach("binlog.no_checksums", Status.WARN)
    if "path" in end.facts:
        subject = f"{location}:{end.facts['path']}"
    return Verdict(CONTROL, component.id, end.status, end.reason, {**facts, **end.facts}, subject)


def run_from(files: tuple[Held, ...], start: Start, *, waits: bool = True) -> Run:
    """Return the logs that lead on from a dump: none when its own log is not as it must be."""
    run = follow(files, start.number, start.dump.time_ms - _CLOCK_MS)
    wrong = _at_start(files, start, run, waits=waits)
    return run if wrong is None else Run((), 0, wrong)


def newest_start(state: State, database: Component, location: str) -> Start | None:
    """Return the newest usable dump that was read: of this location, if dumps are kept there."""
    places = (location,) if location in database.locations else database.locations
    found: list[Start] = []
    for series in database.series:
        for place in places:
            key = database.id, series.id, place
            known = {position.path: position for position in state.positions.get(key, ())}
            found += [
                Start(copy, known[copy.path])
                for copy in state.copies.get(key, ())
                if copy.path in known and copy.finished and condition(copy) in _GOOD
            ]
    return max(found, key=lambda start: start.dump.time_ms, default=None)


def _at_start(files: tuple[Held, ...], start: Start, run: Run, *, waits: bool) -> Breach | None:
    """Return what is wrong with the log in which the dump was made; first of all, if it is there.

    `waits`: that log need not be there yet.
    """
    again = [held for held in files if _begun_after(held, start)]
    if again:
        facts = {"log": again[-1].copy.path.rpartition("/")[2]}
        return Breach("binlog.restarted", Status.FAIL, facts)
    if not run.logs:
        return _absent(files, start, run, waits=waits)
    log = run.logs[0]
    if log.end < start.position.offset:
        if waits and log.in_use and len(run.logs) == 1:
            return Breach("binlog.pending", Status.PASS)
        facts = {"log": log.path.rpartition("/")[2]}
        return Breach("binlog.start_short", Status.FAIL, facts)
    apart = outside(start.position.gtid, log.before, log.after)
    if apart is None:
        closed_before = log.ending and log.last_ms < start.dump.time_ms - BACKWARDS_MS
        apart = bool(closed_before) or log.first_ms > start.dump.time_ms + _CLOCK_MS
    return Breach("binlog.other_start", Status.FAIL) if apart else None


def _absent(files: tuple[Held, ...], start: Start, run: Run, *, waits: bool) -> Breach | None:
    """Return what it means that the chain does not even begin."""
    there = next((held for held in files if held.number == start.number), None)
    if there is not None and not there.awaited:
        return run.breach
    later = any(held.number > start.number and not held.awaited for held in files)
    if waits and not later:
        return Breach("binlog.pending", Status.PASS)
    if there is not None:
        facts = {"log": there.copy.path.rpartition("/")[2]}
        return Breach("binlog.unread", Status.UNVERIFIED, facts)
    if not files:
        return Breach("binlog.none", Status.FAIL)
    if files[0].number > start.number:
        facts = {"log": files[0].copy.path.rpartition("/")[2]}
        return Breach("binlog.starts_late", Status.FAIL, facts)
    return Breach("binlog.start_missing", Status.FAIL)


def _begun_after(held: Held, start: Start) -> bool:
    """Return whether a log of a lower number was begun after the dump was made."""
    if held.log is None or held.number >= start.number:
        return False
    return held.log.first_ms > start.dump.time_ms + _CLOCK_MS


def _due_ms(state: State, component: Component, location: str, dump_ms: int) -> int:
    """Return by when the log in which a dump was made must be there: the next run copies it."""
    slots = state.slots.get(component.id, ())
    index = bisect_right(slots, dump_ms)
    if index >= len(slots):
        return dump_ms + points.DAY_MS
    return points.due_ms(state, component, location, slots[index])


def _altered(component: Component, files: tuple[Held, ...]) -> Iterator[Verdict]:
    """Yield a verdict for each log that was closed when it was read first, and changed since."""
    for held in files:
        if held.log is not None and held.log.altered_ms:
            location, path = held.copy.location, held.copy.path
            facts: dict[str, str | int] = {"location": location, "path": path}
            facts["read"] = Moment(held.log.altered_ms)
            yield Verdict(
                CONTROL, component.id, Status.FAIL, "binlog.altered", facts, f"{location}:{path}"
            )


def _limited(verdict: Verdict, warn_ms: int | None, fail_ms: int | None) -> Verdict:
    """Return a good verdict as a limit on the age of the newest event makes it."""
    reach = verdict.facts.get("reach")
    if verdict.status not in _GOOD or not isinstance(reach, int):
        return verdict
    for status, limit in ((Status.FAIL, fail_ms), (Status.WARN, warn_ms)):
        if limit is not None and reach > limit:
            facts = {**verdict.facts, "limit": Span(limit)}
            return verdict._replace(status=status, reason="binlog.over_limit", facts=facts)
    return verdict
