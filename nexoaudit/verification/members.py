"""The members of an archive, compared with those of an earlier one of its series.

A file whose size and time of modification are as they were has the bytes that it had. Where it has
not, it was damaged where it lay before it was packed, or altered by somebody who set its time back.
The archive, its checksum and its list of members show nothing of that.
"""

import hashlib
import os
import struct
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Self

from nexoaudit.errors import LedgerError
from nexoaudit.formats.archive import Member
from nexoaudit.formats.paths import normal
from nexoaudit.model.fact import Fact
from nexoaudit.model.manifest import MEMBERS
from nexoaudit.verification.manifest import MAX_NUMBER, safe
from nexoaudit.verification.reading import ReadProblem, reading

MAX_MEMBERS = 500_000
"""Members of an archive that are compared; those after them are not. The index of these has
24 MB."""
DATED_MS = 631_152_000_000
"""1990. Times before it are conventions of those who build packages (1970, 1980; 1985 in every
package of npm): they stay when the bytes change."""
_HEAD = b"nexoaudit members 1\n"
_RECORD = struct.Struct(">16sQQ16s")
"""Digest of the path, size, time of modification in milliseconds, digest of the content."""
_KEY = 16
_STAMP = 32
"""Where the digest of the content begins: what is before it says that a file is as it was."""
_NAMED = 5


class Earlier(NamedTuple):
    """An earlier archive of the series, whose members were indexed."""

    sha256: str
    """Of the archive."""
    path: Path
    """Of its index."""
    recorded: str
    """Digest of the index, as the ledger has it: one with another digest is not used."""


class Comparing(NamedTuple):
    """What the members of an archive are compared with, and where their own index is to lie."""

    earlier: Earlier | None = None
    directory: Path | None = None
    """Of the indexes; each has the digest of its archive as its name. None: do not keep one."""


NOT_COMPARED = Comparing()


class Members:
    """Takes the digest of each member that passes by and compares it."""

    def __init__(self, comparing: Comparing, settled_ms: int) -> None:
        """Prepare for one archive.

        What was modified at `settled_ms` or later may have been written to after it was packed,
        and still have the same time: it is compared in no later archive.
        """
        self._comparing = comparing
        self._settled_ms = settled_ms
        self._index = _Index.read(comparing.earlier) if comparing.earlier else None
        self._records: list[bytes] = []
        self._top = ""
        self._compared = 0
        self._altered = 0
        self._names: list[str] = []

    def passing(self, member: Member, content: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the content of a member, and look at it; it must be taken to its end."""
        path = normal(member.name)
        self._top = self._top or path.partition("/")[0]
        if member.kind != "file" or not self._is_comparable(member):
            yield from content
            return
        digest, size = hashlib.sha256(), 0
        for piece in content:
            digest.update(piece)
            size += len(piece)
            yield piece
        if size == member.size:  # else the archive is cut
            record = _RECORD.pack(self._key(path), size, member.mtime_ms, digest.digest()[:_KEY])
            self._take(record, member.name)

    def facts(self, sha256: str) -> dict[str, Fact]:
        """Return what came out, and keep the index of this archive, which has that digest.

        Raise LedgerError when the index cannot be written.
        """
        facts: dict[str, Fact] = {}
        if self._comparing.directory is not None:
            facts["index"] = _write(self._comparing.directory / sha256, self._records)
        if self._index is not None and self._comparing.earlier is not None:
            facts["with"] = self._comparing.earlier.sha256
            facts["compared"] = self._compared
            facts["altered"] = self._altered
            facts["names"] = ", ".join(self._names)
        return {MEMBERS + name: fact for name, fact in facts.items()}

    def _is_comparable(self, member: Member) -> bool:
        if not (self._comparing.directory or self._index):
            return False
        dated = DATED_MS <= member.mtime_ms < self._settled_ms
        return dated and 0 < member.size <= MAX_NUMBER and len(self._records) < MAX_MEMBERS

    def _key(self, path: str) -> bytes:
        """Return what a path is known by: the first directory has another name in each archive."""
        top, slash, below = path.partition("/")
        if slash and top == self._top:
            path = f"//{below}"  # as no path is written
        named = path.encode("utf-8", "surrogateescape")
        return hashlib.blake2b(named, digest_size=_KEY).digest()

    def _take(self, record: bytes, name: str) -> None:
        self._records.append(record)
        before = self._index.find(record) if self._index is not None else b""
        if before[:_STAMP] != record[:_STAMP]:
            return
        self._compared += 1
        if before != record:
            self._altered += 1
            if len(self._names) < _NAMED:
                self._names.append(safe(name))


class _Index(NamedTuple):
    """The members of an archive, sorted by the digests of their paths."""

    data: bytes

    @classmethod
    def read(cls, earlier: Earlier) -> Self | None:
        """Return an index; None when it is not there or not the one that was recorded."""
        most = len(_HEAD) + MAX_MEMBERS * _RECORD.size
        try:
            with reading(earlier.path) as (file, status):
                data = (file.readall() or b"") if status.st_size <= most else b""
        except ReadProblem:
            return None
        is_ours = hashlib.sha256(data).hexdigest() == earlier.recorded
        return cls(data) if is_ours and data.startswith(_HEAD) else None

    def find(self, record: bytes) -> bytes:
        """Return the record of the same path; empty: there is none."""
        data, key = self.data, record[:_KEY]
        starts = range(len(_HEAD), len(data), _RECORD.size)
        at = bisect_left(starts, key, key=lambda start: data[start : start + _KEY])
        found = data[starts[at] : starts[at] + _RECORD.size] if at < len(starts) else b""
        return found if found.startswith(key) else b""


def _write(path: Path, records: list[bytes]) -> str:
    """Write an index, all of it or nothing, and return its digest."""
    data = _HEAD + b"".join(_unique(sorted(records)))
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink()
            raise
    except OSError as error:
        raise LedgerError(
            f"{path.parent}, the auditor's memory of what archives held, cannot be written"
            f" ({error.strerror}): make room, or make it writable"
        ) from error
    return hashlib.sha256(data).hexdigest()


def _unique(records: list[bytes]) -> Iterator[bytes]:
    """Yield the records of paths that are in the archive once: of others the last one counts."""
    keys = [b"", *(record[:_KEY] for record in records), b""]
    for number, (before, after) in enumerate(pairwise(pairwise(keys))):
        if before[0] != before[1] != after[1]:
            yield records[number]
