"""Every key of the configuration as data: the loader, the JSON Schema and the docs read this."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.formats.names import compile_pattern
from nexoaudit.model.policy import KINDS, ON_CHANGE
from nexoaudit.policy.units import is_window, parse_duration, parse_size
from nexoaudit.schedule.cron import is_cron
from nexoaudit.wording.catalogue import LANGUAGES


class Key(NamedTuple):
    """One key: how its value is read, and how a wrong one is described."""

    field: str
    """The field of the value it fills."""
    read: Callable[[Any], Any]
    """Return the model's value; raise ValueError or TypeError for a wrong one."""
    expected: str
    schema: Mapping[str, Any]
    """JSON Schema of the value."""
    required: bool = False


CRON_TABLES = ("/etc/crontab", "/etc/cron.*/*", "/var/spool/cron/crontabs/*")
"""Where Debian's cron looks for tables."""

UNIT_DIRECTORIES = (
    "/etc/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
)
"""Where systemd looks for units; what comes first hides what comes later."""

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT}
_DURATION = {"type": "string", "pattern": "^[0-9]{1,9}[smhdw]$"}
_SIZE = {"type": "string", "pattern": "^[0-9]{1,9} ?([kMGT]B|[KMGT]iB)$"}
MAX_COUNT = 10**15
"""The ledger holds no larger number than 2**53."""
_COUNT = {"type": "integer", "minimum": 0, "maximum": MAX_COUNT}
MAX_WORKERS = 64
_WORKERS = {"type": "integer", "minimum": 1, "maximum": MAX_WORKERS}


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(item) for item in value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
        raise TypeError
    return value


def _port(value: Any) -> int:
    port = _count(value)
    if not 0 < port < 65536:
        raise ValueError
    return port


def _workers(value: Any) -> int:
    workers = _count(value)
    if not 0 < workers <= MAX_WORKERS:
        raise ValueError
    return workers


def _duration(value: Any) -> int:
    return parse_duration(_text(value))


def _period(value: Any) -> int:
    seconds = _duration(value)
    if not seconds:
        raise ValueError
    return seconds


def _size(value: Any) -> int:
    return parse_size(_text(value))


def _keep(value: Any) -> int:
    return 0 if value == "forever" else _duration(value)


def _cron(value: Any) -> str:
    if not is_cron(_text(value)):
        raise ValueError
    return str(value)


def _schedule(value: Any) -> str:
    return ON_CHANGE if value == ON_CHANGE else _cron(value)


def _window(value: Any) -> str:
    if not is_window(_text(value)):
        raise ValueError
    return str(value)


def _pattern(value: Any) -> str:
    return compile_pattern(_text(value)).text


def _zone(value: Any) -> str:
    try:
        return ZoneInfo(_text(value)).key
    except (KeyError, OSError) as error:
        raise ValueError from error


def _language(value: Any) -> str:
    if value not in LANGUAGES:
        raise ValueError
    return str(value)


def _kind(value: Any) -> str:
    if value not in KINDS:
        raise ValueError
    return str(value)


def _path_only(value: Any) -> str:
    if value != "path":
        raise ValueError
    return str(value)


def _absolute(value: Any) -> str:
    if not _text(value).startswith("/"):
        raise ValueError
    return str(value)


def _account(value: Any) -> str:
    user, at, host = _text(value).rpartition("@")
    if not (user and at and host):
        raise ValueError
    return str(value)


def _absolutes(value: Any) -> tuple[str, ...]:
    return tuple(_absolute(item) for item in _texts(value))


def _units(value: Any) -> tuple[str, ...]:
    """Return directories of unit files; true stands for systemd's own."""
    if isinstance(value, bool):
        return UNIT_DIRECTORIES if value else ()
    return _absolutes(value)


def _min_rows(value: Any) -> tuple[tuple[str, int], ...]:
    if not isinstance(value, dict):
        raise TypeError
    return tuple(sorted((table, _count(rows)) for table, rows in value.items()))


def _since(value: Any) -> datetime:
    """Return a moment; a date without a zone is placed in the site's by the loader."""
    if isinstance(value, datetime):
        return value
    if hasattr(value, "year"):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the loader adds it
    raise TypeError


def _key(
    field: str,
    read: Callable[[Any], Any],
    expected: str,
    schema: Mapping[str, Any],
    *,
    required: bool = False,
) -> Key:
    return Key(field, read, expected, schema, required)


_ANY_DURATION = 'a duration such as "90s", "15m", "25h", "7d" or "4w"'
_ANY_CRON = 'a cron expression of five fields such as "0 2 * * *"'

_ANY_JOB = "the script or command that does it, such as site-db-backup.sh"
_ANY_PATHS = "a list of absolute paths or globs"

SITE = {
    "name": _key("name", _text, "the site's name", _TEXT, required=True),
    "timezone": _key("timezone", _zone, 'a time zone such as "Europe/Madrid"', _TEXT),
    "language": _key(
        "language", _language, f"one of {', '.join(LANGUAGES)}", {"enum": list(LANGUAGES)}
    ),
    "state_dir": _key("state_dir", _absolute, "an absolute path", _TEXT),
    "monitoring_group": _key("monitoring_group", _text, "a group's name", _TEXT),
    "residues": _key("residues", _absolutes, "a list of absolute globs", _TEXTS),
    "demonstration": _key("demonstration", _flag, "true or false", {"type": "boolean"}),
}
LOCATION = {
    "kind": _key("kind", _path_only, '"path"', {"enum": ["path"]}),
    "path": _key("path", _absolute, "an absolute path", _TEXT, required=True),
    "medium": _key("medium", _text, 'a medium such as "disk", "cloud" or "tape"', _TEXT),
    "failure_domain": _key(
        "failure_domain", _text, 'what would be lost together, such as "server"', _TEXT
    ),
    "offsite": _key("offsite", _flag, "true or false", {"type": "boolean"}),
    "transfer": _key("transfer", _cron, _ANY_CRON, _TEXT),
    "grace": _key("grace_s", _duration, _ANY_DURATION, _DURATION),
    "min_size": _key("min_bytes", _size, 'a size such as "100GB" or "93GiB"', _SIZE),
    "job": _key("job", _text, _ANY_JOB, _TEXT),
}
SERIES = {
    "id": _key("id", _text, "a short name such as full", _TEXT),
    "pattern": _key(
        "pattern",
        _pattern,
        'a path below the location such as "database/site_{time:%Y%m%d_%H%M%S}.sql.gz"',
        _TEXT,
        required=True,
    ),
    "keep": _key("keep_s", _keep, f'{_ANY_DURATION}, or "forever"', _TEXT, required=True),
    "locations": _key("locations", _texts, "a list of location ids", _TEXTS, required=True),
    "sidecar": _key("sidecar", _flag, "true or false", {"type": "boolean"}),
}
EXPECT = {
    "tables": _key("tables", _texts, "a list of table names", _TEXTS),
    "min_rows": _key(
        "min_rows",
        _min_rows,
        "a table of numbers such as { users = 100 }",
        {"type": "object", "additionalProperties": _COUNT},
    ),
    "paths": _key("paths", _texts, "a list of paths or globs", _TEXTS),
    "forbidden": _key("forbidden", _texts, "a list of paths or globs", _TEXTS),
}
COPIES = {
    "total": _key("total", _count, "a number of copies, the live data included", _COUNT),
    "media": _key("media", _count, "a number of media", _COUNT),
    "offsite": _key("offsite", _count, "a number of copies", _COUNT),
    "encrypted": _key("encrypted", _flag, "true or false", {"type": "boolean"}),
}
COMPONENT = {
    "kind": _key("kind", _kind, f"one of {', '.join(KINDS)}", {"enum": list(KINDS)}, required=True),
    "schedule": _key("schedule", _schedule, f'{_ANY_CRON}, or "on-change"', _TEXT, required=True),
    "window": _key("window", _window, 'a window such as "02:00-04:30"', _TEXT),
    "grace": _key("grace_s", _duration, _ANY_DURATION, _DURATION),
    "rpo": _key("rpo_s", _duration, _ANY_DURATION, _DURATION),
    "rto": _key("rto_s", _duration, _ANY_DURATION, _DURATION),
    "since": _key("since_ms", _since, "a date such as 2026-11-01", {"type": "string"}),
    "watch": _key("watch", _absolutes, "a list of absolute paths or globs", _TEXTS),
    "parts": _key("parts", _texts, "a list of component ids", _TEXTS),
    "keep": _key("keep_s", _keep, f'{_ANY_DURATION}, or "forever"', _TEXT),
    "repository": _key("repository", _absolute, "an absolute path", _TEXT),
    "deployed": _key("deployed", _absolute, "an absolute path", _TEXT),
    "data": _key("data", _absolutes, "a list of absolute paths", _TEXTS),
    "job": _key("job", _text, _ANY_JOB, _TEXT),
}
LIVE = {
    "user": _key("user", _text, "a user of the database server", _TEXT, required=True),
    "socket": _key("socket", _absolute, "the absolute path of a Unix socket", _TEXT),
    "host": _key("host", _text, "a host name or an address", _TEXT),
    "port": _key("port", _port, "a port from 1 to 65535", {"type": "integer"}),
    "password_file": _key("password_file", _absolute, "an absolute path", _TEXT),
    "ca_file": _key("ca_file", _absolute, "an absolute path", _TEXT),
    "databases": _key("databases", _texts, "a list of names of databases", _TEXTS),
    "backup_user": _key(
        "backup_user",
        _account,
        'an account such as "nexosupport_backup@localhost"',
        {"type": "string", "pattern": "^.+@.+$"},
    ),
}
SCENARIO = {
    "rpo": _key("rpo_s", _duration, _ANY_DURATION, _DURATION, required=True),
    "rto": _key("rto_s", _duration, _ANY_DURATION, _DURATION, required=True),
    "destroys": _key("destroys", _texts, "a list of failure domains", _TEXTS, required=True),
}
AUDITOR = {
    "audit": _key("audit", _cron, _ANY_CRON, _TEXT),
    "drill": _key("drill", _cron, _ANY_CRON, _TEXT),
    "report": _key("report", _cron, _ANY_CRON, _TEXT),
    "workers": _key(
        "workers", _workers, "a number of copies from 1 to 64 that are read at once", _WORKERS
    ),
    "reverify": _key("reverify_s", _period, _ANY_DURATION, _DURATION),
    "reverify_at": _key("reverify_at", _cron, _ANY_CRON, _TEXT),
    "budget": _key("budget_s", _period, _ANY_DURATION, _DURATION),
    "rate": _key("rate", _size, 'bytes per second such as "50MB"', _SIZE),
}
JOBS = {
    "cron": _key("cron", _absolutes, _ANY_PATHS, _TEXTS),
    "systemd": _key(
        "systemd",
        _units,
        "true, or a list of directories of unit files",
        {"anyOf": [{"type": "boolean"}, _TEXTS]},
    ),
    "scripts": _key("scripts", _absolutes, _ANY_PATHS, _TEXTS),
    "logs": _key("logs", _absolutes, "a list of absolute paths", _TEXTS),
    "root": _key("root", _absolute, "an absolute path", _TEXT),
}
MAIL = {
    "recipients": _key("recipients", _texts, "a list of addresses", _TEXTS, required=True),
    "sender": _key("sender", _text, "an address", _TEXT, required=True),
    "host": _key("host", _text, "a host name", _TEXT),
    "port": _key("port", _port, "a port from 1 to 65535", {"type": "integer"}),
    "starttls": _key("starttls", _flag, "true or false", {"type": "boolean"}),
    "user": _key("user", _text, "a user name", _TEXT),
    "password_file": _key("password_file", _absolute, "an absolute path", _TEXT),
    "ca_file": _key("ca_file", _absolute, "an absolute path", _TEXT),
}
