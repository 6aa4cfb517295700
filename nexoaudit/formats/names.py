"""Names of backups: patterns with a time in them, and times found in any name."""

import re
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

_DIRECTIVES = {
    "Y": r"(?P<year>\d{4})",
    "m": r"(?P<month>\d{2})",
    "d": r"(?P<day>\d{2})",
    "H": r"(?P<hour>\d{2})",
    "M": r"(?P<minute>\d{2})",
    "S": r"(?P<second>\d{2})",
}
SEALED = (".gpg", ".pgp", ".asc")
"""What OpenPGP programs append to the name of a file that they encrypt."""
_UNITS = ("year", "month", "day", "hour", "minute", "second")
_FIELD = re.compile(r"\{(time:(?P<format>[^{}]*)|number)\}|\*")
_MOST_OPEN = 3
"""With more of them a name made for it keeps the matching busy for seconds."""
_TIME_ANYWHERE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<a>[-_.]?)(?P<month>\d{2})(?P=a)(?P<day>\d{2})"
    r"(?:[-_T.]?(?P<hour>\d{2})(?P<b>[-_.:h]?)(?P<minute>\d{2})(?:(?P=b)(?P<second>\d{2}))?)?(?!\d)",
    re.ASCII,
)


class Pattern(NamedTuple):
    """One compiled series pattern."""

    text: str
    regex: re.Pattern[str]
    timed: bool
    """True when the name carries the recovery point's date."""
    clocked: bool
    """True when it carries the time of day as well."""


def compile_pattern(text: str) -> Pattern:
    """Compile `database/site_{time:%Y%m%d_%H%M%S}.sql.gz`, `binlog/mysql-bin.{number}` or `x/*`.

    `*` matches anything but a slash. A pattern that ends in a slash is one of directories, each a
    tree that is one copy: `incremental/*/`, `daily/{time:%Y-%m-%d}/`. Raise ValueError, saying what
    is wrong, for a bad pattern.
    """
    if not text or text.startswith("/") or ".." in text.split("/"):
        raise ValueError("a pattern is a path below its location, without a leading slash or '..'")
    outline = _FIELD.sub(lambda field: "t" if field["format"] is not None else "*", text)
    if any(part.count("*") > _MOST_OPEN for part in outline.split("/")):
        raise ValueError(f"at most {_MOST_OPEN} of * and {{number}} in one part of a path")
    parts: list[str] = []
    end = 0
    timed = False
    for field in _FIELD.finditer(text):
        parts.append(_literal(text[end : field.start()]))
        end = field.end()
        if field["format"] is not None:
            if timed:
                raise ValueError("only one {time:...} field")
            parts.append(_time_regex(field["format"]))
            timed = True
        else:
            parts.append(r"\d+" if field[0] == "{number}" else "[^/]*")
    parts.append(_literal(text[end:]))
    regex = re.compile("".join(parts), re.DOTALL | re.ASCII)
    return Pattern(text, regex, timed, "hour" in regex.groupindex)


def point_time(pattern: Pattern, path: str, zone: tzinfo) -> datetime | None:
    """Return the moment in `path`'s name, in UTC; None when the pattern has none.

    Raise ValueError when `path` does not match, or holds a date that does not exist.
    """
    match = pattern.regex.fullmatch(path)
    if match is None:
        raise ValueError(f"{path!r} does not match {pattern.text!r}")
    return _moment(match, zone) if pattern.timed else None


def matches(pattern: Pattern, path: str, zone: tzinfo) -> bool:
    """Return whether `path` belongs to the pattern's series and holds a date that exists."""
    try:
        point_time(pattern, path, zone)
    except ValueError:
        return False
    return True


def unsealed(path: str) -> str:
    """Return the name of the file that an encrypted one, by its name, was made from."""
    for suffix in SEALED:
        if path.endswith(suffix):
            return path[: -len(suffix)]
    return path


def time_in_name(name: str, zone: tzinfo) -> datetime | None:
    """Return the first date, with a time if there is one, in any file name, in UTC; else None."""
    for match in _TIME_ANYWHERE.finditer(name):
        try:
            return _moment(match, zone)
        except ValueError:
            continue
    return None


def generalise(path: str) -> str | None:
    """Return the pattern of which `path` is one instance; None when it has no time or number.

    A dated name becomes `{time:...}`, the six-digit ending of a binary log `{number}`.
    """
    head, slash, name = path.rpartition("/")
    match = _TIME_ANYWHERE.search(name)
    if match is not None:
        field = "{time:" + _format_of(match) + "}"
        return head + slash + name[: match.start()] + field + name[match.end() :]
    numbered = re.fullmatch(r"(.*[.-])[0-9]{6,}", name)
    return None if numbered is None else head + slash + numbered[1] + "{number}"


def _literal(text: str) -> str:
    if "{" in text or "}" in text:
        raise ValueError("only {time:FORMAT}, {number} and * are fields")
    return re.escape(text)


def _time_regex(form: str) -> str:
    parts: list[str] = []
    seen: list[str] = []
    position = 0
    while position < len(form):
        if form[position] != "%":
            parts.append(re.escape(form[position]))
            position += 1
            continue
        directive = form[position + 1 : position + 2]
        if directive not in _DIRECTIVES or directive in seen:
            raise ValueError("a time is made of %Y %m %d %H %M %S, each at most once")
        parts.append(_DIRECTIVES[directive])
        seen.append(directive)
        position += 2
    if not {"Y", "m", "d"} <= set(seen):
        raise ValueError("a time needs at least %Y, %m and %d")
    return "".join(parts)


def _moment(match: re.Match[str], zone: tzinfo) -> datetime:
    found = match.groupdict()
    year, month, day, hour, minute, second = (int(found.get(unit) or 0) for unit in _UNITS)
    local = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a date beyond all calendars") from error


def _format_of(match: re.Match[str]) -> str:
    """Return the strptime format that wrote this match, separators included."""
    letters = dict(zip(_UNITS, "YmdHMS", strict=True))
    text = match[0]
    spans = [(match.start(unit) - match.start(), unit) for unit in _UNITS if match[unit]]
    result = ""
    end = 0
    for start, unit in spans:
        result += text[end:start] + "%" + letters[unit]
        end = start + len(match[unit])
    return result + text[end:]
