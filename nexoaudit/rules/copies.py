"""3-2-1: enough proven copies of each recovery point, on enough media, one of them off-site."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Fact, Moment
from nexoaudit.model.location import Location
from nexoaudit.model.point import Kept, Point
from nexoaudit.model.policy import Component, Series
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import places, points

CONTROL = "copies"
LIVE_MEDIUM = "disk"
"""The live data is copy one, unverified by definition, on a disk."""
_OFFLINE = frozenset({"tape", "optical", "rdx", "vault"})
"""Media that no command reaches while nobody loads them."""


class _Together(NamedTuple):
    """What some locations amount to, each of them holding a proven copy of the same."""

    places: int
    media: int
    offsite: int
    offline: int
    one_place: tuple[str, ...]
    """Locations that are, together, one place only."""


class _Count(NamedTuple):
    """What is proven of one recovery point."""

    time_ms: int
    copies: int
    media: int
    offsite: int
    immutable: int
    offline: int
    lacking: tuple[str, ...]
    """Locations that should hold a proven copy and do not, each with what is wrong there."""
    one_place: tuple[str, ...]
    """Locations that hold a copy and are, together, one place only."""
    unproven: bool
    """What lacks is there, and nobody could prove it yet."""


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Judge the newest point that is due everywhere, and count the older ones that fall short."""
    if component.repository:
        return ()

    @cache  # most points lie at the same locations
    def together(names: tuple[str, ...]) -> _Together:
        return _together(state, names)

    counts = [
        _count(state, component, time_ms, held, together)
        for time_ms, held in _by_time(state, component, now_ms)
    ]
    if not counts:
        return (Verdict(CONTROL, component.id, Status.FAIL, "copies.none"),)
    short = [count for count in counts if _short(component, count)]
    newest = counts[-1]
    facts = _facts(component, newest)
    facts |= {"points": len(counts), "short": len(short)}
    if _short(component, newest):
        status, reason = _shortfall(newest)
        if newest.one_place:
            facts["one_place"] = ", ".join(newest.one_place)
        if newest.lacking:
            facts["lacking"] = ", ".join(newest.lacking)
        return (Verdict(CONTROL, component.id, status, reason, facts),)
    if short:
        facts["older"] = Moment(short[-1].time_ms)
        facts["lacking"] = ", ".join(short[-1].lacking) or "none"
        return (Verdict(CONTROL, component.id, Status.WARN, "copies.older_short", facts),)
    return (Verdict(CONTROL, component.id, Status.PASS, "copies.enough", facts),)


def newest(state: State, component: Component, now_ms: int) -> Point | None:
    """Return the newest point that is due everywhere; None when there is none."""
    found = _by_time(state, component, now_ms)
    if not found:
        return None
    time_ms, held = found[-1]
    same = _same_bytes(state, held)
    good = _good(same)
    there = {copy.location: copy for copy in held} | good
    series = next(item for item in component.series if item.id == held[0].series)
    said = tuple(name for name in series.attested if name in there)
    return Point(
        series.id,
        time_ms,
        tuple(
            Kept(name, there.get(name), "" if name in good else _wrong(name, held, same))
            for name in dict.fromkeys((*series.locations, *said))
        ),
    )


def _facts(component: Component, newest: _Count) -> dict[str, Fact]:
    wanted = component.copies
    return {
        "point": Moment(newest.time_ms),
        "copies": newest.copies,
        "media": newest.media,
        "offsite": newest.offsite,
        "immutable": newest.immutable,
        "offline": newest.offline,
        "want_copies": wanted.total,
        "want_media": wanted.media,
        "want_offsite": wanted.offsite,
    }


def _shortfall(newest: _Count) -> tuple[Status, str]:
    """Return how bad it is that the newest point falls short, and why it does."""
    if newest.one_place:
        return Status.FAIL, "copies.one_place"
    if not newest.lacking:
        return Status.FAIL, "copies.places"
    if newest.unproven:
        return Status.UNVERIFIED, "copies.unproven"
    return Status.FAIL, "copies.short"


def _by_time(state: State, component: Component, now_ms: int) -> list[tuple[int, list[Copy]]]:
    """Return the points that retention asks for and that are due everywhere, oldest first."""
    groups: dict[tuple[str, str], list[Copy]] = {}
    for copy in points.copies(state, component):
        groups.setdefault((copy.series, points.name_of(copy)), []).append(copy)
    asked = {series.id: series for series in component.series}
    due = {
        series.id: min(
            (points.due_before_ms(state, component, place, now_ms) for place in series.locations),
            default=now_ms,
        )
        for series in component.series
    }
    chosen = []
    for (series, _), held in groups.items():
        time_ms = min(copy.time_ms for copy in held)
        if not any(points.usable(copy) for copy in held):
            continue
        keep_ms = asked[series].keep_s * 1000
        if keep_ms and time_ms <= now_ms - keep_ms:
            continue
        if min(_made_ms(copy) for copy in held) < due[series]:
            chosen.append((time_ms, [*held, *_attested(state, component, asked[series], held)]))
    return sorted(chosen, key=lambda item: item[0])


def _attested(
    state: State, component: Component, series: Series, held: list[Copy]
) -> Iterable[Copy]:
    """Return what people say of these bytes on media that nobody here can read."""
    digests = {copy.sha256 for copy in held if copy.sha256}
    for place in series.attested:
        for copy in state.copies.get((component.id, series.id, place), ()):
            if copy.sha256 in digests:
                yield copy


def _made_ms(copy: Copy) -> int:
    """Return when the copy was complete: its mtime, unless that was renewed long afterwards."""
    running = copy.mtime_ms - copy.time_ms
    named = copy.time_source == "name"
    return copy.mtime_ms if named and 0 < running < points.DAY_MS else copy.time_ms


def _count(
    state: State,
    component: Component,
    time_ms: int,
    held: list[Copy],
    together: Callable[[tuple[str, ...]], _Together],
) -> _Count:
    same = _same_bytes(state, held)
    good = _good(same)
    series = next(item for item in component.series if item.id == held[0].series)
    found = together(tuple(good))
    lacking = [name for name in series.locations if name not in good]
    wrong = {name: _wrong(name, held, same) for name in lacking}
    return _Count(
        time_ms,
        copies=1 + found.places,
        media=found.media,
        offsite=found.offsite,
        immutable=sum(1 for copy in good.values() if copy.lock),
        offline=found.offline,
        lacking=tuple(f"{name} ({said})" for name, said in wrong.items()),
        one_place=found.one_place,
        unproven=bool(wrong) and set(wrong.values()) == {"unproven"},
    )


def _good(same: list[Copy]) -> dict[str, Copy]:
    """Return by location the proven copy there; names of one file are one copy."""
    good: dict[str, Copy] = {}
    inodes: set[str] = set()
    for copy in same:
        if points.proven(copy) and (not copy.inode or copy.inode not in inodes):
            inodes.add(copy.inode)
            good[copy.location] = copy
    return good


def _same_bytes(state: State, held: list[Copy]) -> list[Copy]:
    """Return the copies that hold what was made; where that is gone, what most of them hold.

    A tree has no one digest: its copies are compared where it is read.
    """
    first = held[0].sha256
    if all(copy.sha256 == first for copy in held):
        return held
    digests = Counter(copy.sha256 for copy in held if points.proven(copy))
    if not digests or held[0].path.endswith("/"):
        return held
    made = [
        copy.sha256
        for copy in held
        if points.proven(copy) and not state.policy.location(copy.location).transfer
    ]
    wanted = made[0] if made else digests.most_common(1)[0][0]
    return [copy for copy in held if copy.sha256 in {"", wanted}]


def _wrong(location: str, held: list[Copy], same: list[Copy]) -> str:
    """Return in one word why a location does not count."""
    there = [copy for copy in held if copy.location == location]
    if not there:
        return "missing"
    if not any(copy in same for copy in there):
        return "differs"
    if any(points.proven(copy) for copy in there):
        return "the same file"
    return "unproven" if any(points.usable(copy) for copy in there) else "damaged"


def _is_offsite(state: State, group: list[Location]) -> bool:
    """Return whether a place is off-site: all that is known of it says so."""
    return all(place.offsite and not places.at_site(state, place) for place in group)


def _together(state: State, names: tuple[str, ...]) -> _Together:
    there = [state.policy.location(name) for name in names]
    groups = places.distinct(state, there)
    one_place = (tuple(place.id for place in group) for group in groups if len(group) > 1)
    return _Together(
        places=len(groups),
        media=len({LIVE_MEDIUM, *(group[0].medium for group in groups)}),
        offsite=sum(1 for group in groups if _is_offsite(state, group)),
        offline=sum(1 for place in there if place.medium in _OFFLINE),
        one_place=next(one_place, ()),
    )


def _short(component: Component, count: _Count) -> bool:
    wanted = component.copies
    return (
        count.copies < wanted.total
        or count.media < wanted.media
        or count.offsite < wanted.offsite
        or bool(count.lacking)
    )
