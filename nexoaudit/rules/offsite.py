"""Off-site: what is due there is there, closed to others, open to us in time, and safe from us."""

from collections.abc import Iterator
from typing import NamedTuple

from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Fact, Moment, Size, Span
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Component, Series
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import groves, keeping, points
from nexoaudit.rules.problems import condition, leading_problem

CONTROL = "offsite"
_CLOSED = frozenset({"archived", "restoring"})


class _There(NamedTuple):
    """The copies of one series at one off-site location."""

    state: State
    component: Component
    series: Series
    location: Location
    held: tuple[Copy, ...]
    due: dict[str, Copy]
    """By name, what was made elsewhere and should be there by now, oldest first."""
    now_ms: int

    def verdict(self, status: Status, reason: str, **facts: Fact) -> Verdict:
        """Return a verdict about it; what is always to be told is among its facts."""
        usable = [copy for copy in self.held if points.usable(copy)]
        told: dict[str, Fact] = {"location": self.location.id, "points": len(usable)}
        if usable:
            told["newest"] = Moment(usable[-1].time_ms)
            told["lag"] = Span(max(0, self.now_ms - usable[-1].time_ms))
        return Verdict(
            CONTROL,
            self.component.id,
            status,
            reason,
            {**told, **facts},
            self.location.id,
        )


def judge(
    state: State,
    component: Component,
    now_ms: int,
    warn_ms: int | None = None,
    fail_ms: int | None = None,
) -> tuple[Verdict, ...]:
    """Judge each series at each off-site location it is to be kept at.

    `warn_ms` and `fail_ms` limit the age of the newest point there, in place of the transfer's
    schedule.
    """
    if component.repository:
        return ()
    limits = (warn_ms, fail_ms)
    places = [place for place in state.policy.locations if place.offsite]
    found = tuple(
        verdict
        for series in component.series
        for place in places
        if place.id in series.locations
        for verdict in _judge(_there(state, component, series, place, now_ms), limits)
    )
    attested = any(place.id in item.attested for item in component.series for place in places)
    if found or attested or not component.copies.offsite:
        return found
    return (Verdict(CONTROL, component.id, Status.FAIL, "offsite.nowhere"),)


def judge_site(state: State, now_ms: int) -> tuple[Verdict, ...]:
    """Judge the off-site locations themselves: whose they are, and how well they keep things."""
    return tuple(
        verdict
        for place in state.policy.locations
        for verdict in keeping.judge(state, place, now_ms)
    )


def _there(
    state: State, component: Component, series: Series, location: Location, now_ms: int
) -> _There:
    held = state.copies.get((component.id, series.id, location.id), ())
    start_ms = max(component.since_ms, now_ms - series.keep_s * 1000 if series.keep_s else 0)
    # Of a location that is out of reach nobody knows what has arrived since it was last listed.
    away = location.id in state.failures and location.id in state.sweeps
    listed_ms = state.sweeps[location.id].finished_ms if away else now_ms
    made: dict[str, Copy] = {}
    for place in series.locations:
        if place == location.id or state.policy.location(place).transfer:
            continue
        for copy in state.copies.get((component.id, series.id, place), ()):
            complete_ms = max(copy.time_ms, min(copy.mtime_ms, copy.time_ms + points.DAY_MS))
            due_ms = points.due_ms(state, component, location.id, complete_ms)
            if points.usable(copy) and copy.time_ms > start_ms and due_ms < listed_ms:
                made[points.name_of(copy)] = copy
    return _There(state, component, series, location, held, made, now_ms)


def _judge(there: _There, limits: tuple[int | None, int | None]) -> Iterator[Verdict]:
    found = [
        verdict
        for verdict in (
            _emptied(there),
            _missing(there) if limits == (None, None) else _too_old(there, *limits),
            _newest(there),
            _plain(there),
            _twins(there),
            _in_time(there),
            _doubled(there),
        )
        if verdict is not None
    ]
    if found:
        yield from found
    elif not there.held and not there.due:
        yield there.verdict(Status.UNVERIFIED, "offsite.nothing_due")
    else:
        yield there.verdict(Status.PASS, "offsite.current", late=0)


def _emptied(there: _There) -> Verdict | None:
    """Find a location that has lost more than it still holds: the worst that a sync can do."""
    loss = there.state.losses.get((there.component.id, there.series.id, there.location.id))
    if loss is None or loss.copies <= len(there.held):
        return None
    facts: dict[str, Fact] = {"gone": loss.copies, "left": len(there.held)}
    return there.verdict(Status.FAIL, "offsite.emptied", **facts, since=Moment(loss.first_ms))


def _missing(there: _There) -> Verdict | None:
    names = {points.name_of(copy) for copy in there.held}
    missing = [
        copy for name, copy in there.due.items() if name not in names and not _perhaps(there, copy)
    ]
    if not missing:
        return None
    newest = max(there.due.values(), key=lambda copy: copy.time_ms)
    last = max(missing, key=lambda copy: copy.time_ms)
    stopped = last.time_ms == newest.time_ms
    return there.verdict(
        Status.FAIL if stopped else Status.WARN,
        "offsite.missing" if stopped else "offsite.gaps",
        late=len(missing),
        point=Moment(last.time_ms),
        path=last.path,
    )


def _perhaps(there: _There, made: Copy) -> bool:
    """Return whether something of that day is there of which nobody knows yet what it is."""
    if there.series.pattern_at(there.location.id) == there.series.pattern:
        return False
    return any(
        not copy.of and abs(copy.time_ms - made.time_ms) < points.DAY_MS for copy in there.held
    )


def _too_old(there: _There, warn_ms: int | None, fail_ms: int | None) -> Verdict | None:
    """Judge the age of the newest point there by the limits of a check."""
    usable = [copy for copy in there.held if points.usable(copy)]
    age_ms = there.now_ms - usable[-1].time_ms if usable else there.now_ms
    for status, limit_ms in ((Status.FAIL, fail_ms), (Status.WARN, warn_ms)):
        if limit_ms is not None and age_ms > limit_ms:
            reason = "offsite.over_limit" if usable else "offsite.nothing_there"
            return there.verdict(status, reason)
    return None


def _newest(there: _There) -> Verdict | None:
    """Judge the newest copy there: the one that a disaster tonight would have to be undone with."""
    finished = [copy for copy in there.held if copy.finished]
    if not finished:
        return None
    newest = finished[-1]
    status = condition(newest)
    if status is Status.FAIL:
        return there.verdict(status, leading_problem(newest), path=newest.path)
    waited_ms = there.now_ms - newest.seen_ms
    if status is Status.UNVERIFIED and waited_ms > points.VERIFY_WITHIN_MS:
        reason = leading_problem(newest) if newest.problems else "checksum.unread"
        return there.verdict(status, reason, path=newest.path)
    return None


def _plain(there: _There) -> Verdict | None:
    """Find what lies there open although it is to be encrypted."""
    if not (there.component.copies.encrypted or there.location.encrypted):
        return None
    looked_at = [copy for copy in there.held if copy.finished and copy.verified_ms]
    plain = [copy for copy in looked_at if not copy.sealed]
    if plain:
        return there.verdict(Status.FAIL, "offsite.plain", count=len(plain), path=plain[-1].path)
    return None


def _twins(there: _There) -> Verdict | None:
    """Find points that lie there encrypted and once more in the open."""
    sealed = {points.name_of(copy) for copy in there.held if copy.sealed}
    twins = [copy for copy in there.held if not copy.sealed and points.name_of(copy) in sealed]
    if not twins:
        return None
    return there.verdict(Status.FAIL, "offsite.twin", count=len(twins), path=twins[-1].path)


def _doubled(there: _There) -> Verdict | None:
    """Find trees whose hard links were not kept: each generation takes up all of its files."""
    found = groves.doubled(there.state, there.component.id, there.series, there.location.id)
    if found is None:
        return None
    here, copied = found
    facts: dict[str, Fact] = {
        "trees": copied.trees,
        "takes": Size(copied.own),
        "made": Size(here.own),
    }
    return there.verdict(Status.WARN, "offsite.doubled", **facts)


def _in_time(there: _There) -> Verdict | None:
    """Find out whether the newest copy can be had within the component's recovery time."""
    usable = [copy for copy in there.held if points.usable(copy)]
    if not usable:
        return None
    newest, place = usable[-1], there.location
    lapsed = newest.access == "restored" and newest.readable_until_ms <= there.now_ms
    closed = newest.access in _CLOSED or lapsed
    if closed and not place.fetch_s:
        return there.verdict(
            Status.UNVERIFIED, "offsite.fetch_unknown", path=newest.path, tier=newest.tier
        )
    takes_s = (place.fetch_s if closed else 0) + (newest.size // place.rate if place.rate else 0)
    if takes_s <= there.component.rto_s:
        return None
    return there.verdict(
        Status.FAIL,
        "offsite.too_slow",
        path=newest.path,
        takes=Span(takes_s * 1000),
        rto=Span(there.component.rto_s * 1000),
    )
