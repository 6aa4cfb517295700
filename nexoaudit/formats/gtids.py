"""Global transaction ids: which transactions came before a binary log, and which are in it."""

import hashlib
import struct
import uuid

NONE = "none"
"""Known to be no transaction at all; an empty text is: not known."""
MAX_TEXT = 500
"""A longer list is written as its digest: it can still be compared, but not read."""
_MOST = 50_000
"""Sources, or runs of numbers, of which a list is made; what has more is not kept."""

_LIST = struct.Struct("<IIQ")
_EVENT = struct.Struct("<QI")
_COUNT = struct.Struct("<Q")
_NUMBER = struct.Struct("<q")
_RUN = struct.Struct("<QQ")
_COUNT_BITS = 0x0FFF_FFFF
_SID = 16


class Gtids:
    """Follows the transaction ids of one binary log, as its server does.

    MariaDB keeps the newest number of each domain and server, MySQL all numbers of each server as
    runs. Both begin a log with what came before it, so that the end of a log can be compared with
    the beginning of the next one.
    """

    def __init__(self) -> None:
        self._newest: dict[tuple[int, int], int] = {}
        self._runs: dict[bytes, list[tuple[int, int]]] = {}
        self._count = 0
        self._known = False
        self._before = ""

    @property
    def before(self) -> str:
        """The transactions before this log: `0-1-621`, `UUID:1-77`, `none`, or `sha256:...`.

        Empty when the log does not say, or has transactions without an id.
        """
        return self._before if self._known else ""

    @property
    def after(self) -> str:
        """The transactions before the next log, in the same form."""
        return self._text() if self._known else ""

    def lose(self) -> None:
        """Take a transaction without an id, or with one that we cannot read."""
        self._known = False
        self._newest, self._runs = {}, {}

    def mariadb_list(self, body: bytes | memoryview) -> None:
        """Take the list at the beginning of a log of MariaDB."""
        try:
            (count,) = struct.unpack_from("<I", body)
            for number in range(count & _COUNT_BITS):
                domain, server, newest = _LIST.unpack_from(body, 4 + number * _LIST.size)
                self._newest[domain, server] = newest
        except struct.error:
            self.lose()
            return
        self._begin()

    def mariadb(self, server: int, body: bytes | memoryview) -> None:
        """Take the beginning of a transaction in a log of MariaDB."""
        if not self._known:
            return
        try:
            newest, domain = _EVENT.unpack_from(body)
        except struct.error:
            self.lose()
            return
        self._newest[domain, server] = newest
        if len(self._newest) > _MOST:
            self.lose()

    def mysql_list(self, body: bytes | memoryview) -> None:
        """Take the list at the beginning of a log of MySQL."""
        try:
            (sources,) = _COUNT.unpack_from(body)
            place = _COUNT.size
            for _ in range(sources):
                source = bytes(body[place : place + _SID])
                (runs,) = _COUNT.unpack_from(body, place + _SID)
                place += _SID + _COUNT.size
                for _ in range(runs):
                    self._add(source, *_RUN.unpack_from(body, place))
                    place += _RUN.size
            if place != len(body):
                raise struct.error("tagged ids of MySQL 8.3 and later")  # noqa: TRY301
        except struct.error:
            self.lose()
            return
        self._begin()

    def mysql(self, body: bytes | memoryview) -> None:
        """Take the beginning of a transaction in a log of MySQL."""
        if not self._known:
            return
        try:
            (number,) = _NUMBER.unpack_from(body, 1 + _SID)
        except struct.error:
            self.lose()
            return
        self._add(bytes(body[1 : 1 + _SID]), number, number + 1)
        if self._count > _MOST:
            self._merge()
            if self._count > _MOST:
                self.lose()

    def _begin(self) -> None:
        self._known = True
        self._before = self._text()

    def _add(self, source: bytes, start: int, end: int) -> None:
        """Add the numbers from `start` to before `end`; they mostly follow those before them."""
        runs = self._runs.setdefault(source, [])
        if runs and runs[-1][1] == start:
            runs[-1] = runs[-1][0], end
        else:
            runs.append((start, end))
            self._count += 1

    def _merge(self) -> None:
        self._count = 0
        for source, runs in self._runs.items():
            merged: list[tuple[int, int]] = []
            for start, end in sorted(runs):
                if merged and start <= merged[-1][1]:
                    merged[-1] = merged[-1][0], max(end, merged[-1][1])
                else:
                    merged.append((start, end))
            self._runs[source] = merged
            self._count += len(merged)

    def _text(self) -> str:
        self._merge()
        found = [f"{domain}-{server}-{n}" for (domain, server), n in sorted(self._newest.items())]
        for source, runs in sorted(self._runs.items()):
            numbers = (f"{a}-{b - 1}" if b - a > 1 else f"{a}" for a, b in runs)
            found.append(":".join([str(uuid.UUID(bytes=source)), *numbers]))
        text = ",".join(found) or NONE
        if len(text) <= MAX_TEXT:
            return text
        return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()
