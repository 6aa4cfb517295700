"""Whether restored tables and views fit together."""
# ruff: noqa: S608 - names are quoted by `quoted`; nothing else is put into a query

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from nexoaudit.drill.objects import OURS, View
from nexoaudit.drill.record import Record
from nexoaudit.sandbox.query import LOST, QueryError, ask, quoted
from nexoaudit.sandbox.server import Session

_PLACEHOLDER = re.compile(r"select (?:NULL|1) AS ", re.IGNORECASE)
_MISSING = 1146


class Reference(NamedTuple):
    """A foreign key: columns of a table and what they point to."""

    table: tuple[str, str]
    name: str
    parent: tuple[str, str]
    columns: tuple[tuple[str, str], ...]
    """Pairs of a column and the parent's column."""


def note_views(record: Record, session: Session, views: Sequence[View]) -> None:
    """Note the views that are still stand-ins, and those from which nothing can be selected.

    Raise QueryError when the server is gone.
    """
    placeholders = [view.name for view in views if is_placeholder(view)]
    if placeholders:
        record.problem("drill.view_placeholder", ", ".join(placeholders))
    for view in views:
        record.beat()
        if text := complaint(session, view):
            record.problem("drill.view_broken", f"{view.name}: {text}")


def note_references(record: Record, session: Session) -> None:
    """Note rows whose parent is missing, and record their number. QueryError passes through."""
    total = 0
    for reference in references(session):
        record.beat()
        count = orphans(session, reference)
        table, parent = reference.table[1], reference.parent[1]
        if count is None:
            record.problem("drill.orphans", f"{table} refers to {parent}, which is not there")
        elif count:
            record.problem("drill.orphans", f"{count} rows of {table} refer to no row of {parent}")
            total += count
    record.measures["orphans"] = total


def is_placeholder(view: View) -> bool:
    """Tell whether a view is the stand-in that a dump makes first and replaces at its end."""
    return bool(_PLACEHOLDER.match(view.definition))


def complaint(session: Session, view: View) -> str:
    """Return why nothing can be selected from a view, or an empty string.

    Raise QueryError when the server is gone.
    """
    try:
        ask(session, f"SELECT * FROM {quoted(view.schema, view.name)} LIMIT 0")
    except QueryError as error:
        if error.number in LOST:
            raise
        return str(error)
    return ""


def references(session: Session) -> Iterator[Reference]:
    """Yield every foreign key. QueryError passes through."""
    rows = ask(
        session,
        "SELECT table_schema, table_name, constraint_name, referenced_table_schema,"
        " referenced_table_name, column_name, referenced_column_name"
        " FROM information_schema.key_column_usage"
        f" WHERE referenced_table_name IS NOT NULL AND table_schema {OURS}"
        " ORDER BY 1, 2, 3, ordinal_position",
    )
    for key, group in groupby(rows, key=lambda row: row[:5]):
        columns = tuple((str(row[5]), str(row[6])) for row in group)
        schema, table, name, parent_schema, parent = (str(part) for part in key)
        yield Reference((schema, table), name, (parent_schema, parent), columns)


def orphans(session: Session, reference: Reference) -> int | None:
    """Return how many rows point to a parent that is not there; None: the parent table is missing.

    A load switches foreign keys off, so that the server itself never noticed.
    QueryError passes through.
    """
    pairs = [(quoted(column), quoted(other)) for column, other in reference.columns]
    matches = " AND ".join(f"parent.{other} = child.{column}" for column, other in pairs)
    filled = " AND ".join(f"child.{column} IS NOT NULL" for column, _ in pairs)
    try:
        found = ask(
            session,
            f"SELECT COUNT(*) FROM {quoted(*reference.table)} child WHERE {filled} AND NOT EXISTS"
            f" (SELECT 1 FROM {quoted(*reference.parent)} parent WHERE {matches})",
        )
    except QueryError as error:
        if error.number == _MISSING:
            return None
        raise
    return int(found[0][0])
