"""Questions to a private server, with its refusals as our own errors."""

from typing import Any

import pymysql

from nexoaudit.errors import SandboxError
from nexoaudit.sandbox.server import Session

Value = str | int

LOST = frozenset({2006, 2013, 0})
"""Error numbers with which the driver says that the server is gone."""


class QueryError(SandboxError):
    """The server refused one query; the connection may still be good."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        """The server's error number."""


def ask(session: Session, query: str, *values: Value) -> list[tuple[Any, ...]]:
    """Return all rows that `query` answers, with `values` in place of each `%s`.

    Raise QueryError when the server refuses it or is gone.
    """
    try:
        with session.cursor() as cursor:
            cursor.execute(query, values or None)
            return list(cursor.fetchall())
    except pymysql.Error as error:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        raise QueryError(number, str(error.args[-1] if error.args else error)) from error


def change(session: Session, query: str, *values: Value) -> int:
    """Execute a statement like `ask`, and return how many rows it changed."""
    try:
        with session.cursor() as cursor:
            return cursor.execute(query, values or None)
    except pymysql.Error as error:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        raise QueryError(number, str(error.args[-1] if error.args else error)) from error


def quoted(*names: str) -> str:
    """Return the names of one object as SQL writes them, such as `` `shop`.`users` ``."""
    return ".".join("`" + name.replace("`", "``") + "`" for name in names)
