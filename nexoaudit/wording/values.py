"""Facts as people write them: moments in the site's zone, durations, sizes."""

from datetime import UTC, datetime, tzinfo

from nexoaudit.model.fact import Fact, Moment, Size, Span

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def write_fact(fact: Fact, zone: tzinfo = UTC) -> str:
    """Return a fact as text; a moment as `2026-11-23 02:00` in `zone`."""
    if isinstance(fact, Moment):
        return write_moment(fact, zone)
    if isinstance(fact, Span):
        return write_span(fact)
    if isinstance(fact, Size):
        return write_size(fact)
    if isinstance(fact, int):
        return f"{fact:,}"
    return fact


def write_moment(ms: int, zone: tzinfo = UTC) -> str:
    """Return milliseconds since the epoch as `2026-11-23 02:00` in `zone`; 0 is `never`."""
    if ms <= 0:
        return "never"
    return datetime.fromtimestamp(ms / 1000, zone).strftime("%Y-%m-%d %H:%M")


def write_span(ms: int) -> str:
    """Return a duration as its two largest units: `3d 5h`, `26h 30m`, `26m 10s`, `4.2 s`.

    Hours go up to two days: backups are spoken of as 25 or 49 hours old.
    """
    sign, seconds = ("-", -ms / 1000) if ms < 0 else ("", ms / 1000)
    if seconds < 60:
        return f"{sign}{seconds:.1f}".removesuffix(".0") + " s"
    whole = int(seconds)
    if whole < 2 * 86400:
        parts = [(whole // 3600, "h"), (whole // 60 % 60, "m"), (whole % 60, "s")]
    else:
        parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h")]
    while parts[0][0] == 0:
        parts.pop(0)
    return sign + " ".join(f"{value}{unit}" for value, unit in parts[:2] if value)


def write_size(size: int) -> str:
    """Return bytes in powers of 1000 with three figures: `512 B`, `1.25 MB`, `51.2 MB`."""
    value = float(size)
    for unit in _UNITS:
        if abs(value) < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{size} B" if unit == "B" else f"{value:.3g} {unit}"
