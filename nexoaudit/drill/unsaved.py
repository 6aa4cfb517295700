"""What a server needs beside its databases and files, and whether any backup has it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from nexoaudit.drill.record import Record
from nexoaudit.sandbox.load import SYSTEM
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import Session

_LARGEST = 1 << 20
_SECTION = re.compile(rb"^\s*\[(?:mysqld|mariadbd?|server)[\w.-]*\]", re.MULTILINE)
_CHARSET = re.compile(
    rb"^\s*character[-_]set[-_]server\s*=|\b(?:CREATE|ALTER)\s+(?:DATABASE|SCHEMA)\b[^;]*"
    rb"\bCHAR(?:ACTER\s+SET|SET)\b",
    re.MULTILINE | re.IGNORECASE,
)
_ACCOUNTS = re.compile(rb"^\s*(?:/\*M?!\d*\s*)?(?:CREATE\s+USER|GRANT)\b", re.MULTILINE)
_ENDINGS = {".cnf": "settings", ".ini": "settings", ".sql": "script"}

NAMES: Mapping[str, str] = {
    "accounts": "accounts and grants",
    "charset": "the default character set of the database",
    "server": "the configuration of the database server",
}


def note_unsaved(
    record: Record, saved: frozenset[str], config: Path, session: "Session | None"
) -> None:
    """Note which of `NAMES` are in no backup.

    They may be in the restored configuration below `config`: settings of a server, a script that
    makes accounts. `session` sees what was restored of the server's own tables. `saved` is what is
    known to be elsewhere. QueryError passes through.
    """
    found = set(saved)
    if "CREATE" in record.details.get("drill.names_schema", ""):
        found.add("charset")
    if session is not None and _has_system_tables(session):
        found.add("accounts")
    for data, kind in _texts(config):
        found.update(_told_by(data, kind))
    lacking = [name for key, name in NAMES.items() if key not in found]
    if lacking:
        record.problem("drill.unsaved", ", ".join(lacking))


def _told_by(data: bytes, kind: str) -> Iterator[str]:
    if _CHARSET.search(data):
        yield "charset"
    if kind == "settings" and _SECTION.search(data):
        yield "server"
    if kind == "script" and _ACCOUNTS.search(data):
        yield "accounts"


def _texts(root: Path) -> Iterator[tuple[bytes, str]]:
    """Yield the settings and scripts below a directory."""
    for path in root.rglob("*"):
        kind = _ENDINGS.get(path.suffix)
        if kind and path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                yield file.read(_LARGEST), kind


def _has_system_tables(session: Session) -> bool:
    tables = ask(
        session,
        "SELECT COUNT(*) FROM information_schema.tables"
        " WHERE table_schema = %s AND table_name IN ('global_priv', 'user')",
        SYSTEM,
    )
    return bool(tables[0][0])
