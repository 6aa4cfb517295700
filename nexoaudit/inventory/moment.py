"""The moment of a recovery point, from its name and the time of its file."""

from datetime import datetime, timedelta, tzinfo

from nexoaudit.formats.names import Pattern, point_time
from nexoaudit.model.moments import moment


def moment_of(pattern: Pattern, path: str, mtime_ms: int, zone: tzinfo) -> tuple[datetime, str]:
    """Return the point's moment in UTC, and where it comes from: `name` or `mtime`.

    A name with a date but no time of day takes its time from mtime, if that lies on the same day.
    Raise ValueError when the path does not match the pattern.
    """
    changed = moment(mtime_ms)
    named = point_time(pattern, path, zone)
    if named is None:
        return changed, "mtime"
    if not pattern.clocked and timedelta() <= changed - named < timedelta(days=1):
        return changed, "name"
    return named, "name"
