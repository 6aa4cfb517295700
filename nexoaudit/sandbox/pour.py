"""Takes the INSERTs of a dump out of its statements, and pours their rows into the tables."""

import re
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

from nexoaudit.sandbox.pipe import Into, Pipe, UnfaithfulError
from nexoaudit.sandbox.query import QueryError, ask, quoted
from nexoaudit.sandbox.rows import Column, Rows
from nexoaudit.sandbox.server import Server, Session

_NAME = rb"`(?:[^`]++|``)++`"
_HEAD = re.compile(
    rb"INSERT INTO (" + _NAME + rb"(?:\." + _NAME + rb")?)"
    rb"(?: \((" + _NAME + rb"(?:, ?" + _NAME + rb")*+)\))? VALUES\s*+"
)
_PART = re.compile(_NAME)

_SETTINGS = (
    "time_zone",
    "unique_checks",
    "foreign_key_checks",
    "check_constraint_checks",
)
"""What rows depend on, and how they are checked: as the dump has it."""
_MODES = frozenset(
    {
        "ALLOW_INVALID_DATES",
        "ERROR_FOR_DIVISION_BY_ZERO",
        "NO_AUTO_CREATE_USER",
        "NO_AUTO_VALUE_ON_ZERO",
        "NO_ENGINE_SUBSTITUTION",
        "NO_ZERO_DATE",
        "NO_ZERO_IN_DATE",
        "STRICT_ALL_TABLES",
        "STRICT_TRANS_TABLES",
    }
)
"""Modes in which a literal means what it looks like."""
_CHARSETS = frozenset({"ascii", "latin1", "utf8", "utf8mb3", "utf8mb4"})
"""In these no byte of a letter looks like a quote or a backslash."""
_UTF8 = frozenset({"utf8", "utf8mb3", "utf8mb4"})
_UNLIKE = ("GENERATED", "INVISIBLE")
_PATIENCE_S = 10
_MOST = 64 << 20
"""Bytes of a statement that is poured: it is held in memory a few times over."""


class _Table(NamedTuple):
    into: Into
    rows: Rows


class Pour:
    """Decides for each statement of a dump whether its rows can be poured, and does it.

    What cannot be is left to be executed as it is: literals that LOAD DATA reads otherwise than
    INSERT, generated columns, triggers, whatever does not look as mariadb-dump writes it. LOAD DATA
    runs in strict mode, in which no value is adjusted to its column: either every row comes into
    the table as it was, or it is an error. An INSERT of the dump might have adjusted it, so that
    only executing the dump as it is can tell what that is worth.
    """

    def __init__(
        self,
        server: Server,
        dump: Session,
        own: Session,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`dump` executes the dump's statements; `own` has every privilege, for ours alone.

        `beat` is told that work goes on while the server sorts the rows of a table.
        """
        self._dump = dump
        self._own = own
        self._pipe = Pipe(server, own, beat)
        self._head = b""
        self._table: _Table | None = None
        self._open = False
        self._count = 0
        self._spared = False
        self.rows = 0
        """How many rows were poured so far."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pipe.remove()

    def takes(self, statement: bytes) -> bool:
        """Pour the rows of a statement; return False when it has to be executed instead.

        By then all that was poured is in the tables. Raise UnfaithfulError when that is not what
        it was in the dump.
        """
        head = _HEAD.match(statement) if len(statement) <= _MOST else None
        if head is None:
            self.end()
            return self._is_lock(statement)
        if head[0] != self._head:
            self.end()
            self._head, self._table = head[0], self._enter(head)
        body = statement[head.end() :]
        count = 0 if self._table is None else self._table.rows.count(body)
        if self._table is None or not count:
            self._close()
            return False
        if not self._open:
            ask(self._dump, "COMMIT")  # else it may hold the table
            self._pipe.open(self._table.into)
            self._open = True
        self._count += count
        if not self._pipe.write(body):
            self._close()
            raise UnfaithfulError("not all rows were taken")
        return True

    def end(self) -> None:
        """Finish what was begun; see `takes`."""
        self._close()
        self._head, self._table = b"", None

    def _is_lock(self, statement: bytes) -> bool:
        """Tell whether a statement locks tables: nobody else is there but ourselves, to fill them.

        What unlocks is one too, if what was locked was.
        """
        unlocks = self._spared and statement == b"UNLOCK TABLES"
        locks = statement.startswith(b"LOCK TABLES ")
        if locks or unlocks:
            self._spared = locks
        return locks or unlocks

    def _close(self) -> None:
        count, self._count = self._count, 0
        if self._open:
            self._open = False
            self._pipe.close(count)
            self.rows += count

    def _enter(self, head: re.Match[bytes]) -> _Table | None:
        """Return how rows get into a table; None: by executing the dump's own statements."""
        answers = ask(self._dump, "SELECT @@character_set_results")[0][0]
        try:
            # Answers in another one could not be read.
            ask(self._dump, "SET character_set_results = utf8mb4")
            return self._table_of(head[1], head[2] or b"")
        except (QueryError, KeyError, UnicodeDecodeError):
            return None
        finally:
            name = "NULL" if answers is None else _text(answers)
            ask(self._dump, f"SET character_set_results = {name}")

    def _table_of(self, name: bytes, named: bytes) -> _Table | None:
        charset, settings = self._settings()
        names, columns = _names(name, charset), _names(named, charset)
        made = str(ask(self._dump, f"SHOW CREATE TABLE {quoted(*names)}")[0][1])
        # What an INSERT means may also be a view, or a temporary table of that name.
        if not made.startswith("CREATE TABLE ") or "WITH SYSTEM VERSIONING" in made:
            return None
        schema = names[0] if len(names) > 1 else ask(self._dump, "SELECT DATABASE()")[0][0]
        rows = Rows(self._columns(schema, names[-1], columns))
        for setting, value in zip(("sql_mode", *_SETTINGS), settings, strict=True):
            ask(self._own, f"SET SESSION {setting} = %s", value)
        ask(self._own, f"SET SESSION lock_wait_timeout = {_PATIENCE_S}")
        listed = ", ".join(quoted(column) for column in columns)
        return _Table(
            Into(quoted(schema, names[-1]), f"({listed})" if columns else "", charset), rows
        )

    def _settings(self) -> tuple[str, list[str | int]]:
        """Return the character set of the dump, and the mode and settings for LOAD DATA.

        Raise KeyError when a literal may not be what it looks like.
        """
        wanted = ("character_set_client", "character_set_connection", "sql_mode", *_SETTINGS)
        found = ask(self._dump, f"SELECT {', '.join(f'@@{name}' for name in wanted)}")[0]
        charset, connection, mode, *others = found
        modes = set(filter(None, mode.split(",")))
        if modes - _MODES or charset not in _CHARSETS or connection != charset:
            raise KeyError(charset)
        return str(charset), [",".join(sorted(modes | {"STRICT_ALL_TABLES"})), *others]

    def _columns(self, schema: str, table: str, named: list[str]) -> list[Column]:
        """Return the columns that rows have values for; KeyError when that is not plain to see."""
        found = ask(
            self._own,
            "SELECT column_name, LOWER(data_type), is_nullable = 'YES', extra"
            " FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
            " ORDER BY ordinal_position",
            schema,
            table,
        )
        triggers = ask(
            self._own,
            "SELECT COUNT(*) FROM information_schema.triggers"
            " WHERE event_object_schema = %s AND event_object_table = %s",
            schema,
            table,
        )
        if triggers[0][0] or any(word in str(row[3]).upper() for row in found for word in _UNLIKE):
            raise KeyError(table)
        columns = {str(name): Column(str(kind), bool(null)) for name, kind, null, _ in found}
        return [columns[name] for name in named] if named else list(columns.values())


def _names(quoted_names: bytes, charset: str) -> list[str]:
    """Return what names stand for that are quoted and in the character set of the dump."""
    encoding = "utf-8" if charset in _UTF8 else "ascii"
    return [
        part[1:-1].replace(b"``", b"`").decode(encoding) for part in _PART.findall(quoted_names)
    ]


def _text(value: object) -> str:
    """Return text that a connection may have in any character set, so long as it is plain."""
    return value.decode("ascii") if isinstance(value, bytes) else str(value)
