"""The chain of events in a binary log, from their headers."""

import struct
from collections.abc import Iterable
from typing import NamedTuple

MAGIC = b"\xfebin"
MYSQL_ENCRYPTED = b"\xfdbin"
_HEADER = struct.Struct("<IBIIIH")
"""Time, type, server id, size, offset of the next event, flags."""
_DESCRIPTION = _HEADER.size + 57
"""What a format description event begins with: header, format, server version, time."""
_FORMAT_DESCRIPTION = 15
_START_ENCRYPTION = 164
_IN_USE = 1
_CLOSING = {3, 4}
"""A stop or a rotate event."""


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
    closed: bool
    """The last event is the one with which a server ends a file."""


def walk(blocks: Iterable[bytes]) -> Binlog:
    """Return what the headers of the binary log whose bytes are `blocks` say, in one pass.

    All of `blocks` is read, whatever is wrong.
    """
    walker = Walker()
    for block in blocks:
        walker.feed(block)
    return walker.finish()


class Walker:
    """Walks from event header to event header; contents are passed over, never held."""

    def __init__(self) -> None:
        self._carry = b""
        self._skip = 0
        self._offset = 0
        self._problem = self._detail = ""
        self._events = self._first = self._last = self._server_id = self._last_kind = 0
        self._server = ""
        self._in_use = False

    def feed(self, block: bytes) -> None:
        """Take the next block of the file."""
        if self._problem:
            return
        if self._skip >= len(block):
            self._skip -= len(block)
            return
        data = self._carry + block[self._skip :]
        self._skip = 0
        if not self._offset:
            if len(data) < len(MAGIC):
                self._carry = data
                return
            self._magic(data)
            data = data[len(MAGIC) :]
        self._carry = self._walk(data)

    def finish(self) -> Binlog:
        """Return what was found; the file has ended."""
        if not self._problem and not self._offset:
            self._stop("binlog.not_binlog", "it does not begin as a binary log does")
        if not self._problem and (self._skip or self._carry or not self._events):
            self._stop("binlog.truncated", f"the event that ends at {self._offset} is cut short")
        return Binlog(
            self._problem,
            self._detail,
            self._events,
            self._first * 1000,
            self._last * 1000,
            self._server_id,
            self._server,
            self._in_use,
            self._last_kind in _CLOSING,
        )

    def _magic(self, data: bytes) -> None:
        self._offset = len(MAGIC)
        if data.startswith(MYSQL_ENCRYPTED):
            self._stop("binlog.encrypted", "the server encrypts its binary logs")
        elif not data.startswith(MAGIC):
            self._stop("binlog.not_binlog", "it does not begin as a binary log does")

    def _walk(self, data: bytes) -> bytes:
        """Walk over the events in `data`; return the bytes that belong to the next block's."""
        position, size = 0, len(data)
        need = _HEADER.size if self._events else _DESCRIPTION
        while size - position >= need and not self._problem:
            moment, kind, server_id, length, end, flags = _HEADER.unpack_from(data, position)
            if not self._events:
                self._describe(data[position : position + _DESCRIPTION], kind, flags)
                need = _HEADER.size
            if kind == _START_ENCRYPTION:
                self._stop("binlog.encrypted", "the server encrypts its binary logs")
            self._offset += length
            if length < _HEADER.size or end not in {0, self._offset & 0xFFFFFFFF}:
                self._stop("binlog.corrupt", f"the chain of events breaks before {self._offset}")
            self._events += 1
            self._last_kind = kind
            self._server_id = server_id
            self._first = self._first or moment
            self._last = moment or self._last
            position += length
        self._skip = max(0, position - size)
        return data[position:]

    def _describe(self, event: bytes, kind: int, flags: int) -> None:
        """Take the first event, which says who wrote the file."""
        if kind != _FORMAT_DESCRIPTION:
            self._stop("binlog.corrupt", "the first event does not describe the format")
        version = event[_HEADER.size + 2 : _HEADER.size + 52].partition(b"\0")[0]
        self._server = version.decode("utf-8", "backslashreplace")
        self._in_use = bool(flags & _IN_USE)

    def _stop(self, problem: str, detail: str) -> None:
        if not self._problem:
            self._problem, self._detail = problem, detail
