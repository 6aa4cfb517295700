"""Takes the INSERTs of a dump out of its statements, and pours their rows into the tables."""

import re
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

from nexoaudit.sandbox.pipe import Into, Pipe, UnfaithfulError
from nexoaudit.sandbox.query import QueryError, ask, quoted
from nexoaudit.sandbox.rows import COUNTER, Column, Rows
from nexoaudit.sandbox.server import Server, Session

_NAME = rb"`(?:[^`]++|``)++`"
_HEAD = re.compile(
    rb"INSERT INTO (" + _NAME + rb"(?:\." + _NAME + rb")?)"
    rb"(?: \((" + _NAME + rb"(?:, ?" + _NAME + rb")*+)\))? VALUES\s*+"
)
_PART = re.compile(_NAME)
_PLAIN = re.compile(
    rb"(?:'(?:[^'\\]++|\\.)*+'|[(),\s]++|0x[0-9A-Fa-f]++|[-+.0-9eE]++|[xXbB](?=')|_\w++"
    rb"|NULL|DEFAULT)*+\Z",
    re.DOTALL,
)
"""Rows that cannot be poured, and yet hold nothing but values. A function may set anything, and so
may a second statement on the same line."""
_LOCK = re.compile(rb"LOCK\s+TABLES?\s", re.IGNORECASE)
_UNLOCK = b"UNLOCK TABLES"
_TAKEN_BACK = (
    "SHOW SESSION STATUS WHERE Variable_name IN"
    " ('Com_rollback', 'Com_rollback_to_savepoint', 'Com_xa_rollback') AND Value = '0'"
)
_WHOLE = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})

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
        self._lock = b""
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
            self._pass_by(statement)
            return False
        if head[0] != self._head:
            self._leave()
            self._head, self._table = head[0], self._enter(head)
        body = statement[head.end() :]
        count = 0 if self._table is None else self._table.rows.count(body)
        if self._table is None or not count:
            self._close()
            if _PLAIN.match(body) is None:
                self._head = b""  # what it does may change how rows get in
            return False
        if not self._open:
            self._let_go()
            self._pipe.open(self._table.into)
            self._open = True
        self._count += count
        if not self._pipe.write(body):
            self._close()
            raise UnfaithfulError("not all rows were taken")
        return True

    def end(self) -> None:
        """Finish what was begun, at the end of the dump; see `takes`."""
        self._leave()
        # Rows that were poured are not taken back with those that the dump inserted before.
        if self.rows and len(ask(self._dump, _TAKEN_BACK)) != _TAKEN_BACK.count("Com_"):
            raise UnfaithfulError("the dump takes back what it did")

    def _pass_by(self, statement: bytes) -> None:
        """Make ready for a statement that is to be executed as it is."""
        if statement == _UNLOCK:
            self._lock = b""
        self._leave()
        if _LOCK.match(statement):
            self._lock = statement

    def _leave(self) -> None:
        self._close()
        self._head, self._table = b"", None

    def _let_go(self) -> None:
        """Have the dump's session hold no table, while another one fills it."""
        try:
            ask(self._dump, "COMMIT")
            ask(self._dump, "UNLOCK TABLES")
        except QueryError as error:
            raise UnfaithfulError(f"the tables cannot be let go: {error}") from error

    def _close(self) -> None:
        count, self._count = self._count, 0
        if self._open:
            self._open = False
            self._pipe.close(count)
            self.rows += count
            if self._lock:
                ask(self._dump, self._lock)  # type: ignore[arg-type] # the driver takes bytes

    def _enter(self, head: re.Match[bytes]) -> _Table | None:
        """Return how rows get into a table; None: by executing the dump's own statements."""
        try:
            answers = ask(self._dump, "SELECT @@character_set_results")[0][0]
            # Answers in another one could not be read.
            ask(self._dump, "SET character_set_results = utf8mb4")
        except (QueryError, LookupError):
            return None
        try:
            return self._table_of(head[1], head[2] or b"")
        except (QueryError, LookupError, UnicodeDecodeError):
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
        zeros = "NO_AUTO_VALUE_ON_ZERO" in str(settings[0])
        found = self._columns(schema, names[-1], columns, zeros=zeros)
        rows = Rows(found)
        listed = f"({', '.join(quoted(column) for column in columns)})" if columns else ""
        # What the dump itself may not do, as with a table that it has not locked, is not done here.
        nothing = ", ".join(["NULL"] * len(found))
        none = f"SELECT {nothing} FROM DUAL WHERE FALSE"  # noqa: S608 - no name is in it
        ask(self._dump, f"INSERT INTO {quoted(*names)} {listed} {none}")
        for setting, value in zip(("sql_mode", *_SETTINGS), settings, strict=True):
            ask(self._own, f"SET SESSION {setting} = %s", value)
        ask(self._own, f"SET SESSION lock_wait_timeout = {_PATIENCE_S}")
        return _Table(Into(quoted(schema, names[-1]), listed, charset), rows)

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

    def _columns(self, schema: str, table: str, named: list[str], *, zeros: bool) -> list[Column]:
        """Return the columns that rows have values for; KeyError when that is not plain to see.

        Without `zeros` a zero in a column that counts by itself stands for the next number.
        """
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
        columns = {
            str(name): Column(
                _counted(str(kind)) if extra == "auto_increment" and not zeros else str(kind),
                bool(null),
            )
            for name, kind, null, extra in found
        }
        if named and sorted(named) != sorted(columns):
            raise KeyError(table)  # a default is the session's own
        return [columns[name] for name in named or columns]


def _counted(kind: str) -> str:
    if kind not in _WHOLE:
        raise KeyError(kind)
    return COUNTER


def _names(quoted_names: bytes, charset: str) -> list[str]:
    """Return what names stand for that are quoted and in the character set of the dump."""
    encoding = "utf-8" if charset in _UTF8 else "ascii"
    return [
        part[1:-1].replace(b"``", b"`").decode(encoding) for part in _PART.findall(quoted_names)
    ]


def _text(value: object) -> str:
    """Return text that a connection may have in any character set, so long as it is plain."""
    return value.decode("ascii") if isinstance(value, bytes) else str(value)
