"""The anatomy of an SQL dump, and what is wrong with its structure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple


class Span(NamedTuple):
    """One dump inside the file: a header and, if it was closed, a trailer."""

    start: int
    """Offset of the header in the content."""
    end: int
    """Offset of the trailer; of the next header or the end, if there is no trailer."""
    closed: bool


class Dump(NamedTuple):
    """The anatomy of a dump."""

    known: bool
    """False when there was no SQL in it."""
    spans: tuple[Span, ...]
    header: str
    """`header`, `weak` (written without comments) or empty."""
    trailer: str
    """`dated`, `undated`, `weak` (written without comments) or empty: not complete."""
    completed: datetime | None
    """The trailer's wall-clock time, in the zone of the machine that made the dump."""
    engine: str
    version: str
    server: str
    database: str
    charset: str
    position: str
    """Binary log position, `file:offset`; empty when the dump does not record one."""
    gtid: str
    bare: bool
    """It ends behind a statement, and nothing in it shows that a header and a trailer belong to
    it: mysqldump writes neither with --compact."""
    rubbish: int
    """What is no SQL and stops a restore, such as a warning that was caught with the dump."""
    laments: int
    """Comments in which the dumper says that it could not dump something."""
    accounts: int
    """Statements that make users, roles or grants."""
    schemas: int
    """Statements that make a database with its defaults."""
    drops: int
    """Statements that drop a whole database."""
    definers: tuple[str, ...]
    """Accounts, `user@host`, whose rights its views and stored programs have."""
    unprotected: tuple[str, ...]
    """Tables, with their engine, that a dump in one transaction does not hold still."""
    tables: tuple[tuple[str, int, int], ...]
    """Sorted (table, statements, rows); the database is part of the name if there are several."""
    counts: tuple[tuple[str, int], ...]
    """Sorted numbers of `events`, `placeholders` (views without definition), `routines`,
    `sequences`, `tables`, `triggers` and `views`."""
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Sorted names of each of these kinds but tables and placeholders, when all are known."""


def problems(dump: Dump, boundaries: Iterable[int] = ()) -> tuple[str, ...]:
    """Return what is wrong with a dump's structure, the worst first.

    `boundaries` are the offsets in the content at which compressed members end: one inside a dump
    is a cut that no checksum shows.
    """
    if not dump.known:
        return ("dump.not_sql",)
    ends = set(boundaries)
    broken = any(
        span.start < end <= span.end - (span is dump.spans[-1])
        for span in dump.spans
        for end in ends
    )
    whole = bool(dump.trailer) and all(span.closed for span in dump.spans)
    counts = dict(dump.counts)
    found = {
        "dump.no_trailer": not whole and not dump.bare,
        "dump.no_header": not dump.header and not dump.bare,
        "dump.rubbish": dump.rubbish > 0,
        "dump.unprovable": dump.bare,
        "dump.broken_member": broken,
        "dump.left_out": dump.laments > 0,
        "dump.no_tables": whole and bool(dump.header) and not dump.tables,
        "dump.placeholder_views": whole and counts.get("placeholders", 0) > 0,
        "dump.two_headers": len(dump.spans) > 1,
    }
    return tuple(code for code, wrong in found.items() if wrong)
