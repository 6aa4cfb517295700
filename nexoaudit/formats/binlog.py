"""The chain of events in a binary log, from their headers and checksums."""

import struct
from collections.abc import Callable, Iterable

from isal import isal_zlib

from nexoaudit.formats.binlogfacts import Binlog
from nexoaudit.formats.description import CRC_RESIDUE, HEAD_SIZE, LARGEST, Description, describe
from nexoaudit.formats.gtids import Gtids

MAGIC = b"\xfebin"
MYSQL_ENCRYPTED = b"\xfdbin"
_HEADER = struct.Struct("<IBIIIH")
"""Time, type, server id, size, offset of the next event, flags."""
_FORMAT_DESCRIPTION = 15
_STOP, _ROTATE = 3, 4
_MYSQL_GTID, _MYSQL_ANONYMOUS, _MYSQL_LIST, _MYSQL_TAGGED = 33, 34, 35, 42
_GTID, _GTID_LIST, _START_ENCRYPTION = 162, 163, 164
_READ = frozenset(
    {
        _ROTATE,
        _MYSQL_GTID,
        _MYSQL_ANONYMOUS,
        _MYSQL_LIST,
        _MYSQL_TAGGED,
        _GTID,
        _GTID_LIST,
        _START_ENCRYPTION,
    }
)
"""Events whose content is looked at; all others are only checked."""
_ALL = frozenset(range(256))
_MOST_READ = 1 << 20
"""The largest of them that is held whole."""
_NAME_LENGTH = 255
_CRC_SIZE = 4
SEEN = 512
"""So much of the beginning of every event is shown to whoever looks on."""

Watch = Callable[[int, int, int, int, memoryview], None]
"""Is shown an event: its time in seconds, kind, server and offset, and its bytes from the header
on: all of them, checksum included, or `SEEN` at least. What it is shown of one of more than a
block may yet turn out to be damaged: the walk says so."""


def walk(blocks: Iterable[bytes]) -> Binlog:
    """Return what the events of the binary log whose bytes are `blocks` say, in one pass.

    All of `blocks` is read, whatever is wrong. Rows are not decoded.
    """
    walker = Walker()
    for block in blocks:
        walker.feed(block)
    return walker.finish()


class Walker:
    """Walks from event to event and checks each; memory is a block and one small event."""

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = watch
        self._looked_at = _READ if watch is None else _ALL
        self._carry = b""
        self._left = self._crc = 0
        self._offset = self._end = 0
        self._problem = self._detail = ""
        self._description = Description("", "", False, False, "")
        self._gtids = Gtids()
        self._events = self._first = self._last = self._server_id = self._kind = 0
        self._pending = (0, 0)
        self._next = ""

    def feed(self, block: bytes) -> None:
        """Take the next block of the file."""
        if self._problem or not block:
            return
        if self._left:
            part = memoryview(block)[: self._left]
            self._crc = isal_zlib.crc32(part, self._crc)
            self._left -= len(part)
            if self._left:
                return
            self._finish_event()
            block = block[len(part) :]
        data = self._carry + block if self._carry else block
        if not self._offset:
            if len(data) < len(MAGIC):
                self._carry = data
                return
            self._magic(data)
            data = data[len(MAGIC) :]
        if not self._problem:
            self._carry = self._walk(data)

    def finish(self) -> Binlog:
        """Return what was found; the file has ended."""
        if not self._problem and not self._offset:
            self._stop("binlog.not_binlog", "it does not begin as a binary log does")
        cut = (self._offset - self._end - self._left if self._left else 0) + len(self._carry)
        if not self._problem and (not self._events or (cut and not self._description.in_use)):
            self._stop("binlog.truncated", f"the event that begins at {self._end} is cut short")
        if self._problem:
            cut = 0
        ending = {_ROTATE: "rotate", _STOP: "stop"}.get(self._kind, "")
        return Binlog(
            problem=self._problem,
            detail=self._detail,
            events=self._events,
            first_ms=self._first * 1000,
            last_ms=self._last * 1000,
            end=self._end,
            cut=cut,
            server_id=self._server_id,
            server=self._description.server,
            engine=self._description.engine,
            checksums=self._description.checksums,
            in_use=self._description.in_use,
            ending="" if cut else ending,
            next_name=self._next if ending == "rotate" and not cut else "",
            before=self._gtids.before,
            after=self._gtids.after,
        )

    def _magic(self, data: bytes) -> None:
        self._offset = self._end = len(MAGIC)
        if data.startswith(MYSQL_ENCRYPTED):
            self._stop("binlog.encrypted", "the server encrypts its binary logs")
        elif not data.startswith(MAGIC):
            self._stop("binlog.not_binlog", "it does not begin as a binary log does")

    def _walk(self, data: bytes) -> bytes:
        """Walk over the events in `data`; return the bytes that belong to the next block's."""
        position, size = 0, len(data)
        if not self._events:
            position = self._describe(data)
        if not self._events or self._problem:
            return data
        view, unpack, crc32 = memoryview(data), _HEADER.unpack_from, isal_zlib.crc32
        checksums, offset, events, last = (
            self._description.checksums,
            self._offset,
            self._events,
            self._last,
        )
        kind, looked_at = self._kind, self._looked_at
        while size - position >= _HEADER.size:
            moment, found, server, length, end, _flags = unpack(data, position)
            stop = position + length
            following = offset + length
            if length < _HEADER.size or end not in {following & 0xFFFFFFFF, 0}:
                self._stop("binlog.corrupt", f"the chain of events breaks at {offset}")
                break
            if stop > size:
                if self._waits(found, length, size - position):
                    break
                self._events, self._kind, self._last = events, kind, last
                self._end, self._offset = offset, following
                self._begin_long(moment, found, server, view[position:], stop - size)
                return b""
            if checksums and crc32(view[position:stop]) != CRC_RESIDUE:
                self._stop("binlog.checksum", f"the event at {offset} is not what was written")
                break
            if found in looked_at:
                self._look(moment, found, server, offset, view[position:stop])
                if self._problem:
                    break
            events += 1
            kind = found
            last = moment or last
            offset, position = following, stop
        self._events, self._kind, self._last = events, kind, last
        self._end = self._offset = offset
        return data[position:]

    def _waits(self, kind: int, length: int, there: int) -> bool:
        """Tell whether more of an event must be there before it is begun."""
        if kind in _READ and length <= _MOST_READ:
            return True
        return self._watch is not None and there < min(length, SEEN)

    def _begin_long(
        self, moment: int, kind: int, server: int, event: memoryview, left: int
    ) -> None:
        """Take the beginning of an event of which `left` bytes are still to come."""
        if self._watch is not None:
            self._watch(moment, kind, server, self._end, event)
        self._crc = isal_zlib.crc32(event)
        self._left, self._pending = left, (moment, kind)

    def _look(self, moment: int, kind: int, server: int, offset: int, event: memoryview) -> None:
        """Take a whole event that is as it was written."""
        if kind in _READ:
            self._read(kind, server, event)
        if self._watch is not None:
            self._watch(moment, kind, server, offset, event)

    def _finish_event(self) -> None:
        """End an event that was checked piece by piece."""
        moment, kind = self._pending
        if self._description.checksums and self._crc != CRC_RESIDUE:
            self._stop("binlog.checksum", f"the event at {self._end} is not what was written")
            return
        if kind in _READ:
            self._gtids.lose()
        self._events += 1
        self._kind = kind
        self._last = moment or self._last
        self._end = self._offset

    def _describe(self, data: bytes) -> int:
        """Take the first event, if it is there to its end; return where it ends."""
        if len(data) < _HEADER.size:
            return 0
        moment, kind, server_id, length, end, _flags = _HEADER.unpack_from(data)
        following = self._offset + length
        known = kind == _FORMAT_DESCRIPTION and HEAD_SIZE <= length <= LARGEST
        if not known or end not in {0, following}:
            self._stop("binlog.corrupt", "the first event does not describe the format")
            return 0
        if len(data) < length:
            return 0
        self._description = describe(data[:length])
        self._first = self._last = moment
        self._server_id = server_id
        self._events, self._kind = 1, kind
        if self._description.problem:
            self._stop(self._description.problem, self._description.detail)
        self._offset = self._end = following
        return int(length)

    def _read(self, kind: int, server: int, event: memoryview) -> None:
        body = event[_HEADER.size : -_CRC_SIZE if self._description.checksums else None]
        if kind == _GTID:
            self._gtids.mariadb(server, body)
        elif kind == _MYSQL_GTID:
            self._gtids.mysql(body)
        elif kind == _ROTATE:
            name = bytes(body[8 : 8 + _NAME_LENGTH])
            self._next = name.decode("utf-8", "backslashreplace")
        elif kind == _GTID_LIST:
            self._gtids.mariadb_list(body)
        elif kind == _MYSQL_LIST:
            self._gtids.mysql_list(body)
        elif kind == _START_ENCRYPTION:
            self._stop("binlog.encrypted", "the server encrypts its binary logs")
        else:
            self._gtids.lose()

    def _stop(self, problem: str, detail: str) -> None:
        if not self._problem:
            self._problem, self._detail = problem, detail
