"""Digests of what came back: of how the tables are made, and of every row in them."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from nexoaudit.drill.objects import Objects
from nexoaudit.drill.record import Record
from nexoaudit.sandbox.query import LOST, QueryError, ask, quoted
from nexoaudit.sandbox.server import Session

_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")
"""Where the numbers of rows yet to come begin is no part of how a table is made."""
_TEXT_AT = {"table": 1, "view": 1}
"""In which column of its answer SHOW CREATE says how an object is made; else in the third."""


def note_schema(record: Record, session: Session, objects: Objects) -> None:
    """Record the digest of how every table, view, trigger, routine and event is made.

    It is the same on every server of one version, whatever rows there are. Raise QueryError when
    the server is gone.
    """
    digest = hashlib.sha256()
    for kind, name in _made(objects):
        text = _COUNTER.sub("", _definition(session, kind, name))
        digest.update(f"{kind}\0{'.'.join(name)}\0{text}\n".encode("utf-8", "backslashreplace"))
    record.measures["schema"] = digest.hexdigest()


def checksums(
    record: Record, session: Session, tables: Iterable[tuple[str, str]]
) -> Mapping[tuple[str, str], int]:
    """Return what CHECKSUM TABLE says of each table, those left out that cannot be read.

    Equal rows have equal checksums on every server of one version. Raise QueryError when the server
    is gone.
    """
    found = {}
    for table in tables:
        record.beat()
        value = ask(session, f"CHECKSUM TABLE {quoted(*table)}")[0][1]
        if value is not None:
            found[table] = int(value)
    return found


def digest_of(sums: Mapping[str, int]) -> str:
    """Return one digest of the checksums of all tables, by their names."""
    text = "".join(f"{name} {value}\n" for name, value in sorted(sums.items()))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _made(objects: Objects) -> Iterator[tuple[str, tuple[str, str]]]:
    yield from (("table", name) for name in objects.tables)
    yield from (("view", (view.schema, view.name)) for view in objects.views)
    yield from objects.programs


def _definition(session: Session, kind: str, name: tuple[str, str]) -> str:
    try:
        row = ask(session, f"SHOW CREATE {kind} {quoted(*name)}")[0]
    except QueryError as error:
        if error.number in LOST:
            raise
        return str(error)
    return str(row[_TEXT_AT.get(kind, 2)])
