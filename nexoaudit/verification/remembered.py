"""What the files of trees were when they were first read: the auditor's own memory of digests.

A tree has no checksum beside it. What tells rot is the first read of each file: the same inode
under the same name, of the same size and time, must have the same bytes for ever. And what shares
an inode, or was not touched since it was read, need not be read twice.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from nexoaudit.errors import LedgerError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS file (
    location TEXT, inode INTEGER, name BLOB, size INTEGER, mtime INTEGER, ctime INTEGER,
    first BLOB, last BLOB, read_ms INTEGER, read INTEGER, seen INTEGER,
    PRIMARY KEY (location, inode, name)
) WITHOUT ROWID
"""
"""Times of files in nanoseconds; `name` is a digest of the path within the tree."""
_MAX = (1 << 63) - 1


class Read(NamedTuple):
    """What is remembered of one name of one inode."""

    name: bytes
    """Digest of the path within its tree."""
    size: int
    mtime: int
    ctime: int
    first: bytes
    """SHA-256 of the first read of this size and time of modification."""
    last: bytes
    """SHA-256 of the newest read."""
    read_ms: int
    """When these bytes were last read."""
    read: int
    """The pass that did."""
    seen: int
    """The pass that last came across it."""

    @property
    def altered(self) -> bool:
        """Whether the bytes changed although nothing that rsync looks at did."""
        return self.first != self.last


class Memory:
    """The memory of one auditor, in an SQLite file. Each time it is opened a new pass begins.

    Use it as a context. Raise LedgerError when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._said():
            created = not path.exists()
            self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
            if created:
                path.chmod(0o600)
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("PRAGMA cache_size=-32000")
            self._db.executescript(_SCHEMA)
            self._db.execute("BEGIN IMMEDIATE")
            ((before,),) = self._db.execute("PRAGMA user_version")
            self._pass = int(before) + 1
            self._db.execute(f"PRAGMA user_version = {self._pass}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keep what was read, also when the pass was interrupted."""
        with self._said():
            self._db.execute("COMMIT")
        self._db.close()

    def recall(
        self, location: str, path: str, status: os.stat_result, *, since_ms: int
    ) -> tuple[Read | None, Read | None]:
        """Return what is remembered of this name, and what surely is true of the inode still.

        The first is None when this name was never read in this size and time of modification; the
        second when the inode was never read, was touched since, or was last read before `since_ms`
        and not in this pass: then its bytes must be read.
        """
        name = _name(path)
        with self._said():
            rows = self._db.execute(
                "SELECT name, size, mtime, ctime, first, last, read_ms, read, seen FROM file"
                " WHERE location = ? AND inode = ?",
                (location, _signed(status.st_ino)),
            ).fetchall()
        known = still = None
        for row in map(Read._make, rows):
            if (row.size, row.mtime) != (status.st_size, _bound(status.st_mtime_ns)):
                continue
            if row.name == name:
                known = row
            sure = row.ctime == _bound(status.st_ctime_ns) and (
                row.read == self._pass or row.read_ms >= since_ms
            )
            if sure and (still is None or still.read_ms < row.read_ms):
                still = row
        return known, still

    def note(
        self,
        location: str,
        path: str,
        status: os.stat_result,
        *,
        known: Read | None,
        still: Read | None,
        digest: bytes,
        now_ms: int,
    ) -> Read:
        """Remember that a name was seen, its bytes being those of `digest`; return what is known.

        `known` and `still` are what `recall` gave for it: the digest of the first read stays, and
        without `still` the bytes were read just now.
        """
        now = Read(
            _name(path),
            status.st_size,
            _bound(status.st_mtime_ns),
            _bound(status.st_ctime_ns),
            known.first if known is not None else digest,
            digest,
            now_ms if still is None else still.read_ms,
            self._pass if still is None else still.read,
            self._pass,
        )
        if now != known:
            with self._said():
                self._db.execute(
                    "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (location, _signed(status.st_ino), *now),
                )
        return now

    def keep(self) -> None:
        """Write down what was noted so far: an interruption loses no more than what follows."""
        with self._said():
            self._db.execute("COMMIT")
            self._db.execute("BEGIN IMMEDIATE")

    def forget(self, location: str) -> None:
        """Forget what this pass, which was over every tree of the location, has not seen."""
        with self._said():
            self._db.execute(
                "DELETE FROM file WHERE location = ? AND seen <> ?", (location, self._pass)
            )

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(
                f"{self._path}, the memory of what trees held, cannot be used ({error}): make room,"
                " or remove it, and the next read of each file is taken for the first"
            ) from error


def _name(path: str) -> bytes:
    return hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=16).digest()


def _signed(number: int) -> int:
    """Return an inode number, unsigned, as SQLite can hold it."""
    return number if number <= _MAX else number - (1 << 64)


def _bound(number: int) -> int:
    return max(-_MAX, min(number, _MAX))
