"""The moment of a recovery point, from its name and the time of its file."""

from datetime import UTC, datetime, timedelta, tzinfo

from nexoaudit.formats.names import Pattern, point_time


def moment_of(pattern: Pattern, path: str, mtime_ms: int, zone: tzinfo) -> tuple[datetime, str]:
    """Return the point's moment in UTC, and where it comes from: `name` or `mtime`.

    A name with a date but no time of day takes its time from mtime, if that lies on the same day.
    Raise ValueError when the path does not match the pattern.
    """
    changed = datetime.fromtimestamp(mtime_ms / 1000, UTC)
    named = point_time(pattern, path, zone)
    if named is None:
        return changed, "mtime"
    if not pattern.clocked and timedelta() <= changed - named < timedelta(days=1):
        return changed, "name"
    return named, "name"
