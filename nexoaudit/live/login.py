"""A session with a live server: read only, patient for seconds, its refusals as reason codes."""

import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from nexoaudit.errors import NexoError, SecretError
from nexoaudit.model.policy import Login
from nexoaudit.secret import read_secret

CONNECT_S = 5
ANSWER_S = 10
"""How long one answer may take."""
ALL_S = 30.0
"""How long all answers together may take."""

_SETTINGS = (
    "SET SESSION /*M! max_statement_time = 9, */ /*!50708 max_execution_time = 9000, */"
    " sql_mode = ''"
)
"""The server gives up before we do; without modes, names come in backquotes. MariaDB leaves out
comments for MySQL 5.7 and later."""
_ERRORS = (
    pymysql.Error,
    OSError,
    RuntimeError,
    struct.error,
    LookupError,
    NameError,
    TypeError,
    ValueError,
)
"""What the driver raises: it takes for granted that a database server answers."""
_REFUSED = frozenset({1044, 1045, 1130, 1142, 1227, 1251, 1698, 2059, 2061})
_AWAY = frozenset({0, 2002, 2003, 2005, 2006, 2013})
_LATE = frozenset({1205, 1969, 3024})
_UNTRUSTED = 2026
_DENIED = frozenset({1044, 1142, 1227})
_NO_SUCH_GRANT = 1141


class LookError(NexoError):
    """The live server could not be looked at."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        """Reason code, such as `server.refused`."""


class DeniedError(NexoError):
    """The login may not ask this; it may ask other things."""


class NoAccountError(NexoError):
    """The server has no such account."""


class Session:
    """Questions to a live server, within one time limit for all of them."""

    def __init__(self, connection: "Connection[Cursor]", within_s: float) -> None:
        self._connection = connection
        self._within_s = within_s
        self._deadline = time.monotonic() + within_s

    def ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Return all rows that `query` answers, with `values` in place of each `%s`.

        Raise DeniedError or NoAccountError where the server says so, LookError when it is gone or
        takes too long.
        """
        if time.monotonic() > self._deadline:
            raise LookError(
                "server.timeout", f"no end of its answers within {self._within_s:.0f} s"
            )
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query, values or None)
                return list(cursor.fetchall())
        except _ERRORS as error:
            number, said = _said(error)
            if number in _DENIED:
                raise DeniedError(said) from error
            if number == _NO_SUCH_GRANT:
                raise NoAccountError(said) from error
            raise _failure(error) from error

    def value(self, query: str) -> object:
        """Return the one value that `query` answers; None: there is none, or more than one.

        The server gives no more than two rows. Raise as `ask` does.
        """
        self.ask("SET SESSION sql_select_limit = 2")
        rows = self.ask(query)
        return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else None


@contextmanager
def session(login: Login, *, within_s: float = 0.0) -> Iterator[Session]:
    """Yield a read-only session; raise LookError when there can be none.

    Work that takes long is given `within_s` seconds, which one answer alone may take.
    """
    try:
        password = read_secret(Path(login.password_file)) if login.password_file else ""
    except SecretError as error:
        raise LookError("server.secret", str(error)) from error
    connection = _connected(login, password, max(ANSWER_S, within_s + CONNECT_S))
    try:
        opened = Session(connection, within_s + ANSWER_S if within_s else ALL_S)
        opened.ask("SET SESSION TRANSACTION READ ONLY")
        opened.ask(_SETTINGS)
        yield opened
    finally:
        connection.close()


class _LocalConnection(Connection):
    """Through a Unix socket: nobody listens in, which the driver knows of its own sockets only."""

    _secure = True


def _connected(login: Login, password: str, answer_s: float) -> "Connection[Cursor]":
    """Return an open connection; raise LookError when there is none."""
    kind = _LocalConnection if login.socket else Connection
    try:
        connection = kind(
            user=login.user,
            password=password.encode(),  # the driver would take Latin-1 for text
            host=login.host or None,
            port=login.port,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=CONNECT_S,
            read_timeout=answer_s,
            write_timeout=ANSWER_S,
            ssl_disabled=bool(login.socket) or None,
            ssl_ca=login.ca_file or None,
            ssl_verify_cert=bool(login.ca_file) or None,
            ssl_verify_identity=bool(login.ca_file) or None,
            defer_connect=True,
        )
    except OSError as error:
        said = f"{login.ca_file}: {error.strerror or error}"
        raise LookError("server.untrusted", said) from error
    try:
        connection.connect(_reach(login.socket) if login.socket else None)
    except _ERRORS as error:
        raise _failure(error) from error
    return connection


def _reach(path: str) -> socket.socket:
    """Return a connected socket; the driver would leave its own open when nobody listens."""
    reached = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        reached.settimeout(CONNECT_S)
        reached.connect(path)
    except OSError as error:
        reached.close()
        raise LookError("server.away", f"{path}: {error.strerror or error}") from error
    return reached


def _failure(error: Exception) -> LookError:
    number, said = _said(error)
    cause = getattr(error, "original_exception", None)
    if number == _UNTRUSTED or isinstance(cause, ssl.SSLError):
        return LookError("server.untrusted", said)
    if number in _LATE or "timed out" in said:
        return LookError("server.timeout", said)
    if number in _REFUSED:
        return LookError("server.refused", said)
    return LookError("server.away" if number in _AWAY else "server.failed", said)


def _said(error: Exception) -> tuple[int, str]:
    """Return the number and the words of a driver's or a server's error; -1: it has no number."""
    number = error.args[0] if error.args and isinstance(error.args[0], int) else -1
    return number, str(error.args[-1] if error.args else error)
