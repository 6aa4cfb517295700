"""The evidence ledger: observations appended to SQLite, never edited.

Bodies are RFC 8785 canonical JSON, stored as hashed; a leaf is SHA-256(0x00 || body) and the root
is that of RFC 9162, so that proofs can be given for any entry and any two sizes.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785

from nexoaudit.errors import LedgerError
from nexoaudit.formats.merkle import merkle_root

KINDS = frozenset(
    {
        "policy",
        "sweep",
        "copy.seen",
        "copy.changed",
        "copy.gone",
        "copy.verified",
        "copy.prints",
        "live",
        "drill",
        "attestation",
        "waiver",
        "job",
        "mail",
    }
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    idx INTEGER PRIMARY KEY,
    ts INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    body BLOB NOT NULL,
    leaf BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entry_latest ON entry (kind, subject, idx);
CREATE TRIGGER IF NOT EXISTS entry_no_update BEFORE UPDATE ON entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_no_delete BEFORE DELETE ON entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_no_gap BEFORE INSERT ON entry
    WHEN NEW.idx <> (SELECT COALESCE(MAX(idx) + 1, 0) FROM entry)
    BEGIN SELECT RAISE(ABORT, 'the ledger has no gaps'); END;
"""


_LEAST = 1 << 20
"""Bytes without which SQLite cannot work."""


class Draft(NamedTuple):
    """One observation about to be appended."""

    kind: str
    subject: str
    facts: Mapping[str, Any]
    """JSON values: text, integers (milliseconds, bytes, counts), booleans, lists and objects."""


class Entry(NamedTuple):
    """One observation as recorded."""

    idx: int
    ts: int
    """When it was seen: milliseconds, UTC."""
    kind: str
    subject: str
    facts: Mapping[str, Any]
    leaf: str
    """Hex digest: the entry's place in the tree."""


class Ledger:
    """The ledger file. One writer at a time; readers never block it."""

    def __init__(self, path: Path, *, version: str, demonstration: bool = False) -> None:
        """Open or make the ledger at `path`; raise LedgerError when that cannot be done.

        `version` is recorded in each entry as the collector; with `demonstration` each says so.
        """
        self.path = path
        self._common: dict[str, Any] = {
            "v": 1,
            "collector": {"name": "nexoaudit", "version": version},
        }
        if demonstration:
            self._common["demonstration"] = True
        try:
            created = not path.exists()
            self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
            if created:
                path.chmod(0o600)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            with suppress(AttributeError):  # of a connection that never was
                self._db.close()
            raise LedgerError(
                f"the ledger {path} cannot be opened: {_said(path, error)}"
            ) from error

    def close(self) -> None:
        """Close the file; idempotent."""
        self._db.close()

    def append(self, drafts: Iterable[Draft], *, ts_ms: int) -> int:
        """Append all drafts in one transaction, seen at `ts_ms`, and return the new size.

        Raise LedgerError, with nothing written, when the disk is full or a draft is not sound.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            size = self.size
            rows = [self._row(size + i, ts_ms, draft) for i, draft in enumerate(drafts)]
            self._db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._db.execute("COMMIT")
        except (sqlite3.Error, rfc8785.CanonicalizationError, ValueError, TypeError) as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            said = _said(self.path, error)
            raise LedgerError(f"nothing was written to the ledger {self.path}: {said}") from error
        return size + len(rows)

    @property
    def size(self) -> int:
        """The number of entries."""
        ((size,),) = self._query("SELECT COALESCE(MAX(idx) + 1, 0) FROM entry", ())
        return int(size)

    def latest(self, kinds: Iterable[str], *, size: int) -> Iterator[Entry]:
        """Yield the newest entry of each (kind, subject) among the first `size`, oldest first."""
        wanted = tuple(kinds)
        marks = ",".join("?" * len(wanted))
        yield from self._select(
            "WHERE idx IN (SELECT MAX(idx) FROM entry"  # noqa: S608 - only question marks
            f" WHERE kind IN ({marks}) AND idx < ? GROUP BY kind, subject)",
            (*wanted, size),
        )

    def between(
        self, start_ms: int, end_ms: int, *, size: int, kinds: Iterable[str]
    ) -> Iterator[Entry]:
        """Yield the entries of those kinds seen in [start_ms, end_ms), among the first `size`."""
        wanted = tuple(kinds)
        marks = ",".join("?" * len(wanted))
        yield from self._select(
            f"WHERE kind IN ({marks}) AND ts >= ? AND ts < ? AND idx < ?",
            (*wanted, start_ms, end_ms, size),
        )

    def last_where(
        self, kind: str, subject: str, fact: str, value: str, *, size: int
    ) -> Entry | None:
        """Return the newest entry of that kind and subject whose `fact` is `value`, or None."""
        where = (
            "WHERE idx = (SELECT MAX(idx) FROM entry WHERE kind = ? AND subject = ?"
            " AND idx < ? AND json_extract(CAST(body AS TEXT), ?) = ?)"
        )
        values = (kind, subject, size, f"$.facts.{fact}", value)
        return next(self._select(where, values), None)

    def since(self, kind: str, subject: str, start: str, *, size: int) -> Iterator[Entry]:
        """Yield the entries of a kind and subject after the subject's newest one of kind `start`.

        All of them when there is none of `start`; oldest first, among the first `size`.
        """
        yield from self._select(
            "WHERE kind = ? AND subject = ? AND idx < ? AND idx > COALESCE("
            "(SELECT MAX(idx) FROM entry WHERE kind = ? AND subject = ? AND idx < ?), -1)",
            (kind, subject, size, start, subject, size),
        )

    def first(self) -> Entry | None:
        """Return the first entry; None for an empty ledger."""
        return next(self._select("WHERE idx = ?", (0,)), None)

    def entry(self, idx: int) -> Entry | None:
        """Return the entry of that index; None when there is none."""
        return next(self._select("WHERE idx = ?", (idx,)), None)

    def tally(self, start_ms: int, end_ms: int, *, size: int) -> dict[str, int]:
        """Return per kind how many of the first `size` entries were seen in [start_ms, end_ms)."""
        rows = self._query(
            "SELECT kind, COUNT(*) FROM entry WHERE ts >= ? AND ts < ? AND idx < ?"
            " GROUP BY kind ORDER BY kind",
            (start_ms, end_ms, size),
        )
        return {kind: int(count) for kind, count in rows}

    def size_at(self, ts_ms: int) -> int:
        """Return how many entries had been seen before `ts_ms`."""
        ((count,),) = self._query("SELECT COUNT(*) FROM entry WHERE ts < ?", (ts_ms,))
        return int(count)

    def root(self, size: int) -> str:
        """Return the Merkle tree hash (RFC 9162, section 2.1) of the first `size` entries."""
        return merkle_root(self._leaves(size)).hex()

    def _leaves(self, size: int) -> Iterator[bytes]:
        """Yield each leaf, made anew from its body: an edited body must not hide behind it."""
        query = "SELECT idx, body, leaf FROM entry WHERE idx < ? ORDER BY idx"
        with closing(self._query(query, (size,))) as rows:
            for expected, (idx, body, leaf) in enumerate(rows):
                if idx != expected or hashlib.sha256(b"\x00" + body).digest() != leaf:
                    raise LedgerError(
                        f"entry {expected} of the ledger {self.path} was altered or removed:"
                        " put the right ledger back"
                    )
                yield leaf

    def _row(self, idx: int, ts_ms: int, draft: Draft) -> tuple[int, int, str, str, bytes, bytes]:
        if draft.kind not in KINDS:
            raise ValueError(f"unknown kind {draft.kind!r}")
        subject = _printable(draft.subject)
        body = rfc8785.dumps(
            {
                **self._common,
                "kind": draft.kind,
                "subject": subject,
                "ts": ts_ms,
                "facts": plain(draft.facts),
            }
        )
        return idx, ts_ms, draft.kind, subject, body, hashlib.sha256(b"\x00" + body).digest()

    def _select(self, where: str, values: tuple[object, ...]) -> Iterator[Entry]:
        query = f"SELECT idx, ts, kind, subject, body, leaf FROM entry {where} ORDER BY idx"  # noqa: S608
        for idx, ts, kind, subject, body, leaf in self._query(query, values):
            yield Entry(idx, ts, kind, subject, json.loads(body)["facts"], leaf.hex())

    def _query(
        self, query: str, values: tuple[object, ...]
    ) -> Generator[tuple[Any, ...], None, None]:
        try:
            yield from self._db.execute(query, values)
        except sqlite3.Error as error:
            raise LedgerError(f"the ledger {self.path} cannot be read: {error}") from error


def _said(path: Path, error: Exception) -> str:
    """Return what to do about an error of SQLite's, whose own words for a full disk are others."""
    with suppress(OSError):
        disk = os.statvfs(path.parent)
        if isinstance(error, sqlite3.OperationalError) and disk.f_bavail * disk.f_frsize < _LEAST:
            return f"the disk of {path.parent} is full: free some space"
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
        return "it is no ledger: put the right file back, or move it away to begin anew"
    return str(error)


def _printable(text: str) -> str:
    """Return `text` as valid Unicode: undecodable bytes of a file name become escapes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def plain(value: Any) -> Any:
    """Return a JSON value of exact built-in types, with text that UTF-8 can hold."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value]
