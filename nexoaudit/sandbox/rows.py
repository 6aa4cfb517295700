"""Rows of an INSERT that LOAD DATA reads as the very same values."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_TEXT = rb"'(?:[^'\\]++|\\[0bnrtZ'\"\\])*+'"
r"""Both read these escapes alike. INSERT keeps the backslash of `\%` and `\_`, LOAD DATA does not;
of a doubled quote nothing is known, for no dump has one."""
_WHOLE = rb"-?+[0-9]{1,20}+"
_DECIMAL = rb"-?+[0-9]{1,65}+(?:\.[0-9]{1,40}+)?+"
_FLOAT = rb"-?+[0-9]{1,30}+(?:\.[0-9]{1,60}+)?+(?:e[-+]?+[0-9]{1,4}+)?+"

COUNTER = "counter"
"""In place of the type of a column in which a zero is no value."""

_LITERALS = {
    COUNTER: rb"-?+0*+[1-9][0-9]{0,19}+",
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint"), _WHOLE),
    "decimal": _DECIMAL,
    "float": _FLOAT,
    "double": _FLOAT,
    "year": rb"[0-9]{4}",
    **dict.fromkeys(
        (
            *("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json"),
            *("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"),
            *("enum", "set", "bit", "uuid", "inet4", "inet6"),
            *("date", "datetime", "timestamp", "time"),
            *("point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"),
            *("geometry", "geometrycollection"),
        ),
        _TEXT,
    ),
}
"""How a value of each type is written; in any other way it is a case for the server's own parser.

A number without quotes in a column of text, or in one of bits, is one thing to INSERT and another
to LOAD DATA."""


class Column(NamedTuple):
    """A column that values are given for."""

    type: str
    """Its type's name, in small letters, without length."""
    nullable: bool


class Rows:
    """What the rows of one table look like."""

    def __init__(self, columns: Sequence[Column]) -> None:
        """Raise KeyError for a type that is not known."""
        row = rb",".join(_literal(column) for column in columns)
        # Possessive throughout: no input makes this look at a byte more than twice.
        self._row = re.compile(rb"\(" + row + rb"\)(?:,\n?|\Z)")

    def count(self, body: bytes) -> int:
        """Return how many rows the text behind VALUES holds; 0 when any of it is something else."""
        if not body.endswith(b")") or self._row.match(body) is None:
            return 0
        rest, count = self._row.subn(b"", body)
        return 0 if rest else count


def _literal(column: Column) -> bytes:
    literal = _LITERALS[column.type]
    return rb"(?:" + literal + rb"|NULL)" if column.nullable else literal
