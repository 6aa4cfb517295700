"""Every key of the configuration as data: the loader, the JSON Schema and the docs read this."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nexoaudit.model.assertion import DEMANDS
from nexoaudit.model.location import PLACES
from nexoaudit.model.policy import KINDS
from nexoaudit.policy import questions, values
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

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT}
_DURATION = {"type": "string", "pattern": "^[0-9]{1,9}[smhdw]$"}
_SIZE = {"type": "string", "pattern": "^[0-9]{1,9} ?([kMGT]B|[KMGT]iB)$"}
_COUNT = {"type": "integer", "minimum": 0, "maximum": values.MAX_COUNT}
_WORKERS = {"type": "integer", "minimum": 1, "maximum": values.MAX_WORKERS}


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

_ANY_SIZE = 'a size such as "100GB" or "93GiB"'
_ANY_JOB = "the script or command that does it, such as site-db-backup.sh"
_ANY_PATHS = "a list of absolute paths or globs"

SITE = {
    "name": _key("name", values.text, "the site's name", _TEXT, required=True),
    "timezone": _key("timezone", values.zone, 'a time zone such as "Europe/Madrid"', _TEXT),
    "language": _key(
        "language", values.language, f"one of {', '.join(LANGUAGES)}", {"enum": list(LANGUAGES)}
    ),
    "state_dir": _key("state_dir", values.absolute, "an absolute path", _TEXT),
    "monitoring_group": _key("monitoring_group", values.text, "a group's name", _TEXT),
    "residues": _key("residues", values.absolutes, "a list of absolute globs", _TEXTS),
    "region": _key("region", values.text, "a region such as eu-south-2", _TEXT),
    "demonstration": _key("demonstration", values.flag, "true or false", {"type": "boolean"}),
    "signers": _key("signers", values.absolute, "an absolute path", _TEXT),
}
LOCATION = {
    "kind": _key("kind", values.transport, f"one of {', '.join(PLACES)}", {"enum": list(PLACES)}),
    "path": _key("path", values.absolute, "an absolute path", _TEXT),
    "medium": _key("medium", values.text, 'a medium such as "disk", "cloud" or "tape"', _TEXT),
    "failure_domain": _key(
        "failure_domain", values.text, 'what would be lost together, such as "server"', _TEXT
    ),
    "offsite": _key("offsite", values.flag, "true or false", {"type": "boolean"}),
    "transfer": _key("transfer", values.cron, _ANY_CRON, _TEXT),
    "grace": _key("grace_s", values.duration, _ANY_DURATION, _DURATION),
    "min_size": _key("min_bytes", values.size, _ANY_SIZE, _SIZE),
    "encrypted": _key("encrypted", values.flag, "true or false", {"type": "boolean"}),
    "passphrase_file": _key("passphrase_file", values.absolute, "an absolute path", _TEXT),
    "download": _key("download", values.size, _ANY_SIZE, _SIZE),
    "fetch": _key("fetch_s", values.duration, _ANY_DURATION, _DURATION),
    "rate": _key("rate", values.size, 'bytes per second such as "50MB"', _SIZE),
    "job": _key("job", values.text, _ANY_JOB, _TEXT),
}
BUCKET = {
    "bucket": _key("bucket", values.text, "the name of a bucket", _TEXT, required=True),
    "prefix": _key("prefix", values.prefix, "what every key begins with", {"type": "string"}),
    "endpoint": _key(
        "endpoint", values.url, "a URL such as https://s3.example.com", {"type": "string"}
    ),
    "region": _key("region", values.text, "a region such as eu-south-2", _TEXT),
    "profile": _key("profile", values.text, "a profile of the AWS configuration files", _TEXT),
    "credentials_file": _key("credentials_file", values.absolute, "an absolute path", _TEXT),
    "owner": _key(
        "owner",
        values.owner,
        "the account number of the owner: twelve digits, as text",
        {"type": "string", "pattern": "^[0-9]{12}$"},
    ),
}
HOST = {
    "host": _key("host", values.host, "a host as ssh_config names it", _TEXT, required=True),
    "ssh_config": _key("config_file", values.absolute, "an absolute path", _TEXT),
    "access": _key("access", values.access, '"command" or "sftp"', {"enum": ["command", "sftp"]}),
}
ATTESTED = {"max_age": _key("max_age_s", values.period, _ANY_DURATION, _DURATION)}
SERIES = {
    "id": _key("id", values.text, "a short name such as full", _TEXT),
    "pattern": _key(
        "pattern",
        values.pattern,
        'a path below the location such as "database/site_{time:%Y%m%d_%H%M%S}.sql.gz"',
        _TEXT,
        required=True,
    ),
    "keep": _key("keep_s", values.keep, f'{_ANY_DURATION}, or "forever"', _TEXT, required=True),
    "locations": _key("locations", values.texts, "a list of location ids", _TEXTS, required=True),
    "at": _key(
        "at",
        values.patterns,
        "a table of the names at single locations such as "
        '{ cloud = "db_{time:%Y%m%d}.sql.gz.gpg" }',
        {"type": "object", "additionalProperties": _TEXT},
    ),
    "sidecar": _key("sidecar", values.flag, "true or false", {"type": "boolean"}),
}
EXPECT = {
    "tables": _key("tables", values.texts, "a list of table names", _TEXTS),
    "min_rows": _key(
        "min_rows",
        values.min_rows,
        "a table of numbers such as { users = 100 }",
        {"type": "object", "additionalProperties": _COUNT},
    ),
    "paths": _key("paths", values.texts, "a list of paths or globs", _TEXTS),
    "forbidden": _key("forbidden", values.texts, "a list of paths or globs", _TEXTS),
    "absent": _key("absent", values.texts, "a list of table names or globs", _TEXTS),
}
COPIES = {
    "total": _key("total", values.count, "a number of copies, the live data included", _COUNT),
    "media": _key("media", values.count, "a number of media", _COUNT),
    "offsite": _key("offsite", values.count, "a number of copies", _COUNT),
    "encrypted": _key("encrypted", values.flag, "true or false", {"type": "boolean"}),
}
COMPONENT = {
    "kind": _key(
        "kind", values.kind, f"one of {', '.join(KINDS)}", {"enum": list(KINDS)}, required=True
    ),
    "schedule": _key(
        "schedule", values.schedule, f'{_ANY_CRON}, or "on-change"', _TEXT, required=True
    ),
    "window": _key("window", values.window, 'a window such as "02:00-04:30"', _TEXT),
    "grace": _key("grace_s", values.duration, _ANY_DURATION, _DURATION),
    "rpo": _key("rpo_s", values.duration, _ANY_DURATION, _DURATION),
    "rto": _key("rto_s", values.duration, _ANY_DURATION, _DURATION),
    "since": _key("since_ms", values.since, "a date such as 2026-11-01", {"type": "string"}),
    "watch": _key("watch", values.absolutes, "a list of absolute paths or globs", _TEXTS),
    "parts": _key("parts", values.texts, "a list of component ids", _TEXTS),
    "keep": _key("keep_s", values.keep, f'{_ANY_DURATION}, or "forever"', _TEXT),
    "repository": _key("repository", values.absolute, "an absolute path", _TEXT),
    "deployed": _key("deployed", values.absolute, "an absolute path", _TEXT),
    "data": _key("data", values.absolutes, "a list of absolute paths", _TEXTS),
    "job": _key("job", values.text, _ANY_JOB, _TEXT),
}
LIVE = {
    "user": _key("user", values.text, "a user of the database server", _TEXT, required=True),
    "socket": _key("socket", values.absolute, "the absolute path of a Unix socket", _TEXT),
    "host": _key("host", values.text, "a host name or an address", _TEXT),
    "port": _key("port", values.port, "a port from 1 to 65535", {"type": "integer"}),
    "password_file": _key("password_file", values.absolute, "an absolute path", _TEXT),
    "ca_file": _key("ca_file", values.absolute, "an absolute path", _TEXT),
    "databases": _key("databases", values.texts, "a list of names of databases", _TEXTS),
    "backup_user": _key(
        "backup_user",
        values.account,
        'an account such as "nexosupport_backup@localhost"',
        {"type": "string", "pattern": "^.+@.+$"},
    ),
    "exact": _key("exact_s", values.duration, _ANY_DURATION, _DURATION),
}
VERSIONS = {
    "component": _key("component", values.text, "the id of a database", _TEXT, required=True),
    "sql": _key(
        "sql",
        questions.select,
        "one SELECT of one value such as \"SELECT value FROM shop.config WHERE name = 'version'\"",
        _TEXT,
        required=True,
    ),
    "file": _key("file", values.absolute, "an absolute path", _TEXT, required=True),
    "pattern": _key(
        "pattern",
        questions.one_group,
        "a regular expression with one group such as 'version = ([0-9.]+)'",
        _TEXT,
        required=True,
    ),
}
ASSERT = {
    "name": _key("name", values.text, "what it says, in a few words", _TEXT, required=True),
    "sql": _key(
        "sql",
        questions.select,
        'one SELECT such as "SELECT COUNT(*) >= 100 FROM users"',
        _TEXT,
        required=True,
    ),
    "must": _key(
        "must",
        questions.demand,
        f"what the answer must be: one of {', '.join(DEMANDS)}",
        {"enum": list(DEMANDS)},
        required=True,
    ),
    "value": _key("value", values.text, 'with must = "value": the one right value, as text', _TEXT),
}
SCENARIO = {
    "rpo": _key("rpo_s", values.duration, _ANY_DURATION, _DURATION, required=True),
    "rto": _key("rto_s", values.duration, _ANY_DURATION, _DURATION, required=True),
    "destroys": _key("destroys", values.texts, "a list of failure domains", _TEXTS, required=True),
    "declared": _key(
        "declared",
        values.durations,
        'a table of durations such as { provisioning = "2h", dns = "15m", decision = "30m" }',
        {"type": "object", "additionalProperties": _DURATION},
    ),
}
AUDITOR = {
    "audit": _key("audit", values.cron, _ANY_CRON, _TEXT),
    "drill": _key("drill", values.cron, _ANY_CRON, _TEXT),
    "recovery": _key("recovery_s", values.period, _ANY_DURATION, _DURATION),
    "report": _key("report", values.cron, _ANY_CRON, _TEXT),
    "workers": _key(
        "workers", values.workers, "a number of copies from 1 to 64 that are read at once", _WORKERS
    ),
    "reverify": _key("reverify_s", values.period, _ANY_DURATION, _DURATION),
    "reverify_at": _key("reverify_at", values.cron, _ANY_CRON, _TEXT),
    "budget": _key("budget_s", values.period, _ANY_DURATION, _DURATION),
    "rate": _key("rate", values.size, 'bytes per second such as "50MB"', _SIZE),
}
JOBS = {
    "cron": _key("cron", values.absolutes, _ANY_PATHS, _TEXTS),
    "systemd": _key(
        "systemd",
        values.units,
        "true, or a list of directories of unit files",
        {"anyOf": [{"type": "boolean"}, _TEXTS]},
    ),
    "scripts": _key("scripts", values.absolutes, _ANY_PATHS, _TEXTS),
    "logs": _key("logs", values.absolutes, "a list of absolute paths", _TEXTS),
    "root": _key("root", values.absolute, "an absolute path", _TEXT),
}
MAIL = {
    "recipients": _key("recipients", values.texts, "a list of addresses", _TEXTS, required=True),
    "sender": _key("sender", values.text, "an address", _TEXT, required=True),
    "host": _key("host", values.text, "a host name", _TEXT),
    "port": _key("port", values.port, "a port from 1 to 65535", {"type": "integer"}),
    "starttls": _key("starttls", values.flag, "true or false", {"type": "boolean"}),
    "user": _key("user", values.text, "a user name", _TEXT),
    "password_file": _key("password_file", values.absolute, "an absolute path", _TEXT),
    "ca_file": _key("ca_file", values.absolute, "an absolute path", _TEXT),
}
