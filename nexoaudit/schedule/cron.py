"""Cron expressions in a site's zone, as cron itself runs them; the only user of croniter."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from croniter import croniter
from croniter.croniter import CroniterError

_TICK = timedelta(microseconds=1)


def is_cron(expression: str) -> bool:
    """Return whether `expression` is a five-field cron expression."""
    return len(expression.split()) == 5 and bool(croniter.is_valid(expression))


# One run asks for the same moments whenever it publishes, and each answer takes milliseconds.
@lru_cache(maxsize=64)
def slots(
    expression: str, zone: ZoneInfo, after: datetime, until: datetime
) -> tuple[datetime, ...]:
    """Return every moment in (`after`, `until`] at which cron would start the job, in UTC.

    A job at fixed hours has one slot per wall-clock time, also on the night when clocks go back
    and that time comes twice; a job of every hour (`*`) repeats. A fixed time that the clocks
    jump over runs at the jump, as Debian's cron does.
    """
    if not is_cron(expression):
        raise ValueError(f"not a cron expression: {expression!r}")
    if _every_hour(expression):
        return tuple(_hourly(expression, zone, after, until))
    start = after.astimezone(zone).replace(tzinfo=None) - timedelta(hours=3)
    end = until.astimezone(zone).replace(tzinfo=None) + timedelta(hours=3)
    found = {placed(local, zone) for local in _walk(expression, start, end)}
    return tuple(sorted(moment for moment in found if after < moment <= until))


def slots_around(
    expression: str, zone: ZoneInfo, now: datetime, back: timedelta
) -> tuple[datetime, ...]:
    """Return the slots of the time `back` before `now`, and at least the two that come next.

    The next two are looked for within 800 days.
    """
    past = slots(expression, zone, now - back, now)
    ahead: tuple[datetime, ...] = ()
    for days in (2, 16, 70, 800):
        ahead = slots(expression, zone, now, now + timedelta(days=days))
        if len(ahead) >= 2:
            break
    return past + ahead


def last_slot(expression: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the newest slot at or before `now`, looking back up to 400 days; None without one."""
    for days in (2, 40, 400):
        found = slots(expression, zone, now - timedelta(days=days), now)
        if found:
            return found[-1]
    return None


def _every_hour(expression: str) -> bool:
    return expression.split()[1].startswith("*")


def _walk(expression: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the naive wall-clock times of the expression in (start, end]."""
    walker = croniter(expression, start)
    while True:
        try:
            local = walker.get_next(datetime)
        except CroniterError:  # an expression such as 30 February never comes
            return
        if local > end:
            return
        yield local


def placed(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC moment of a wall-clock time; the first one where it comes twice.

    A wall-clock time that does not exist is moved forward to the end of the gap.
    """
    aware = local.replace(tzinfo=zone)
    moment = aware.astimezone(UTC)
    back = moment.astimezone(zone).replace(tzinfo=None)
    if back == local:
        return moment
    gap = aware.replace(fold=0).utcoffset(), aware.replace(fold=1).utcoffset()
    jump = abs((gap[1] or timedelta()) - (gap[0] or timedelta()))
    return _gap_end(local, zone, jump)


def _gap_end(local: datetime, zone: ZoneInfo, jump: timedelta) -> datetime:
    """Return the first moment after the gap that holds `local`."""
    low = (local - jump).replace(tzinfo=zone).astimezone(UTC)
    high = (local + jump).replace(tzinfo=zone).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _hourly(
    expression: str, zone: ZoneInfo, after: datetime, until: datetime
) -> Iterator[datetime]:
    """Yield the slots of an every-hour job: real time goes on while wall clocks jump."""
    for start, end in _steady(zone, after.astimezone(UTC), until.astimezone(UTC)):
        offset = end.astimezone(zone).utcoffset() or timedelta()
        local_start = (start + offset).replace(tzinfo=None)
        for local in _walk(expression, local_start, (end + offset).replace(tzinfo=None)):
            yield (local - offset).replace(tzinfo=UTC)


def _steady(
    zone: ZoneInfo, after: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Split (after, until] into pieces, each open at its start, in which no clock jumps."""
    start = after
    while start < until:
        end = min(start + timedelta(days=1), until)
        first = (start + _TICK).astimezone(zone).utcoffset()
        if end.astimezone(zone).utcoffset() != first:
            end = _last_with(first, zone, start, end)
        yield start, end
        start = end


def _last_with(offset: timedelta | None, zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the last whole moment in (low, high) at which the zone still has that offset."""
    while high - low > _TICK:
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high - _TICK
