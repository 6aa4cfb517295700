"""Hands rows to a private server through a named pipe, into one LOAD DATA for a whole table."""

import fcntl
import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from nexoaudit.errors import SandboxError
from nexoaudit.sandbox.query import ask, change
from nexoaudit.sandbox.server import Server, Session

_SIZE = 1 << 20
_POLL_S = 0.001
_BEAT_S = 1.0


class UnfaithfulError(SandboxError):
    """The server did not take rows as they are: that says nothing about where they came from."""


class Into(NamedTuple):
    """Where rows go, as SQL writes it."""

    table: str
    """With its database, quoted."""
    columns: str
    """A list in brackets; empty: all there are."""
    charset: str
    """What text is in."""


class Pipe:
    """A pipe in the only directory from which the server reads files.

    A pipe holds nothing but what is being written to it. It carries one table after another:
    `open`, `write` as often as needed, `close`.
    """

    def __init__(self, server: Server, session: Session, beat: Callable[[], None]) -> None:
        """`session` needs the privilege FILE; while a table is open nobody else uses it.

        `beat` is called about every second while the server is at work on rows that it has.
        """
        self._session = session
        self._beat = beat
        self._path = server.directory / "empty" / "rows"
        self._end = -1
        self._load: _Load | None = None
        os.mkfifo(self._path, 0o600)
        owner = self._path.parent.stat()
        os.chown(self._path, owner.st_uid, owner.st_gid)

    def open(self, into: Into) -> None:
        """Begin a table. Raise UnfaithfulError when the server does not take any rows for it."""
        self._load = _Load(self._session, _statement(self._path, into))
        self._load.start()
        while self._end < 0:
            try:
                self._end = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            except OSError as error:  # the server has not opened its end yet
                if not self._load.is_alive():
                    self.close(0)
                    raise UnfaithfulError("no row was taken") from error
                time.sleep(_POLL_S)
        if not stat.S_ISFIFO(os.fstat(self._end).st_mode):
            raise UnfaithfulError("the pipe was replaced")
        os.set_blocking(self._end, True)
        fcntl.fcntl(self._end, fcntl.F_SETPIPE_SZ, _SIZE)

    def write(self, rows: bytes) -> bool:
        """Give more rows; return False when the server takes no more: `close` raises why."""
        left = memoryview(rows)
        try:
            while left:
                left = left[os.write(self._end, left) :]
        except OSError:
            return False
        return True

    def close(self, rows: int) -> None:
        """End the table; raise UnfaithfulError unless it has `rows` rows more, as they were."""
        load = self.leave()
        if load is None:
            return
        if load.error is not None:
            raise UnfaithfulError(f"the rows were refused: {load.error}") from load.error
        if (load.rows, load.warnings) != (rows, 0):
            said = f"{load.rows} of {rows} rows were taken, with {load.warnings} warnings"
            raise UnfaithfulError(said)

    def remove(self) -> None:
        """End whatever was begun, and leave no pipe."""
        self.leave()
        self._path.unlink(missing_ok=True)

    def leave(self) -> "_Load | None":
        """End the table, whatever comes of it; return what loaded it, if anything did."""
        load, self._load = self._load, None
        if self._end >= 0:
            os.close(self._end)
            self._end = -1
        while load is not None and load.is_alive():
            load.join(_BEAT_S)
            self._beat()
        return load


class _Load(threading.Thread):
    """One LOAD DATA, while its rows are still being written."""

    def __init__(self, session: Session, statement: str) -> None:
        super().__init__(name="load data", daemon=True)
        self._session = session
        self._statement = statement
        self.error: SandboxError | None = None
        self.rows = 0
        self.warnings = 0

    def run(self) -> None:
        try:
            self.rows = change(self._session, self._statement)
            self.warnings = int(ask(self._session, "SHOW COUNT(*) WARNINGS")[0][0])
        except SandboxError as error:
            self.error = error


def _statement(path: Path, into: Into) -> str:
    return (
        f"LOAD DATA INFILE '{path}' INTO TABLE {into.table} CHARACTER SET {into.charset}"
        r" FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\'' ESCAPED BY '\\'"
        f" LINES STARTING BY '(' TERMINATED BY ')' {into.columns}"
    )
