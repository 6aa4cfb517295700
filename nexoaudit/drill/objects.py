"""What a restored database holds, counted exactly."""
# ruff: noqa: S608 - names are quoted by `quoted`; nothing else is put into a query

from typing import NamedTuple

from nexoaudit.drill.record import Record
from nexoaudit.sandbox.query import LOST, QueryError, ask, quoted
from nexoaudit.sandbox.server import Session

OURS = "NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')"
"""Condition for a schema that came from the dump."""


class View(NamedTuple):
    """A restored view."""

    schema: str
    name: str
    definition: str


class Objects(NamedTuple):
    """The restored objects; a table is `(schema, name)`."""

    tables: tuple[tuple[str, str], ...]
    views: tuple[View, ...]
    triggers: int
    routines: int
    events: int
    definers: tuple[str, ...]
    """The accounts, as `user@host`, that views, triggers, routines and events run as."""


def find_objects(session: Session) -> Objects:
    """Return everything that is not the server's own. QueryError passes through."""
    tables = ask(
        session,
        "SELECT table_schema, table_name FROM information_schema.tables"
        f" WHERE table_schema {OURS} AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')"
        " ORDER BY 1, 2",
    )
    views = ask(
        session,
        "SELECT table_schema, table_name, view_definition FROM information_schema.views"
        f" WHERE table_schema {OURS} ORDER BY 1, 2",
    )
    definers = ask(
        session,
        f"SELECT definer FROM information_schema.views WHERE table_schema {OURS}"
        f" UNION SELECT definer FROM information_schema.triggers WHERE trigger_schema {OURS}"
        f" UNION SELECT definer FROM information_schema.routines WHERE routine_schema {OURS}"
        f" UNION SELECT definer FROM information_schema.events WHERE event_schema {OURS}"
        " ORDER BY 1",
    )
    return Objects(
        tables=tuple((str(schema), str(name)) for schema, name in tables),
        views=tuple(View(str(schema), str(name), str(text)) for schema, name, text in views),
        triggers=_count(session, "triggers", "trigger_schema"),
        routines=_count(session, "routines", "routine_schema"),
        events=_count(session, "events", "event_schema"),
        definers=tuple(str(definer) for (definer,) in definers),
    )


def _count(session: Session, kind: str, schema: str) -> int:
    query = f"SELECT COUNT(*) FROM information_schema.{kind} WHERE {schema} {OURS}"
    return int(ask(session, query)[0][0])


def count_rows(
    session: Session, tables: tuple[tuple[str, str], ...], record: Record
) -> dict[tuple[str, str], int]:
    """Return the exact number of rows of each table; one that cannot be read is noted.

    Raise QueryError when the server is gone.
    """
    counts = {}
    for table in tables:
        record.beat()
        try:
            counts[table] = int(ask(session, f"SELECT COUNT(*) FROM {quoted(*table)}")[0][0])
        except QueryError as error:
            if error.number in LOST:
                raise
            record.problem("drill.table_broken", f"{table[1]}: {error}")
    return counts
