"""3-2-1: enough proven copies of each recovery point, on enough media, one of them off-site."""

from typing import NamedTuple

from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Moment
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import points

CONTROL = "copies"
LIVE_MEDIUM = "disk"
"""The live data is copy one, unverified by definition, on a disk."""


class _Count(NamedTuple):
    """What is proven of one recovery point."""

    time_ms: int
    copies: int
    media: int
    offsite: int
    lacking: tuple[str, ...]
    """Locations that should hold a proven copy and do not."""


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Judge the newest point that is due everywhere, and count the older ones that fall short."""
    if component.repository:
        return ()
    counts = [
        _count(state, component, time_ms, held)
        for time_ms, held in _by_time(state, component, now_ms)
    ]
    if not counts:
        return (Verdict(CONTROL, component.id, Status.FAIL, "copies.none"),)
    wanted = component.copies
    short = [count for count in counts if _short(component, count)]
    newest = counts[-1]
    facts: dict[str, str | int] = {
        "point": Moment(newest.time_ms),
        "copies": newest.copies,
        "media": newest.media,
        "offsite": newest.offsite,
        "want_copies": wanted.total,
        "want_media": wanted.media,
        "want_offsite": wanted.offsite,
        "points": len(counts),
        "short": len(short),
    }
    if _short(component, newest) and not newest.lacking:
        return (Verdict(CONTROL, component.id, Status.FAIL, "copies.places", facts),)
    if _short(component, newest):
        facts["lacking"] = ", ".join(newest.lacking)
        return (Verdict(CONTROL, component.id, Status.FAIL, "copies.short", facts),)
    if short:
        facts["older"] = Moment(short[-1].time_ms)
        facts["lacking"] = ", ".join(short[-1].lacking) or "none"
        return (Verdict(CONTROL, component.id, Status.WARN, "copies.older_short", facts),)
    return (Verdict(CONTROL, component.id, Status.PASS, "copies.enough", facts),)


def _by_time(state: State, component: Component, now_ms: int) -> list[tuple[int, list[Copy]]]:
    """Return the points that retention asks for and that are due everywhere, oldest first."""
    groups: dict[tuple[str, str], list[Copy]] = {}
    for copy in points.copies(state, component):
        groups.setdefault((copy.series, copy.path), []).append(copy)
    asked = {series.id: series for series in component.series}
    chosen = []
    for (series, _), held in groups.items():
        time_ms = min(copy.time_ms for copy in held)
        if not any(points.usable(copy) for copy in held):
            continue
        keep_ms = asked[series].keep_s * 1000
        if keep_ms and time_ms <= now_ms - keep_ms:
            continue
        made = min(_made_ms(copy) for copy in held)
        places = asked[series].locations
        if all(points.due_ms(state, component, place, made) < now_ms for place in places):
            chosen.append((time_ms, held))
    return sorted(chosen, key=lambda item: item[0])


def _made_ms(copy: Copy) -> int:
    """Return when the copy was complete: its mtime, unless that was renewed long afterwards."""
    running = copy.mtime_ms - copy.time_ms
    named = copy.time_source == "name"
    return copy.mtime_ms if named and 0 < running < points.DAY_MS else copy.time_ms


def _count(state: State, component: Component, time_ms: int, held: list[Copy]) -> _Count:
    places = {copy.location: state.policy.location(copy.location) for copy in held}
    good: dict[str, Location] = {}
    inodes: set[str] = set()
    for copy in held:
        if points.proven(copy) and (not copy.inode or copy.inode not in inodes):
            inodes.add(copy.inode)
            good[copy.location] = places[copy.location]
    series = next(item for item in component.series if item.id == held[0].series)
    return _Count(
        time_ms,
        copies=1 + len(good),
        media=len({LIVE_MEDIUM, *(place.medium for place in good.values())}),
        offsite=sum(1 for place in good.values() if place.offsite),
        lacking=tuple(name for name in series.locations if name not in good),
    )


def _short(component: Component, count: _Count) -> bool:
    wanted = component.copies
    return (
        count.copies < wanted.total
        or count.media < wanted.media
        or count.offsite < wanted.offsite
        or bool(count.lacking)
    )
