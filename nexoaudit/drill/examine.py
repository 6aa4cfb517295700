"""What a restored database is worth: counted, and held against what it should be."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from nexoaudit.drill import freshness
from nexoaudit.drill.asserts import note_asserts
from nexoaudit.drill.box import Box
from nexoaudit.drill.charsets import note_charsets
from nexoaudit.drill.compared import ROWS, note_losses
from nexoaudit.drill.content import checksums, digest_of, note_schema
from nexoaudit.drill.integrity import note_references, note_views
from nexoaudit.drill.objects import Objects, count_rows, find_objects
from nexoaudit.drill.record import Record
from nexoaudit.drill.tables import meant, named, note_tables
from nexoaudit.drill.terms import Terms
from nexoaudit.drill.versions import note_versions
from nexoaudit.model.fact import Moment, Span
from nexoaudit.model.moments import millis
from nexoaudit.sandbox.load import SYSTEM
from nexoaudit.sandbox.server import Session

MAX_TABLES = 300
"""So many tables, the largest, are recorded one by one."""

Sums = Mapping[tuple[str, str], int]
"""What CHECKSUM TABLE says of each `(schema, table)`."""

_DAY_MS = 86_400_000
_BEAT_S = 1.0


class Origin(NamedTuple):
    """What came back was saved from this."""

    point_ms: int
    """The moment that it should be of; 0: nobody knows."""
    now: datetime
    """When it is looked at, in the site's zone: DATETIME columns are read in it."""
    database: str
    """The schema that is meant where a table is named without one."""
    charsets: tuple[str, ...] = ()
    """The character sets that the dump says it is in."""


def count(box: Box, session: Session, terms: Terms, origin: Origin) -> Objects:
    """Find and count what came back, as the step `count`; note and record what is found."""
    record = box.record
    with box.step("count"):
        objects = find_objects(session)
        rows = count_rows(session, objects.tables, record)
        found = named(rows, origin.database)
        record.measures |= {
            "tables": len(objects.tables),
            "rows": sum(rows.values()),
            **objects.measures,
        }
        largest = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MAX_TABLES]
        record.measures |= {f"{ROWS}{name}": number for name, number in largest}
        note_tables(record, found, terms.expect)
    return objects


def check(box: Box, session: Session, terms: Terms, origin: Origin, objects: Objects) -> None:
    """Look whether what came back fits together, as the step `check`; note and record it."""
    record = box.record
    with box.step("check"), _summed(box, objects) as sums:
        for definer in objects.definers:
            user, _, host = definer.rpartition("@")
            box.accounts.admit(user, host)
        ours = [view for view in objects.views if view.schema != SYSTEM]
        note_views(record, session, ours)
        note_references(record, session)
        note_charsets(record, session, origin.charsets)
        note_schema(record, session, objects)
        _note_content(record, sums(), origin.database)
        note_losses(record, terms, origin.database)
        note_versions(record, session, terms.deployed, origin.point_ms)
        with box.connect() as asking:
            note_asserts(record, asking, terms.asserts, meant(objects.tables, origin.database))
        _note_newest(record, session, origin)


@contextmanager
def _summed(box: Box, objects: Objects) -> Iterator[Callable[[], Sums]]:
    """Have the tables summed up while something else is asked: the server has a core to spare.

    Yield what waits for the sums. Only whoever waits may say that the drill goes on.
    """
    over = threading.Event()
    tables = (table for table in objects.tables if not over.is_set())
    with box.connect() as session, ThreadPoolExecutor(1) as beside:
        sums = beside.submit(checksums, Record(), session, tables)

        def wait() -> Sums:
            while True:
                try:
                    return sums.result(timeout=_BEAT_S)
                except TimeoutError:
                    box.record.beat()

        try:
            yield wait
        finally:
            over.set()


def _note_content(record: Record, summed: Sums, database: str) -> None:
    sums = named(summed, database)
    record.measures |= {
        f"checksum.{name}": value
        for name, value in sums.items()
        if f"{ROWS}{name}" in record.measures
    }
    record.measures["content"] = digest_of(sums)


def _note_newest(record: Record, session: Session, origin: Origin) -> None:
    point_ms = origin.point_ms
    now_ms = millis(origin.now)
    limit_ms = min(now_ms, point_ms + _DAY_MS) if point_ms else now_ms
    newest = freshness.newest(session, limit_ms, origin.now.tzinfo or UTC, record.beat)
    if newest is None:
        return
    record.measures |= {"newest_ms": Moment(newest.ms), "newest_in": newest.column}
    if point_ms:
        record.measures["rpo_ms"] = Span(max(0, point_ms - newest.ms))
