"""The site's local time, as cron and `date` see it. Moments are epoch seconds throughout."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.errors import DemoError

HOUR = 3600
DAY = 24 * HOUR


class Calendar(NamedTuple):
    """The calendar of one zone."""

    zone: ZoneInfo

    def local(self, moment: int) -> datetime:
        """Return `moment` as an aware local time."""
        return datetime.fromtimestamp(moment, self.zone)

    def day(self, moment: int) -> date:
        """Return the local day of `moment`."""
        return self.local(moment).date()

    def stamp(self, moment: int) -> str:
        """Return what `date +%Y%m%d_%H%M%S` prints at `moment`."""
        return self.local(moment).strftime("%Y%m%d_%H%M%S")

    def at(self, day: date, at: time) -> int:
        """Return when cron runs a job of fixed time on `day`.

        A time that comes twice counts once, at its first; one that is skipped counts at the end
        of the gap.
        """
        wanted = datetime.combine(day, at, self.zone)
        moment = int(wanted.timestamp())
        if self.local(moment).replace(tzinfo=None) == wanted.replace(tzinfo=None):
            return moment
        while self.local(moment - 60).replace(tzinfo=None) > wanted.replace(tzinfo=None):
            moment -= 60
        return moment

    def hours(self, start: int, end: int) -> Iterator[int]:
        """Yield each full local hour from `start` to `end`, both included; a repeated one twice."""
        first = self.local(start).replace(minute=0, second=0, microsecond=0)
        moment = int(first.astimezone(UTC).timestamp())
        while moment <= end:
            if moment >= start:
                yield moment
            moment += HOUR

    def days(self, start: int, end: int) -> Iterator[date]:
        """Yield each local day from that of `start` to that of `end`."""
        day, last = self.day(start), self.day(end)
        while day <= last:
            yield day
            day += timedelta(days=1)


def calendar(zone: str) -> Calendar:
    """Return the calendar of the zone named `zone`. Raise DemoError for an unknown name."""
    try:
        return Calendar(ZoneInfo(zone))
    except (KeyError, ValueError, OSError) as error:
        raise DemoError(f"there is no time zone {zone!r}: use a name like Europe/Madrid") from error
