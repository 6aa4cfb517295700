"""Loads a dump into a private server over one connection, statement by statement."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pymysql
from pymysql.cursors import SSCursor

from nexoaudit.sandbox.query import LOST, ask, quoted
from nexoaudit.sandbox.script import Script, StatementTooLongError
from nexoaudit.sandbox.server import Session
from nexoaudit.sandbox.space import FREE_FLOOR

DATABASE = "restored"
"""Where a dump goes that does not name its database."""

SYSTEM = "mysql_restored"
"""Where the system database of a dumped server goes."""

_DISK_FULL = frozenset({1021, 1026, 1030, 1114, 3, 28})
_NO_PLUGIN = frozenset({1286, 1524})
"""An engine or a plugin is not there."""
_CANNOT_CREATE = 1005
_ENCRYPTED = re.compile(rb"`?ENCRYPTED`? *= *'?YES", re.IGNORECASE)
_NO_DEFINER = 1449
_ACCOUNT = re.compile(r"\('(.*)'@'(.*)'\)")
_BULK_FAILED = 1180
"""All that InnoDB says when the rows of a new table, inserted in bulk, break a unique key."""

_PLAIN_NAME = re.compile(r"[\w$-]{1,64}")
_ABOUT_THE_SERVER = re.compile(
    rb"(?:/\*!\d*\s*)?(?:FLUSH\s+PRIVILEGES|CHANGE\s+MASTER\s|SET\s+GLOBAL\s+gtid_slave_pos)",
    re.IGNORECASE,
)
"""Statements that position a replica or reload accounts: nothing of the data depends on them."""
_ABOUT_ACCOUNTS = re.compile(
    rb"(?:/\*M?!\d+\s*)?(?:(?:CREATE|ALTER|DROP)\s+(?:USER|ROLE)\b|GRANT\s|REVOKE\s"
    rb"|SET\s+(?:DEFAULT\s+)?ROLE\s|SELECT\s+COALESCE\(CURRENT_ROLE\("
    rb"|EXECUTE\s+IMMEDIATE\s+CONCAT\('SET\s+ROLE\s)",
    re.IGNORECASE,
)
"""What a dump with `--system=users` holds beside the data; the sandbox has accounts of its own."""
_STRING = re.compile(rb"'[^']*'|\"[^\"]*\"|`[^`]*`")
_UNSURE = re.compile(rb"/\*(?!M?!)|--|#|\\")
"""Where it depends on more than quotes what is a string."""
_SYSTEM = re.compile(rb"((?:USE|CREATE\s+DATABASE|DROP\s+DATABASE)\b[^`]*`)mysql`", re.IGNORECASE)
"""How a dump of a whole server comes to the accounts: ours must stay what they are."""

_SCHEMA = re.compile(
    rb"(?:/\*!\d+\s*)?(?:USE|(?:CREATE|DROP|ALTER)\s+(?:DATABASE|SCHEMA))\b", re.IGNORECASE
)

_ROWS = re.compile(rb"\s*(?:INSERT|REPLACE|UPDATE|DELETE|BINLOG|CALL|LOAD)\b", re.IGNORECASE)
_VALUES = re.compile(rb"\bVALUES?\b|['\"=]")
"""What may follow are values."""
_QUOTED = re.compile(r"'.*?'(?! ?\w*')", re.DOTALL)
"""What an error message quotes of a row: restored data is nobody's to record."""


class Loaded(NamedTuple):
    """How far a dump could be loaded."""

    database: str
    """The schema that was current when it began."""
    statements: int
    error: str = ""
    """What ended it: empty, `statement`, `lost`, `space`, `length` or `plugin`."""
    number: int = 0
    """The server's error number."""
    message: str = ""
    """The server's words, and the beginning of the statement."""
    schemas: tuple[str, ...] = ()
    """Statements with which the dump itself chooses, makes or drops a database, shortened."""
    accounts: int = 0
    """Statements about accounts that were left out."""


def load(
    session: Session,
    script: Script,
    data: Path,
    *,
    check: Callable[[], None] = lambda: None,
    admit: Callable[[str, str], bool] | None = None,
    takes: Callable[[bytes], bool] = lambda _statement: False,
) -> Loaded:
    """Execute every statement of `script` without committing in between, and commit.

    `data` lies on the server's disk; `check` is called before each statement and may raise to
    stop; `admit` makes an account `(user, host)` that a DEFINER names and the server lacks, and
    returns False when it will not; `takes` does a statement's work in another way, or returns False
    to have it executed. Errors of the server end the loading and are returned, those of reading are
    raised; QueryError when not even the database can be made.
    """
    ask(session, "SET autocommit = 0")
    loading = Loading(session, data, admit)
    try:
        for statement in script:
            check()
            if loading.count == 0:
                loading.choose_database(script.database)
            if takes(statement):
                loading.count += 1
            elif failure := loading.execute(statement):
                return failure
    except StatementTooLongError as error:
        return loading.end("length", 0, str(error))
    if loading.count == 0:
        loading.choose_database(script.database)
    return loading.execute(b"COMMIT") or loading.end("", 0, "")


class Loading:
    """One script on its way into the server, statement by statement."""

    def __init__(
        self, session: Session, data: Path, admit: Callable[[str, str], bool] | None
    ) -> None:
        self._session = session
        self._data = data
        self._admit = admit
        self._schemas: list[str] = []
        self._accounts = 0
        self._database = ""
        self.count = 0
        self._cursor = session.cursor(SSCursor)

    def choose_database(self, named: str) -> None:
        """Make the database that the dump's header names, and enter it."""
        self._database = named if _PLAIN_NAME.fullmatch(named) else DATABASE
        if self._database == "mysql":
            self._database = SYSTEM
        ask(self._session, f"CREATE DATABASE IF NOT EXISTS {quoted(self._database)}")
        ask(self._session, f"USE {quoted(self._database)}")

    def execute(self, statement: bytes) -> Loaded | None:
        """Execute one statement; return None, or how loading ended if it failed."""
        self.count += 1
        if not statement or self._is_left_out(statement):
            return None
        if _SCHEMA.match(statement) and len(self._schemas) < 20:
            self._schemas.append(_begin(statement))
        if match := _SYSTEM.match(statement):
            statement = match[1] + SYSTEM.encode() + b"`" + statement[match.end() :]
        try:
            self._query(statement)
        except pymysql.Error as error:
            return self._failed(error, statement)
        return None

    def _is_left_out(self, statement: bytes) -> bool:
        """Tell whether nothing of the data depends on a statement.

        Several on one line are one text: what else it holds would be left out with it.
        """
        accounts = _ABOUT_ACCOUNTS.match(statement) is not None
        if not (accounts or _ABOUT_THE_SERVER.match(statement)) or not is_alone(statement):
            return False
        self._accounts += accounts
        return True

    def _query(self, statement: bytes) -> None:
        try:
            # The driver takes bytes as they are; only its stubs do not know.
            self._cursor.execute(statement)  # type: ignore[call-overload]
        except pymysql.Error as error:
            if not self._made_definer(error):
                raise
            self._query(statement)
            return
        # From here on a part of it was done, and must not be done again.
        self._drain()
        while self._cursor.nextset():
            self._drain()

    def _made_definer(self, error: pymysql.Error) -> bool:
        """Make the account that the server misses; False when that is not what it complains of."""
        if self._admit is None or error.args[:1] != (_NO_DEFINER,):
            return False
        match = _ACCOUNT.search(str(error.args[1]))
        return match is not None and self._admit(match[1], match[2])

    def _drain(self) -> None:
        """Read the rows of a statement that answers with some; keep none."""
        if self._cursor.description is not None:
            for _row in self._cursor:
                pass

    def _failed(self, error: pymysql.Error, statement: bytes) -> Loaded:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        text = str(error.args[1]) if len(error.args) > 1 else str(error)
        return self.refused(number, text, statement)

    def refused(self, number: int, text: str, statement: bytes) -> Loaded:
        """Return how loading ended when the server refused a statement, in its words."""
        kind = "statement"
        if number in LOST:
            kind = "lost"
        elif number in _DISK_FULL and shutil.disk_usage(self._data).free < FREE_FLOOR:
            kind = "space"
        elif number in _NO_PLUGIN or (number == _CANNOT_CREATE and _ENCRYPTED.search(statement)):
            kind = "plugin"
        if _ROWS.match(statement):
            text = _QUOTED.sub("'...'", text)
        if number == _BULK_FAILED:
            text += ", most likely a duplicate key"
        return self.end(kind, number, f"{text[:300]} (statement {self.count}: {_begin(statement)})")

    def end(self, error: str, number: int, message: str) -> Loaded:
        """Return how loading ended."""
        schemas = tuple(self._schemas)
        return Loaded(self._database, self.count, error, number, message, schemas, self._accounts)


def is_alone(statement: bytes) -> bool:
    """Tell whether it is plain that no second statement follows in the same text."""
    if b";" not in statement:
        return True
    return _UNSURE.search(statement) is None and b";" not in _STRING.sub(b"", statement)


def _begin(statement: bytes) -> str:
    """Return the first words of a statement, without any value it holds."""
    words = b" ".join(_VALUES.split(statement[:80], maxsplit=1)[0].split())
    return words.decode(errors="replace")
