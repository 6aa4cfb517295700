"""The moments of a copy: what its content says, and whether that fits its name."""

from datetime import UTC, datetime, tzinfo

from nexoaudit.model.moments import millis

FUTURE_MS = 10 * 60_000
"""How far ahead of the clock a recovery point may be before it is impossible."""
BEFORE_MS = 2 * 60_000
"""A dump ends after its name was made; clocks of two machines may differ by this much."""
DUMP_AFTER_MS = 12 * 3_600_000
ARCHIVE_AFTER_MS = 24 * 3_600_000


def local_ms(local: datetime, zone: tzinfo, near_ms: int) -> int:
    """Return the wall-clock time `local` of `zone` as UTC; of two hours the one nearer `near_ms`.

    Outside of what the calendar can convert: 0, no moment.
    """
    try:
        readings = [
            millis(local.replace(tzinfo=zone, fold=fold).astimezone(UTC)) for fold in (0, 1)
        ]
    except (OverflowError, ValueError):
        return 0
    return min(readings, key=lambda reading: abs(reading - near_ms))


def settled_ms(point_ms: int, time_source: str) -> int:
    """Return from when on a file may have been written to after an archive had packed it.

    Before the archive was begun, with a margin: two writes of one second have one time. A point
    whose name says nothing of that is dated by its end.
    """
    return point_ms - (BEFORE_MS if time_source == "name" else ARCHIVE_AFTER_MS)


def moment_problems(
    *, kind: str, point_ms: int, time_source: str, content_ms: int, now_ms: int
) -> tuple[str, ...]:
    """Return what is impossible about the time of a recovery point.

    A dump's trailer belongs shortly after the time in its name. Members of an archive may be old,
    but not newer than the archive. Binary logs have no time in their names.
    """
    problems = []
    if point_ms > now_ms + FUTURE_MS:
        problems.append("time.future")
    if content_ms and time_source == "name" and kind != "binlog":
        is_dump = kind == "database"
        if is_dump and content_ms < point_ms - BEFORE_MS:
            problems.append("time.content_before_name")
        if content_ms > point_ms + (DUMP_AFTER_MS if is_dump else ARCHIVE_AFTER_MS):
            problems.append("time.content_after_name")
    return tuple(problems)
