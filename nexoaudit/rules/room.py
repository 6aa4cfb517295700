"""Room: will the next points fit, and when is the file system full as it fills now?"""

from collections.abc import Iterator
from typing import NamedTuple

from nexoaudit.model.copy import Copy
from nexoaudit.model.disk import Disk
from nexoaudit.model.fact import Fact, Size
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Series
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules.points import DAY_MS

CONTROL = "storage"
WARN_PERCENT = 15
FAIL_PERCENT = 5
WARN_DAYS = 14
FAIL_DAYS = 3
ROOMY_DAYS = 30
"""With room for so many days of points, were none of them ever pruned, a low percentage is one
grade less grave: of a large disk a few hundredths are plenty."""
_HORIZON_DAYS = 365
_NEWEST = 3
"""How many of the newest copies tell how large the next one may be."""
_FLOW_DAYS = 28
"""Whole weeks, so that weekly points are neither one more nor one less."""


class _Flow(NamedTuple):
    """What one series brings to a location."""

    next_size: int
    daily: int
    """Bytes a day, pruning left out."""
    left_days: int
    """For how long nothing is pruned yet, because nothing is as old as it must become."""


def judge(state: State, location: Location, disk: Disk, now_ms: int) -> Iterator[Verdict]:
    """Yield how much room a location has, and then whatever else is wrong with it.

    A forecast is made only where the ledger shows growth; what a young location fills with until
    its first points are old enough to be pruned is not taken for growth without end.
    """
    flows = _flows(state, location, now_ms)
    needed = sum(flow.next_size for flow in flows)
    days = _days_left(disk, flows)
    facts: dict[str, Fact] = {
        "location": location.id,
        "free": Size(disk.free),
        "size": Size(disk.size),
        "percent": disk.percent,
    }
    if days is not None:
        facts["days"] = days
    low = _low(disk, flows)
    reason = "storage.room" if low is Status.PASS else "storage.low"
    yield Verdict(CONTROL, "", low, reason, facts, location.id)
    if needed > disk.free:
        more = {**facts, "needed": Size(needed)}
        yield Verdict(CONTROL, "", Status.FAIL, "storage.next_too_big", more, location.id)
    if days is not None and days < WARN_DAYS:
        status = Status.FAIL if days < FAIL_DAYS else Status.WARN
        yield Verdict(CONTROL, "", status, "storage.filling", facts, location.id)
    inodes = _graded(disk.inodes_percent)
    if inodes is not Status.PASS:
        more = {**facts, "inodes": disk.inodes_percent}
        yield Verdict(CONTROL, "", inodes, "storage.inodes", more, location.id)


def _low(disk: Disk, flows: list[_Flow]) -> Status:
    status = _graded(disk.percent)
    daily = sum(flow.daily for flow in flows)
    if not daily or disk.free < daily * ROOMY_DAYS:
        return status
    return Status.WARN if status is Status.FAIL else Status.PASS


def _graded(percent: int) -> Status:
    """Return how a free share stands; one that is not counted (-1) is no matter."""
    if not 0 <= percent < WARN_PERCENT:
        return Status.PASS
    return Status.FAIL if percent < FAIL_PERCENT else Status.WARN


def _days_left(disk: Disk, flows: list[_Flow]) -> int | None:
    """Return after how many whole days the file system is full; None for none within a year."""
    if disk.growth <= 0:
        return None
    other = disk.growth - sum(flow.daily for flow in flows if flow.left_days)
    room = disk.free
    for day in range(_HORIZON_DAYS):
        room -= other + sum(flow.daily for flow in flows if flow.left_days > day)
        if room < 0:
            return day
    return None


def _flows(state: State, location: Location, now_ms: int) -> list[_Flow]:
    return [
        _flow(series, held, now_ms)
        for component in state.policy.components
        for series in component.series
        if (held := state.copies.get((component.id, series.id, location.id)))
    ]


def _flow(series: Series, held: tuple[Copy, ...], now_ms: int) -> _Flow:
    age_ms = now_ms - held[0].time_ms
    keep_ms = series.keep_s * 1000 or age_ms + _HORIZON_DAYS * DAY_MS
    days = max(1, min(_FLOW_DAYS, keep_ms // DAY_MS, age_ms // DAY_MS))
    recent = sum(copy.size for copy in held if copy.time_ms > now_ms - days * DAY_MS)
    return _Flow(
        max(copy.size for copy in held[-_NEWEST:]),
        recent // days,
        -(-max(0, keep_ms - age_ms) // DAY_MS),
    )
