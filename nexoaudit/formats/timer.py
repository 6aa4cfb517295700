"""Systemd timers and services: what they run, and when as far as cron could say it."""

import re
from typing import NamedTuple

_SHORT = {
    "minutely": "* * * * *",
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "monthly": "0 0 1 * *",
    "yearly": "0 0 1 1 *",
    "annually": "0 0 1 1 *",
}
_WHEN = re.compile(
    r"(?:(?P<days>[A-Za-z][A-Za-z,.]*)\s+)?"
    r"(?:(?:\*|\d{4})-(?P<month>\*|\d{1,2})-(?P<day>\*|\d{1,2})(?:\s+|$))?"
    r"(?:(?P<hour>[0-9*,/.]+):(?P<minute>[0-9*,/.]+)(?::(?:00?|0?0\.0+))?)?",
    re.ASCII,
)
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class Unit(NamedTuple):
    """What one unit file says, of what matters here."""

    calendar: tuple[str, ...]
    """`OnCalendar=` of a timer."""
    starts: str
    """`Unit=` of a timer; empty: the service of its own name."""
    commands: tuple[str, ...]
    """`ExecStart=` of a service, without the prefixes that change how it is run."""
    user: str
    """`User=` of a service; empty: root."""


def read_unit(text: str) -> Unit:
    """Return what a unit file says; an empty assignment clears what came before, as in systemd."""
    found: dict[str, list[str]] = {"OnCalendar": [], "Unit": [], "ExecStart": [], "User": []}
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        key, equals, value = line.strip().partition("=")
        name = key.strip()
        if not equals or name not in found:
            continue
        if value.strip():
            found[name].append(value.strip())
        else:
            found[name].clear()
    return Unit(
        tuple(found["OnCalendar"]),
        "".join(found["Unit"][-1:]),
        tuple(command.lstrip("@-:+!|") for command in found["ExecStart"]),
        "".join(found["User"][-1:]),
    )


def as_cron(calendar: str) -> str:
    """Return a calendar expression as cron's five fields; "" for one that cron cannot say.

    Only what backup timers use is read: a time, days of the week, a day of the month, lists,
    ranges, steps. Seconds but 0, years and zones are beyond cron.
    """
    short = _SHORT.get(calendar.strip().lower())
    if short is not None:
        return short
    match = _WHEN.fullmatch(calendar.strip())
    if match is None or not any(match.groupdict().values()):
        return ""
    days = _days(match["days"])
    fields = [
        _field(match["minute"] or "0"),
        _field(match["hour"] or "0"),
        _field(match["day"] or "*"),
        _field(match["month"] or "*"),
        days,
    ]
    if re.match(r"\d{4}-|.*\s\d{4}-", calendar.strip(), re.ASCII) or not all(fields):
        return ""
    return " ".join(fields)


def _days(text: str | None) -> str:
    """Return days of the week in numbers; "" for what is none."""
    if text is None:
        return "*"
    parts = []
    for part in text.lower().split(","):
        ends = [end[:3] for end in part.split("..")]
        if len(ends) > 2 or any(end not in _DAYS for end in ends):
            return ""
        first, last = _DAYS.index(ends[0]), _DAYS.index(ends[-1])
        last = 7 if last == 0 and len(ends) > 1 else last
        if last < first:
            return ""
        parts.append(str(first) if len(ends) == 1 else f"{first}-{last}")
    return ",".join(parts)


def _field(text: str) -> str:
    """Return one field of numbers, ranges and steps as cron writes it; "" when it cannot."""
    parts = []
    for part in text.split(","):
        match = re.fullmatch(r"(\*|\d{1,2})(?:\.\.(\d{1,2}))?(?:/(\d{1,2}))?", part, re.ASCII)
        if match is None or (match[1] == "*" and match[2]):
            return ""
        start = match[1] if match[1] == "*" else str(int(match[1]))
        if match[3] and not match[2] and start not in {"*", "0"}:
            return ""
        if match[3] and not match[2]:
            start = "*"
        parts.append(
            start + (f"-{int(match[2])}" if match[2] else "") + (f"/{match[3]}" if match[3] else "")
        )
    return ",".join(parts)
