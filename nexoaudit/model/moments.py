"""Moments as all records have them: whole milliseconds since 1970-01-01T00:00:00Z."""

from datetime import UTC, datetime, timedelta

LAST_MS = 253_402_214_400_000
"""9999-12-31T00:00:00Z, which is of that year in every time zone: a file system may hold times
that no calendar does."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def millis(moment: datetime) -> int:
    """Return an aware moment in milliseconds since the epoch; what is left of one is cut off.

    Integers all the way: a float of seconds is a millisecond short at some moments of the past.
    """
    return (moment - _EPOCH) // _MS


def moment(ms: int) -> datetime:
    """Return milliseconds since the epoch as an aware moment in UTC.

    Raise OverflowError outside of the years 1 to 9999.
    """
    return _EPOCH + ms * _MS


def file_ms(nanoseconds: int) -> int:
    """Return the time of a file in milliseconds since the epoch, as far as calendars reach.

    Times before the epoch and after the year 9999, which `touch` can set, become its ends.
    """
    return max(0, min(nanoseconds // 1_000_000, LAST_MS))
