"""The chain of events in a binary log, from their headers."""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAGIC = b"\xfebin"
MYSQL_ENCRYPTED = b"\xfdbin"
_HEADER = struct.Struct("<IBIIIH")
_FORMAT_DESCRIPTION = 15
_START_ENCRYPTION = 164
_IN_USE = 1
_VERSION = slice(2, 52)


class Binlog(NamedTuple):
    """What the event headers of a binary log say."""

    problem: str
    """`binlog.not_binlog`, `binlog.encrypted`, `binlog.truncated`, `binlog.corrupt` or empty."""
    detail: str
    events: int
    first_ms: int
    """Time of the first event, UTC; 0 when there is none."""
    last_ms: int
    """The newest time of any event, UTC."""
    server_id: int
    server: str
    """Version of the server that wrote it."""
    in_use: bool
    """Copied while the server had it open, or left so by a crash."""


class Walker:
    """Walks from event header to event header; contents are passed over, never held."""

    def __init__(self) -> None:
        self._carry = b""
        self._skip = 0
        self._offset = 0
        self._problem = ""
        self._detail = ""
        self._events = 0
        self._first = self._last = self._server_id = 0
        self._server = ""
        self._in_use = False
