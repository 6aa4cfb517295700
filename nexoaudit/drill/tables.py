"""The tables that policy expects, against those that came back."""

from collections.abc import Iterable, Mapping

from nexoaudit.drill.record import Record
from nexoaudit.model.policy import Expect
from nexoaudit.sandbox.load import SYSTEM

Rows = Mapping[str, int]
"""Exact numbers of rows by the name of the table."""


def named(rows: Mapping[tuple[str, str], int], database: str) -> Rows:
    """Return the rows of each `(schema, table)` by name.

    Tables of the schema that is meant go by their own name, others by `schema.table`.
    """
    database = meant(rows, database)
    return {
        name if schema == database else f"{schema}.{name}": count
        for (schema, name), count in rows.items()
    }


def meant(tables: Iterable[tuple[str, str]], database: str) -> str:
    """Return the schema that is meant: `database`, or the only one that has any of the tables."""
    schemas = {schema for schema, _ in tables} - {SYSTEM}
    return next(iter(schemas)) if database not in schemas and len(schemas) == 1 else database


def note_tables(record: Record, rows: Rows, expect: Expect) -> None:
    """Note what is expected of the tables and is not so."""
    wanted = dict.fromkeys((*expect.tables, *(name for name, _ in expect.min_rows)))
    missing = [name for name in wanted if _rows(rows, name) is None]
    few = [
        f"{name} has {count}, at least {least} expected"
        for name, least in expect.min_rows
        if (count := _rows(rows, name)) is not None and count < least
    ]
    if not rows:
        record.problem("drill.no_tables")
    ours = [count for name, count in rows.items() if not name.startswith(SYSTEM + ".")]
    if rows and not any(ours or rows.values()):
        record.problem("drill.no_rows", f"{len(rows)} tables came back")
    if missing:
        record.problem("drill.tables_missing", ", ".join(missing))
    if few:
        record.problem("drill.rows_below", "; ".join(few))


def _rows(rows: Rows, name: str) -> int | None:
    """Return the rows of a table, in whatever schema it lies; None when there is none."""
    if name in rows:
        return rows[name]
    elsewhere = [count for other, count in rows.items() if other.endswith("." + name)]
    return max(elsewhere, default=None)
