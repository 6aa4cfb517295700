"""One pass over the bytes of an SQL dump."""

import re
from collections.abc import Iterable

from nexoaudit.formats.dump import Dump
from nexoaudit.formats.rows import RowCount
from nexoaudit.formats.statement import HEAD_SIZE, comment, statement
from nexoaudit.formats.tally import Tally

_BLANK = re.compile(rb"[ \t\r\n]*")
_COMMENT = (b"--", b"#", b"/*M!999999\\-", b"/*!999999\\-")
_DELIMITER = re.compile(rb"(?i)DELIMITER[ \t]+([^\s]{1,16})[ \t\r]*$")
_BULK = re.compile(
    rb"((?:INSERT|REPLACE) [^\n'\\]*? VALUES[ \n]\()[^\n]*\n(?<=;\n)(?:\1[^\n]*\n(?<=;\n))*"
)
"""A run of one-row INSERTs into one table, as --skip-extended-insert writes them. No possessive
quantifiers: Python 3.11.2 matches too much with them."""
MAX_STATEMENTS = 1_000_000
"""No dump has more statements and comments, INSERTs left out; what has is no dump."""


def scan(blocks: Iterable[bytes]) -> Dump:
    """Return the anatomy of the dump whose content is `blocks`, in one pass and bounded memory."""
    scanner = Scanner()
    for block in blocks:
        scanner.feed(block)
    return scanner.finish()


class Scanner:
    """Finds where statements begin and end; everything between is searched, never parsed.

    A statement ends with the delimiter at the end of a line, and comments, DELIMITER lines,
    headers and trailers count only between statements: so neither string data, whose newlines are
    escaped, nor the body of a routine can pass for one of them. Memory is one block and the first
    `HEAD_SIZE` bytes of one statement, however long lines and statements are.
    """

    def __init__(self) -> None:
        self._tally = Tally()
        self._carry = b""
        self._offset = 0
        self._eol = b"\n"
        self._delimiter = b";"
        self._until = b""
        self._open = ""
        self._rows: RowCount | None = None
        self._table: list[int] = []
        self._statements = 0
        self._size = 0

    def feed(self, block: bytes) -> None:
        """Take the next block of the content."""
        if self._statements > MAX_STATEMENTS:
            self._tally = Tally()
            return
        self._size += len(block)
        self._scan(self._carry + block if self._carry else block, final=False)

    def finish(self) -> Dump:
        """Return the anatomy; the content has ended."""
        # A last line without a newline is still a line.
        self._scan(self._carry + b"\n", final=True)
        finished = self._open != "statement" and self._delimiter == b";"
        return self._tally.result(self._size, finished=finished)

    def _scan(self, data: bytes, *, final: bool) -> None:
        position, size = 0, len(data)
        while position < size:
            if not self._open:
                after = self._begin(data, position, final=final)
                if after is None:
                    break
                position = after
                continue
            end = data.find(self._until, position)
            cut = end if end >= 0 else max(position, size - len(self._until) + 1)
            if self._rows is not None:
                self._rows.feed(data, position, cut)
            if end < 0:
                position = cut
                break
            self._close()
            position = end + len(self._until)
        self._carry = data[position:]
        self._offset += position

    def _close(self) -> None:
        if self._rows is not None:
            self._table[1] += self._rows.rows
            self._rows = None
        self._open = ""

    def _enter(self, kind: str, until: bytes) -> None:
        self._open, self._until = kind, until
        self._statements += 1

    def _begin(self, data: bytes, position: int, *, final: bool) -> int | None:
        """Start what begins at `position`; return where to go on, or None to wait for more."""
        blank = _BLANK.match(data, position)
        if blank is not None and blank.end() > position:
            return blank.end()
        limit = position + HEAD_SIZE
        short = len(data) < limit and not final
        newline = data.find(b"\n", position, limit)
        if newline < 0 and short:
            return None
        line = data[position : newline if newline >= 0 else limit]
        if not self._offset and not position and line.endswith(b"\r"):
            self._eol = b"\r\n"
        if line.startswith(_COMMENT):
            self._tally.comment(comment(line.rstrip(b"\r")), self._offset + position)
            self._enter("comment", b"\n")
            return position + len(line)
        if match := _DELIMITER.match(line):
            self._delimiter = match[1]
            self._enter("delimiter", b"\n")
            return position + len(line)
        stop = self._delimiter + self._eol
        end = data.find(stop, position, limit)
        if end < 0 and short:
            return None
        return self._statement(data, position, end)

    def _statement(self, data: bytes, position: int, end: int) -> int:
        head = statement(data[position : end if end >= 0 else position + HEAD_SIZE])
        self._enter("statement", self._delimiter + self._eol)
        counter = self._tally.statement(head, self._offset + position)
        if counter is None:
            return position
        self._table = counter
        self._statements -= 1
        if end >= 0 and (after := self._bulk(data, position)):
            return after
        counter[0] += 1
        self._rows = RowCount(inline=head.inline)
        return position + head.values

    def _bulk(self, data: bytes, position: int) -> int:
        match = _BULK.match(data, position)
        if match is None:
            return 0
        statements = data.count(b";\n", position, match.end())
        count = RowCount(inline=True)
        count.feed(data, position, match.end())
        self._table[0] += statements
        self._table[1] += count.rows - (match[1].count(b"(") - 1) * statements
        self._open = ""
        return match.end()
