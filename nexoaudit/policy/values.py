"""What values the keys of the configuration take: each reader raises for a wrong one.

A reader is given what TOML holds, returns the model's value, and raises ValueError or TypeError.
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from nexoaudit.formats.names import compile_pattern
from nexoaudit.model.location import PLACES
from nexoaudit.model.policy import KINDS, ON_CHANGE
from nexoaudit.policy.units import is_window, parse_duration, parse_size
from nexoaudit.schedule.cron import is_cron
from nexoaudit.wording.catalogue import LANGUAGES

UNIT_DIRECTORIES = (
    "/etc/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
)
"""Where systemd looks for units; what comes first hides what comes later."""

MAX_COUNT = 10**15
"""The ledger holds no larger number than 2**53."""
MAX_WORKERS = 64


def text(value: Any) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise TypeError
    return value


def texts(value: Any) -> tuple[str, ...]:
    """Return a list of such texts."""
    if not isinstance(value, list):
        raise TypeError
    return tuple(text(item) for item in value)


def flag(value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def count(value: Any) -> int:
    """Return a number from 0 to `MAX_COUNT`."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
        raise TypeError
    return value


def port(value: Any) -> int:
    """Return a port of TCP."""
    number = count(value)
    if not 0 < number < 65536:
        raise ValueError
    return number


def workers(value: Any) -> int:
    """Return a number of processes from 1 to `MAX_WORKERS`."""
    workers = count(value)
    if not 0 < workers <= MAX_WORKERS:
        raise ValueError
    return workers


def duration(value: Any) -> int:
    """Return a duration in seconds."""
    return parse_duration(text(value))


def period(value: Any) -> int:
    """Return a duration in seconds that is not nothing."""
    seconds = duration(value)
    if not seconds:
        raise ValueError
    return seconds


def size(value: Any) -> int:
    """Return a size in bytes."""
    return parse_size(text(value))


def keep(value: Any) -> int:
    """Return a retention in seconds; 0: for ever."""
    return 0 if value == "forever" else duration(value)


def cron(value: Any) -> str:
    """Return a cron expression."""
    if not is_cron(text(value)):
        raise ValueError
    return str(value)


def schedule(value: Any) -> str:
    """Return a cron expression, or `on-change`."""
    return ON_CHANGE if value == ON_CHANGE else cron(value)


def window(value: Any) -> str:
    """Return a window of the clock."""
    if not is_window(text(value)):
        raise ValueError
    return str(value)


def pattern(value: Any) -> str:
    """Return a pattern of names."""
    return compile_pattern(text(value)).text


def patterns(value: Any) -> tuple[tuple[str, str], ...]:
    """Return pairs of a location and a pattern of names."""
    if not isinstance(value, dict):
        raise TypeError
    return tuple(sorted((text(place), pattern(item)) for place, item in value.items()))


def zone(value: Any) -> str:
    """Return the name of a time zone that this machine knows."""
    try:
        return ZoneInfo(text(value)).key
    except (KeyError, OSError) as error:
        raise ValueError from error


def language(value: Any) -> str:
    """Return a language that there are sentences in."""
    if value not in LANGUAGES:
        raise ValueError
    return str(value)


def kind(value: Any) -> str:
    """Return a kind of component."""
    if value not in KINDS:
        raise ValueError
    return str(value)


def transport(value: Any) -> str:
    """Return a kind of location."""
    if value not in PLACES:
        raise ValueError
    return str(value)


def prefix(value: Any) -> str:
    """Return the beginning of keys, ending in `/` unless it is empty."""
    if not isinstance(value, str) or value.startswith("/"):
        raise ValueError
    return value if not value or value.endswith("/") else f"{value}/"


def url(value: Any) -> str:
    """Return a URL of a web service, without a slash at its end."""
    parts = urlsplit(text(value))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError
    return str(value).rstrip("/")


def owner(value: Any) -> str:
    """Return the number of an AWS account."""
    if not re.fullmatch("[0-9]{12}", text(value)):
        raise ValueError
    return str(value)


def host(value: Any) -> str:
    """Return the name of a host; one that begins with a dash would be taken for an option."""
    if text(value).startswith("-") or any(letter.isspace() for letter in value):
        raise ValueError
    return str(value)


def access(value: Any) -> str:
    """Return how a host is looked at."""
    if value not in {"command", "sftp"}:
        raise ValueError
    return str(value)


def absolute(value: Any) -> str:
    """Return an absolute path."""
    if not text(value).startswith("/"):
        raise ValueError
    return str(value)


def command(value: Any) -> tuple[str, ...]:
    """Return a program by its absolute path, and its arguments."""
    words = texts(value)
    absolute(words[0] if words else "")
    return words


def below(value: Any) -> str:
    """Return a relative path that leads nowhere else, without slashes at its ends."""
    if not isinstance(value, str) or value.startswith("/") or ".." in value.split("/"):
        raise ValueError
    return value.strip("/")


def account(value: Any) -> str:
    """Return an account of a database server, `user@host`."""
    user, at, host = text(value).rpartition("@")
    if not (user and at and host):
        raise ValueError
    return str(value)


def absolutes(value: Any) -> tuple[str, ...]:
    """Return absolute paths."""
    return tuple(absolute(item) for item in texts(value))


def units(value: Any) -> tuple[str, ...]:
    """Return directories of unit files; true stands for systemd's own."""
    if isinstance(value, bool):
        return UNIT_DIRECTORIES if value else ()
    return absolutes(value)


def min_rows(value: Any) -> tuple[tuple[str, int], ...]:
    """Return pairs of a table and its least number of rows, by table."""
    if not isinstance(value, dict):
        raise TypeError
    return tuple(sorted((table, count(rows)) for table, rows in value.items()))


def durations(value: Any) -> tuple[tuple[str, int], ...]:
    """Return pairs of a name and a duration in seconds, by name."""
    if not isinstance(value, dict):
        raise TypeError
    return tuple(sorted((text(name), duration(item)) for name, item in value.items()))


def since(value: Any) -> datetime:
    """Return a moment; a date without a zone is placed in the site's by the loader."""
    if isinstance(value, datetime):
        return value
    if hasattr(value, "year"):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the loader adds it
    raise TypeError
