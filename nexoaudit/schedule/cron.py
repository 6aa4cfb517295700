"""Cron expressions in a site's zone, as cron itself runs them; the only user of croniter."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter
from croniter.croniter import CroniterError


def is_cron(expression: str) -> bool:
    """Return whether `expression` is a five-field cron expression."""
    return len(expression.split()) == 5 and bool(croniter.is_valid(expression))


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
    found = {_placed(local, zone) for local in _walk(expression, start, end)}
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


def _placed(local: datetime, zone: ZoneInfo) -> datetime:
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
    minute, _, *rest = expression.split()
    local = after.astimezone(zone)
    past_hour = timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    moment = after.astimezone(UTC) - past_hour
    while moment <= until:
        local = moment.astimezone(zone)
        base = local.replace(tzinfo=None, fold=0)
        probe = f"{minute} {base.hour} {' '.join(rest)}"
        if _hour_matches(expression, base.hour):
            for wall in _walk(probe, base - timedelta(seconds=1), base + timedelta(minutes=59)):
                slot = moment + (wall - base)
                if after < slot <= until:
                    yield slot
        moment += timedelta(hours=1)


def _hour_matches(expression: str, hour: int) -> bool:
    field = expression.split()[1]
    step = field.partition("/")[2]
    return hour % int(step or 1) == 0
