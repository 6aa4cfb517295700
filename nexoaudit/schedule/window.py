"""Daily windows and turned-back clocks: what a zone makes of wall-clock times."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nexoaudit.schedule.cron import placed


def windows(
    text: str, zone: ZoneInfo, after: datetime, until: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """Return the opening and closing moments, in UTC, of a window such as `22:00-06:00`.

    One pair for each local day from that of `after` to that of `until`, the night before the
    first included. A window that closes at or before its opening closes on the next day. A time
    that the clocks jump over is the end of the jump; of one that comes twice the window has both,
    from the first opening to the last closing.
    """
    opening, closing = (time.fromisoformat(part) for part in text.split("-"))
    day = after.astimezone(zone).date() - timedelta(days=1)
    last = until.astimezone(zone).date()
    found = []
    while day <= last:
        end = day if closing > opening else day + timedelta(days=1)
        first = placed(datetime.combine(day, opening), zone)
        found.append((first, _last(datetime.combine(end, closing), zone)))
        day += timedelta(days=1)
    return tuple(found)


def opening_of(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when the window that is open at `now` opened; None while it is closed."""
    for opening, closing in windows(text, zone, now, now):
        if opening <= now < closing:
            return opening
    return None


def turned_back(
    zone: ZoneInfo, after: datetime, until: datetime
) -> tuple[tuple[datetime, timedelta], ...]:
    """Return when clocks went back in (`after`, `until`], in UTC, and by how much.

    Wall-clock times of as long before that moment come a second time after it.
    """
    found = []
    start = after.astimezone(UTC)
    while start < until:
        end = start + timedelta(days=1)
        change = _offset(end, zone) - _offset(start, zone)
        if change < timedelta():
            moment = _jump(zone, start, end)
            if after < moment <= until:
                found.append((moment, -change))
        start = end
    return tuple(found)


def _last(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC moment of a wall-clock time; the second one where it comes twice."""
    first = placed(local, zone)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    again = second.astimezone(zone).replace(tzinfo=None) == local
    return max(first, second) if again else first


def _jump(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the first moment, to the second, in (low, high] with the offset of `high`."""
    before = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return (high + timedelta(milliseconds=500)).replace(microsecond=0)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
