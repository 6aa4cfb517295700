"""How new the newest restored row is: the recovery point that the data itself proves."""
# ruff: noqa: S608 - names are quoted by `quoted`; nothing else is put into a query

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from nexoaudit.drill.objects import OURS
from nexoaudit.model.moments import millis, moment
from nexoaudit.sandbox.query import Value, ask, quoted
from nexoaudit.sandbox.server import Session

_NAME = re.compile(r"time|date|created|modified|last", re.IGNORECASE)
_EPOCH_TYPES = ("int", "bigint")
_MOMENT_TYPES = ("datetime", "timestamp")
_OLDEST = datetime(2001, 1, 1, tzinfo=UTC)
"""Older values of an integer column are no moments."""


class Column(NamedTuple):
    """A column that may hold moments."""

    table: tuple[str, str]
    name: str
    type: str


class Newest(NamedTuple):
    """The newest moment found, and where."""

    ms: int
    column: str


def newest(
    session: Session, limit_ms: int, zone: tzinfo, beat: Callable[[], None] = lambda: None
) -> Newest | None:
    """Return the newest moment up to `limit_ms` in any column of moments; None: there is none.

    Such columns are DATETIME (read in `zone`), TIMESTAMP, and integers whose name speaks of time
    and whose values are seconds or milliseconds since 1970. Later values, such as expiry dates, are
    passed over. `beat` is called before each column. QueryError passes through.
    """
    ask(session, "SET time_zone = '+00:00'")
    best: Newest | None = None
    for column in _columns(session):
        beat()
        for value in _newest_of(session, column, limit_ms, zone):
            if best is None or value > best.ms:
                best = Newest(value, f"{column.table[1]}.{column.name}")
    return best


def _columns(session: Session) -> Iterator[Column]:
    rows = ask(
        session,
        "SELECT c.table_schema, c.table_name, c.column_name, c.data_type"
        " FROM information_schema.columns c JOIN information_schema.tables t"
        " USING (table_schema, table_name)"
        f" WHERE c.table_schema {OURS} AND t.table_type = 'BASE TABLE' ORDER BY 1, 2, 3",
    )
    for schema, table, name, kind in rows:
        if kind in _MOMENT_TYPES or (kind in _EPOCH_TYPES and _NAME.search(name)):
            yield Column((str(schema), str(table)), str(name), str(kind))


def _newest_of(session: Session, column: Column, limit_ms: int, zone: tzinfo) -> Iterator[int]:
    """Yield the newest moment of a column, if it has one, in milliseconds."""
    limit = moment(limit_ms)
    if column.type in _MOMENT_TYPES:
        written_in = zone if column.type == "datetime" else UTC
        value = _greatest(session, column, _wall(_OLDEST, written_in), _wall(limit, written_in))
        if isinstance(value, datetime):
            yield millis(value.replace(tzinfo=written_in))
        return
    for factor in (1, 1000):
        span = (millis(_OLDEST) * factor // 1000, limit_ms * factor // 1000)
        if column.type == "int" and factor > 1:
            continue
        value = _greatest(session, column, *span)
        if isinstance(value, int):
            yield value * 1000 // factor


def _greatest(session: Session, column: Column, low: Value, high: Value) -> object:
    name = quoted(column.name)
    query = f"SELECT MAX({name}) FROM {quoted(*column.table)} WHERE {name} BETWEEN "
    return ask(session, query.replace("%", "%%") + "%s AND %s", low, high)[0][0]


def _wall(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S.%f")
