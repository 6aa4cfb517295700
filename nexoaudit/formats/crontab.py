"""Cron tables, those of the system and those of users, as Debian's cron reads them."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

DEFAULT_PATH = "/usr/bin:/bin"
"""What cron gives a job whose table sets no PATH."""

_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
    "@reboot": "@reboot",
}
_VARIABLE = re.compile(r"""\s*(["']?)([A-Za-z_][A-Za-z0-9_]*)\1\s*=(.*)""", re.ASCII)
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAMES: tuple[Mapping[str, int], ...] = (
    {},
    {},
    {},
    {name: number for number, name in enumerate(_MONTHS, 1)},
    {name: number for number, name in enumerate(_DAYS)},
)
_LONGEST = 65_536
"""A line beyond this is none that cron would take."""


class CronLine(NamedTuple):
    """One job of a table."""

    line: int
    """Counted from 1."""
    when: str
    """Five fields as written, or `@reboot`; other nicknames as the fields they stand for."""
    user: str
    """Empty in a table of a user's own."""
    command: str
    """What the shell gets: cut at the first `%` that is not escaped."""
    cut: bool
    """An unescaped `%` cut it."""
    path: str
    """The PATH in force."""


class Table(NamedTuple):
    """One cron table."""

    jobs: tuple[CronLine, ...]
    bad: tuple[int, ...]
    """Lines that are no job, variable or comment: cron then refuses the whole table."""
    ended: bool
    """The last line ends as a line must; else cron refuses the table."""


Times = tuple[frozenset[int], ...]
"""Minutes, hours, days of the month, months and days of the week (0 is Sunday) of a job."""


def read_table(text: str, *, system: bool) -> Table:
    """Return the jobs of a table; in one of the `system` each names its user."""
    jobs: list[CronLine] = []
    bad: list[int] = []
    path = DEFAULT_PATH
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        variable = _VARIABLE.match(line) if len(line) <= _LONGEST else None
        if variable is not None:
            if variable[2] == "PATH":
                path = _unquoted(variable[3].strip())
            continue
        job = _job(stripped, number, path, system=system) if len(line) <= _LONGEST else None
        if job is None:
            bad.append(number)
        else:
            jobs.append(job)
    return Table(tuple(jobs), tuple(bad), not text or text.endswith("\n"))


def times(expression: str) -> Times | None:
    """Return when an expression of five fields comes; None for `@reboot` and for no expression."""
    fields = expression.split()
    if len(fields) != 5:
        return None
    found = []
    for field, (low, high), names in zip(fields, _RANGES, _NAMES, strict=True):
        values = _values(field, low, high, names)
        if not values:
            return None
        found.append(frozenset(value % 7 for value in values) if high == 7 else values)
    return tuple(found)


def _job(line: str, number: int, path: str, *, system: bool) -> CronLine | None:
    first = line.split(None, 1)[0].lower()
    if first.startswith("@"):
        when, rest = _NICKNAMES.get(first, ""), line.split(None, 1)[1:]
    else:
        fields = line.split(None, 5)
        when, rest = " ".join(fields[:5]), fields[5:]
        if times(when) is None:
            return None
    if not when or not rest:
        return None
    user, command = "", rest[0]
    if system:
        user, _, command = (part.strip() for part in _two(command))
    if not command:
        return None
    shell, cut = _percent(command)
    return CronLine(number, when, user, shell, cut, path)


def _two(text: str) -> tuple[str, str, str]:
    parts = text.split(None, 1)
    return parts[0], "", parts[1] if len(parts) > 1 else ""


def _percent(command: str) -> tuple[str, bool]:
    """Return what comes before the first bare `%`, an escaped one as `%`; and if there was one."""
    kept = []
    position = 0
    while position < len(command):
        char = command[position]
        if char == "\\" and command[position + 1 : position + 2] == "%":
            kept.append("%")
            position += 2
            continue
        if char == "%":
            return "".join(kept), True
        kept.append(char)
        position += 1
    return "".join(kept), False


def _values(field: str, low: int, high: int, names: Mapping[str, int]) -> frozenset[int]:
    """Return the numbers of one field; none at all when it is no field."""
    found: set[int] = set()
    for part in field.split(","):
        values = list(_part(part, low, high, names))
        if not values:
            return frozenset()
        found.update(values)
    return frozenset(found)


def _part(part: str, low: int, high: int, names: Mapping[str, int]) -> Iterator[int]:
    span, slash, step = part.partition("/")
    if slash and not (_is_number(step) and 0 < int(step) <= high + 1):
        return
    if span == "*":
        start, end = low, high
    else:
        one, dash, other = span.partition("-")
        bounds = [_number(text, names) for text in ((one, other) if dash else (one,))]
        start, end = bounds[0], bounds[-1]
        if slash and not dash:
            return
    if not low <= start <= end <= high:
        return
    yield from range(start, end + 1, int(step) if slash else 1)


def _number(text: str, names: Mapping[str, int]) -> int:
    if _is_number(text):
        return int(text)
    return names.get(text.lower(), -1)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text
