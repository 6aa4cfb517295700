"""What a restored database holds, counted exactly."""
# ruff: noqa: S608 - names are quoted by `quoted`; nothing else is put into a query

from typing import NamedTuple

from nexoaudit.drill.record import Record
from nexoaudit.model.fact import Fact
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
    programs: tuple[tuple[str, tuple[str, str]], ...]
    """Triggers, routines and events: `trigger`, `procedure`, `function`, `package`, `package body`
    or `event`, and `(schema, name)`."""
    definers: tuple[str, ...]
    """The accounts, as `user@host`, that views, triggers, routines and events run as."""

    @property
    def measures(self) -> dict[str, Fact]:
        """How many there are of each kind, their names and accounts unless these are too many."""
        names = {"views": [view.name for view in self.views]}
        for plural, kinds in _KINDS.items():
            names[plural] = [name for kind, (_, name) in self.programs if kind in kinds]
        found: dict[str, Fact] = {plural: len(some) for plural, some in names.items()}
        listed = {f"names.{plural}": some for plural, some in names.items()}
        for name, some in {**listed, "definers": list(self.definers)}.items():
            text = ", ".join(sorted(set(some)))
            if len(text) <= _MOST_TEXT:
                found[name] = text
        return found


_KINDS = {
    "triggers": ("trigger",),
    "routines": ("procedure", "function", "package", "package body"),
    "events": ("event",),
}
_MOST_TEXT = 4000


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
    programs = ask(
        session,
        "SELECT 'trigger', trigger_schema, trigger_name, definer FROM information_schema.triggers"
        f" WHERE trigger_schema {OURS}"
        " UNION ALL SELECT LOWER(routine_type), routine_schema, routine_name, definer"
        f" FROM information_schema.routines WHERE routine_schema {OURS}"
        " UNION ALL SELECT 'event', event_schema, event_name, definer"
        f" FROM information_schema.events WHERE event_schema {OURS} ORDER BY 1, 2, 3",
    )
    definers = ask(
        session,
        f"SELECT DISTINCT definer FROM information_schema.views WHERE table_schema {OURS}",
    )
    return Objects(
        tables=tuple((str(schema), str(name)) for schema, name in tables),
        views=tuple(View(str(schema), str(name), str(text)) for schema, name, text in views),
        programs=tuple((str(kind), (str(schema), str(name))) for kind, schema, name, _ in programs),
        definers=tuple(sorted({str(row[-1]) for row in (*definers, *programs)})),
    )


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
