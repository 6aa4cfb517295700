"""What is held of each series at each location, as rows for the poll checks' sake, and back."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from nexoaudit.model.binlog import LogFile, Position
from nexoaudit.model.copy import Copy
from nexoaudit.model.loss import Loss
from nexoaudit.model.state import Holding

_PROBLEMS = Copy._fields[3:].index("problems")

_Row = TypeVar("_Row", LogFile, Position, Loss)


def encode_held(held: Mapping[Holding, tuple[Any, ...]], skip: int) -> dict[str, Any]:
    """Return component -> series -> location -> rows of what follows `skip` fields."""
    tree: dict[str, Any] = {}
    for (component, series, location), values in held.items():
        rows = [list(value[skip:]) for value in values]
        tree.setdefault(component, {}).setdefault(series, {})[location] = rows
    return tree


def decode_copies(tree: Mapping[str, Any]) -> dict[Holding, tuple[Copy, ...]]:
    """Return the copies of `encode_held`; takes `tree` over: its rows are changed on the way."""
    return {
        (component, series, location): _decode_rows((location, component, series), rows)
        for component, by_series in tree.items()
        for series, by_location in by_series.items()
        for location, rows in by_location.items()
    }


def _decode_rows(key: tuple[str, str, str], rows: list[list[Any]]) -> tuple[Copy, ...]:
    for row in rows:
        row[_PROBLEMS] = tuple(row[_PROBLEMS]) if row[_PROBLEMS] else ()
    make = Copy._make
    return tuple([make((*key, *row)) for row in rows])


def decode_held(
    tree: Mapping[str, Any], make: Callable[[list[Any]], _Row]
) -> dict[Holding, tuple[_Row, ...]]:
    """Return the values of `encode_held` without a skip, each made of its row by `make`."""
    return {
        (component, series, location): tuple([make(row) for row in rows])
        for component, by_series in tree.items()
        for series, by_location in by_series.items()
        for location, rows in by_location.items()
    }
