"""A dump, read as the mariadb client would, minus its own commands: one statement at a time."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from nexoaudit.formats.statement import comment
from nexoaudit.sandbox.quoting import Quoting

LIMIT = 1 << 30
"""The longest statement in bytes; no server takes a longer one."""

_PEEK = 65536
_SANDBOX_MODE = re.compile(rb"/\*M?!999999\\-[^*]*\*/$")
_DELIMITER = re.compile(rb"delimiter[ \t]+(\S{1,16})", re.IGNORECASE)
_CLIENT_COMMAND = re.compile(
    rb"\\|(?:system|source|tee|notee|pager|nopager|edit|connect|charset|ego|go|print)(?![\w(=])",
    re.IGNORECASE,
)
_NAMES = re.compile(rb"(?:/\*!\d+ +)?SET NAMES +'?([0-9A-Za-z_]{1,32})")
_MOST_CHARSETS = 5
_ENGINE = re.compile(rb"\n\)[^\n]*?\bENGINE *= *(\w{1,64})")
_MOST_ENGINES = 20


class StatementTooLongError(ValueError):
    """The script holds a statement that no server would take."""


class Script:
    """Iterates over the statements of a script; its attributes grow while it does.

    Statements are cut where the delimiter ends a line outside quotes, as mariadb-dump writes them;
    several on one line stay together. Comments between statements are left out.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._buffer = bytearray()
        self._position = 0
        self._delimiter = b";"
        self.size = 0
        """Bytes read so far."""
        self.statements = 0
        self.headers = 0
        """How many dumps begin in this script."""
        self.trailers = 0
        """How many of them say that they ended."""
        self.ended: datetime | None = None
        """When the last of them did, if it says so: a wall-clock time, without zone."""
        self.vendor = ""
        """Whose program made the first dump: `MariaDB`, `MySQL` or empty when it does not say."""
        self.version = ""
        """The version of the server it came from."""
        self.database = ""
        """The database it names in its header."""
        self.commands: list[bytes] = []
        """Lines that the mariadb client would obey itself, such as a shell escape."""
        self.dialect = ""
        """`MySQL` when its settings are written as only that does."""
        self.engines: dict[str, None] = {}
        """The storage engines that its tables name, in small letters; the first few."""
        self.charsets: dict[str, None] = {}
        """The character sets that it says its text is in, in their order; the first few."""
        self.last = b""
        """The last statement, shortened."""

    def __iter__(self) -> Iterator[bytes]:
        while self._skip_to_statement():
            statement = self._take_statement()
            self.statements += 1
            self.last = statement[:200]
            if b"SET NAMES" in statement[:40]:
                self._read_charset(statement[:200])
            elif statement.startswith(b"CREATE TABLE"):
                self._read_engine(statement)
            yield statement

    def skim(self) -> None:
        """Read on to the end without executing anything, so that the attributes are whole."""
        with suppress(StatementTooLongError):
            for _statement in self:
                pass
        for chunk in self._chunks:
            self.size += len(chunk)

    def _fill(self) -> bool:
        """Append the next chunk to the buffer; return False at the end."""
        chunk = next(self._chunks, b"")
        self.size += len(chunk)
        del self._buffer[: self._position]
        self._buffer += chunk
        self._position = 0
        return bool(chunk)

    def _skip_to_statement(self) -> bool:
        """Move to the first byte of a statement; return False when there is none left."""
        while True:
            line = self._line()
            if line is None:
                return False
            text = line.strip()
            if text and not self._is_aside(text):
                return True
            self._position += len(line)

    def _line(self) -> bytes | None:
        """Return the line at the position, or its beginning; None at the end."""
        while True:
            end = self._buffer.find(b"\n", self._position) + 1
            if end:
                return bytes(self._buffer[self._position : min(end, self._position + _PEEK)])
            if len(self._buffer) - self._position > _PEEK or not self._fill():
                return bytes(self._buffer[self._position : self._position + _PEEK]) or None

    def _is_aside(self, text: bytes) -> bool:
        """Tell whether the line `text` is something else than SQL, and remember what it was."""
        if _SANDBOX_MODE.match(text):
            return True
        if text.startswith((b"--", b"#")):
            self._read_comment(text)
            return True
        if new := _DELIMITER.match(text):
            self._delimiter = new[1]
            return True
        if _CLIENT_COMMAND.match(text):
            self.commands.append(text[:80])
            return True
        return False

    def _read_comment(self, text: bytes) -> None:
        said = comment(text)
        if said.kind == "trailer":
            self.trailers += 1
            self.ended = said.moment or self.ended
        elif said.kind == "header":
            self.headers += 1
            self.vendor = self.vendor or said.name
        elif said.kind == "server":
            self.version = self.version or said.name
        elif said.kind == "database":
            self.database = self.database or said.name

    def _read_charset(self, statement: bytes) -> None:
        match = _NAMES.match(statement)
        if match and len(self.charsets) < _MOST_CHARSETS:
            self.charsets[match[1].decode("ascii").lower()] = None
        if statement.startswith(b"/*!50503 "):
            self.dialect = "MySQL"

    def _read_engine(self, statement: bytes) -> None:
        match = _ENGINE.search(statement)
        if match and len(self.engines) < _MOST_ENGINES:
            self.engines[match[1].decode("ascii").lower()] = None

    def _take_statement(self) -> bytes:
        """Return the statement at the position without its delimiter, and move behind it."""
        quoting = Quoting()
        searched = 0
        while True:
            end, behind = self._find_end(self._position + searched)
            if end < 0:
                if len(self._buffer) - self._position > LIMIT:
                    raise StatementTooLongError(f"a statement is longer than {LIMIT} bytes")
                # A delimiter may lie across the edge: search its beginning once more.
                margin = len(self._delimiter) + 1
                searched = max(searched, len(self._buffer) - self._position - margin)
                if self._fill():
                    continue
                end = behind = len(self._buffer)
            elif quoting.is_open(self._buffer, self._position, end):
                searched = behind - self._position
                continue
            statement = bytes(self._buffer[self._position : end])
            self._position = behind
            return statement.rstrip().removesuffix(self._delimiter)

    def _find_end(self, start: int) -> tuple[int, int]:
        """Return where the delimiter at the end of a line begins and where the line ends."""
        delimiter = self._delimiter
        end = self._buffer.find(delimiter + b"\n", start)
        stop = len(self._buffer) if end < 0 else end
        other = self._buffer.find(delimiter + b"\r\n", start, stop)
        if other >= 0:
            return other, other + len(delimiter) + 2
        return end, end + len(delimiter) + 1
