"""The transactions of consecutive binary logs: which, where, when, and on which databases."""

import re
import struct
import zlib
from array import array
from collections.abc import Sequence
from typing import NamedTuple

from nexoaudit.formats.gtidlist import GtidList, Numbered
from nexoaudit.formats.logged import HEAD, kind_of, named_schemas

_QUERY, _TABLE_MAP, _UPDATE, _GTID, _QUERY_COMPRESSED = 2, 19, 24, 162, 165
_ENDS = frozenset({16, 38})
"""XID_EVENT and XA_PREPARE_LOG_EVENT: with them a transaction is whole."""
_PLAIN_ROWS = frozenset({23, _UPDATE, 25})
_ROWS = frozenset({20, 21, 22, *_PLAIN_ROWS, 30, 31, 32, 39, *range(166, 172)})
"""The others are of other servers, or compressed: how many bytes of rows they hold is not told."""
_BETWEEN = frozenset({3, 4, 15, 161, 163})
"""Events that no transaction holds: of the log itself."""

_GTID_BODY = struct.Struct("<QIB")
_STANDALONE = 1
"""Flag of a transaction that is one statement and has no end of its own."""
_ENDED = re.compile(rb"(?:COMMIT|ROLLBACK)(?!\s+TO\b)", re.IGNORECASE)
_QUERY_HEAD = struct.Struct("<8xB2xH")
_LENGTH = struct.Struct("<I")
_LENGTH_AT = 9
_BODY = 19
_ROWS_AT = _BODY + 8
_FLAGS_AT = _BODY + 6
_END_OF_STATEMENT = 1
_NAME_AT = _BODY + 9
_LONG_WIDTH = 251
_MOST_CONTENTS = 1 << 16


class Mark(NamedTuple):
    """One thing that a transaction does."""

    kind: str
    """`rows` (row events), `change` or `ddl` (statements), `server` (nothing of the data),
    `names` (a statement names another schema than its own), `together` (one statement changes
    rows in several databases), `partial` (row events whose bytes cannot be counted)."""
    database: str = ""
    """Of the table, or the one that was current; empty: none."""
    other: str = ""
    """With `names` and `together`: the other database."""


Content = frozenset[Mark]
_SERVER = Mark("server")
_PARTIAL = Mark("partial")


class Transactions:
    """Collects while a `Walker` shows it the events of one log after another.

    About 60 bytes for each transaction; what lies outside of any, as with servers that number no
    transactions, is passed over.
    """

    def __init__(self) -> None:
        self.gtids = GtidList()
        self._contents = Numbered[Content]()
        self._content = array("I")
        self.log = array("I")
        """Per transaction: in which log it lies, counted from 0."""
        self.offset, self.end = array("Q"), array("Q")
        """Where it begins and ends in that log."""
        self.moment = array("I")
        """When it was committed, in seconds since 1970."""
        self.through = array("I")
        """The latest such moment up to this one: clocks may go back."""
        self.rows, self.row_bytes = array("I"), array("Q")
        """How many row events it has, and bytes of rows in them."""
        self.complete = True
        """The newest transaction is whole: nothing more of it is to come."""
        self.malformed = False
        """An event is not what its kind must be, whatever its checksum."""
        self._logs = self._events = self._bytes = 0
        self._open = self._standalone = False
        self._marks: set[Mark] = set()
        self._tables: dict[bytes, str] = {}
        self._statement: set[str] = set()

    def __len__(self) -> int:
        return len(self.gtids)

    @property
    def contents(self) -> Sequence[Content]:
        """What transactions do; each different thing once."""
        return self._contents.items

    def content_number(self, index: int) -> int:
        """Return which of `contents` the transaction at that index does."""
        return self._content[index]

    def content(self, index: int) -> Content:
        """Return what the transaction at that index does."""
        return self.contents[self._content[index]]

    def end_log(self) -> None:
        """Take the end of a log."""
        self._close()
        self._tables = {}
        self._logs += 1

    def watch(self, moment: int, kind: int, server: int, offset: int, event: memoryview) -> None:
        """Take the next event, as `Walker` shows it."""
        try:
            if kind == _GTID:
                self._begin(moment, server, offset, event)
            elif kind in _BETWEEN:
                self._close()
            if self._open:
                self._take(kind, offset, event)
        except (struct.error, IndexError):
            self.malformed = True

    def _begin(self, moment: int, server: int, offset: int, event: memoryview) -> None:
        self._close()
        number, domain, flags = _GTID_BODY.unpack_from(event, _BODY)
        self.gtids.append((domain, server, number))
        self.log.append(self._logs)
        self.offset.append(offset)
        self.end.append(offset)
        self.moment.append(moment)
        self.through.append(max(moment, self.through[-1]) if self.through else moment)
        self._open, self.complete = True, False
        self._standalone = bool(flags & _STANDALONE)

    def _close(self) -> None:
        """End the transaction, if one is open."""
        if not self._open:
            return
        content = frozenset(self._marks)
        if len(self._contents.items) >= _MOST_CONTENTS:
            content = frozenset({_PARTIAL})
        self._content.append(self._contents.number(content))
        self.rows.append(self._events)
        self.row_bytes.append(self._bytes)
        self._open, self._events, self._bytes = False, 0, 0
        self._marks.clear()
        self._statement.clear()

    def _take(self, kind: int, offset: int, event: memoryview) -> None:
        """Take an event of the open transaction."""
        if kind == _TABLE_MAP:
            self._map(event)
        elif kind in _ROWS:
            self._rows(kind, event)
        elif kind in {_QUERY, _QUERY_COMPRESSED}:
            self._query(kind, event)
        elif kind in _ENDS:
            self.complete = True
        (length,) = _LENGTH.unpack_from(event, _LENGTH_AT)
        self.end[-1] = offset + length

    def _map(self, event: memoryview) -> None:
        size = event[_BODY + 8]
        name = bytes(event[_NAME_AT : _NAME_AT + size]).decode("utf-8", "backslashreplace")
        self._tables[bytes(event[_BODY : _BODY + 6])] = name
        self._statement.add(name)

    def _rows(self, kind: int, event: memoryview) -> None:
        self._events += 1
        name = self._tables.get(bytes(event[_BODY : _BODY + 6]))
        if name is not None:
            self._marks.add(Mark("rows", name))
        if name is None or kind not in _PLAIN_ROWS:
            self._marks.add(_PARTIAL)
        else:
            self._measure(kind, event)
        if event[_FLAGS_AT] & _END_OF_STATEMENT:
            first, *others = sorted(self._statement) or ("",)
            self._marks.update(Mark("together", first, other) for other in others)
            self._statement.clear()

    def _measure(self, kind: int, event: memoryview) -> None:
        """Count the bytes of rows; what names not all columns is not to be compared."""
        width, at = event[_ROWS_AT], _ROWS_AT + 1
        if width >= _LONG_WIDTH:
            width, at = int.from_bytes(event[at : at + 2], "little"), at + 2
        size = (width + 7) // 8
        full = (1 << width) - 1
        for _ in range(2 if kind == _UPDATE else 1):
            if int.from_bytes(event[at : at + size], "little") & full != full:
                self._marks.add(_PARTIAL)
            at += size
        (length,) = _LENGTH.unpack_from(event, _LENGTH_AT)
        self._bytes += max(0, length - at)

    def _query(self, kind: int, event: memoryview) -> None:
        size, variables = _QUERY_HEAD.unpack_from(event, _BODY)
        at = _BODY + _QUERY_HEAD.size + variables
        database = bytes(event[at : at + size]).decode("utf-8", "backslashreplace")
        text = bytes(event[at + size + 1 : at + size + 1 + HEAD])
        if kind == _QUERY_COMPRESSED:
            text = _inflated(text)
        self.complete = self._standalone or _ENDED.match(text) is not None
        what = kind_of(text)
        if what == "server":
            self._marks.add(_SERVER)
        elif what != "frame":
            self._marks.add(Mark(what, database))
            named = (name for name in named_schemas(text) if name != database)
            self._marks.update(Mark("names", database, name) for name in named)


def _inflated(text: bytes) -> bytes:
    """Return the beginning of a compressed statement."""
    try:
        return zlib.decompressobj().decompress(text[1 + (text[0] & 7) :], HEAD)
    except (IndexError, zlib.error):
        return b""
