"""The manifest of a copy: what is inside, as bounded, sorted facts."""

from collections.abc import Mapping

from nexoaudit.formats.binlogfacts import Binlog
from nexoaudit.formats.dump import Dump
from nexoaudit.model.fact import Fact, Moment

Manifest = tuple[tuple[str, Fact], ...]

MAX_TABLES = 600
"""Tables that a manifest names, largest first; what is left is added up as `(others)`."""
MAX_OBJECTS = 200
"""Objects of one kind that a manifest names: all of them or none."""
MAX_NAMED = 20
"""Tables of an unsuitable engine that a manifest names."""
NAME_LENGTH = 200
"""Letters of a member's name that a manifest holds."""
MAX_NUMBER = (1 << 53) - 1
"""The largest number that every reader of JSON has exactly; hostile headers claim more."""


def manifest(facts: Mapping[str, Fact]) -> Manifest:
    """Return facts as sorted pairs, without empty texts and with every number in bounds."""
    return tuple(
        (key, _bounded(value)) for key, value in sorted(facts.items()) if value not in {"", None}
    )


def dump_manifest(dump: Dump, text: Mapping[str, Fact]) -> Manifest:
    """Return the facts of a dump; `text` are those of its text."""
    facts: dict[str, Fact] = {
        "engine": dump.engine,
        "version": dump.version,
        "server": dump.server,
        "database": dump.database,
        "charset": dump.charset,
        "position": dump.position,
        "gtid": dump.gtid,
        "header": dump.header,
        "trailer": dump.trailer,
        "dumps": len(dump.spans),
        "statements": sum(statements for _, statements, _ in dump.tables),
        "rows": sum(rows for _, _, rows in dump.tables),
    }
    facts |= {**text, **dict(dump.counts)}
    for name, count in (
        ("accounts", dump.accounts),
        ("schemas", dump.schemas),
        ("drops", dump.drops),
        ("unprotected", len(dump.unprotected)),
    ):
        if count:
            facts[name] = count
    facts["definers"] = ", ".join(dump.definers)
    facts["names.unprotected"] = ", ".join(dump.unprotected[:MAX_NAMED])
    named = sorted(dump.tables, key=lambda table: (-table[2], table[0]))
    for name, _, rows in named[:MAX_TABLES]:
        facts[f"rows.{name}"] = rows
    if rest := named[MAX_TABLES:]:
        facts["rows.(others)"] = sum(rows for _, _, rows in rest)
    for kind, names in dump.names:
        if len(names) <= MAX_OBJECTS:
            facts[f"names.{kind}"] = ", ".join(names)
    return manifest(facts)


def binlog_manifest(binlog: Binlog) -> Manifest:
    """Return the facts of a binary log: what shows whether the next one continues it."""
    return manifest(
        {
            "events": binlog.events,
            "first": Moment(binlog.first_ms),
            "last": Moment(binlog.last_ms),
            "end": binlog.end,
            "cut": binlog.cut,
            "server_id": binlog.server_id,
            "server": binlog.server,
            "engine": binlog.engine,
            "checksums": int(binlog.checksums),
            "in_use": int(binlog.in_use),
            "closed": int(binlog.closed),
            "ending": binlog.ending,
            "next": binlog.next_name,
            "gtids_before": binlog.before,
            "gtids_after": binlog.after,
        }
    )


def safe(name: str) -> str:
    """Return a member's name as bounded text that can be written as JSON."""
    cut = name[:NAME_LENGTH]
    return cut.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _bounded(value: Fact) -> Fact:
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        return type(value)(MAX_NUMBER if value > 0 else -MAX_NUMBER)
    return value
