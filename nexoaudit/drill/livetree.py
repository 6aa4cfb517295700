"""A backup of files against the live ones that are older: those must be in it as they are."""

import glob
import hashlib
import os
import stat
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from nexoaudit.drill.index import Entry, Index
from nexoaudit.drill.record import Record
from nexoaudit.drill.rights import few
from nexoaudit.locations.tree import Walk

LEFT_OUT = frozenset({".git", "cache", "logs", "node_modules", "sessions", "temp", "tmp", "vendor"})
"""Directories that jobs leave out on purpose, right below the top of what they back up."""

_TRIED = 500
"""So many live files tell where the backup's root lies on the live system."""
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Live(NamedTuple):
    """Where the live files are, and from when on they are newer than the backup."""

    paths: tuple[str, ...]
    """Directories, or globs of files; absolute."""
    older_ms: int
    """What was last touched before this moment must be in the backup."""
    forbidden: tuple[str, ...] = ()
    """Globs of what the backup must not hold, below its top directory."""


class File(NamedTuple):
    """A live file."""

    path: str
    status: os.stat_result
    below: str
    """Its path below the directory that the policy names."""


class Copied(NamedTuple):
    """The backup that live files are looked for in."""

    held: Index
    top: str
    """The directory that everything in it lies in, or nothing."""

    def find(self, below: str) -> Entry | None:
        """Return what the backup has at a path below its root, or below its top directory."""
        found = self.held.find(below)
        if found is None and self.top:
            found = self.held.find(f"{self.top}/{below}")
        return found


def note_live(
    record: Record, live: Live, copied: Copied, *, read: Container[str] | None = None
) -> None:
    """Note live files older than the backup that it lacks or has otherwise.

    Sizes of all are compared, and the bytes of those whose path in the backup is in `read` (None:
    of all). What was touched since the backup was made may be anything. OSError passes through.
    """
    root = _root(live, copied)
    if root is None:
        record.problem("drill.not_compared", "no live file is in the backup, or none can be seen")
        return
    comparing = _Comparing(live, copied, root, read)
    for file in _files(live.paths):
        record.beat()
        comparing.add(file)
    comparing.note(record)


class _Comparing:
    """A comparison on its way."""

    def __init__(self, live: Live, copied: Copied, root: Path, read: Container[str] | None) -> None:
        self._live = live
        self._copied = copied
        self._root = root
        self._read = read
        self._missing: list[str] = []
        self._differing: list[str] = []
        self._counts = {"live_compared": 0, "live_newer": 0}

    def add(self, file: File) -> None:
        """Look at one live file."""
        below = os.path.relpath(file.path, self._root)
        entry = self._copied.find(below)
        older = max(file.status.st_mtime, file.status.st_ctime) * 1000 < self._live.older_ms
        if entry is None:
            if not older:
                self._counts["live_newer"] += 1
            elif not self._is_left_out(below, file.below):
                self._missing.append(below)
        elif older or int(file.status.st_mtime) == entry.mtime_s:
            self._counts["live_compared"] += 1
            if file.status.st_size != entry.size or self._has_other_bytes(file, below, entry):
                self._differing.append(below)
        else:
            self._counts["live_newer"] += 1

    def note(self, record: Record) -> None:
        """Note and count what was found."""
        record.measures |= self._counts
        if self._missing:
            record.problem("drill.live_missing", few(self._missing))
        if self._differing:
            record.problem("drill.live_differs", few(self._differing))

    def _has_other_bytes(self, file: File, below: str, entry: Entry) -> bool:
        names = (below, f"{self._copied.top}/{below}")
        if self._read is not None and not any(name in self._read for name in names):
            return False
        descriptor = os.open(file.path, _FLAGS)
        with os.fdopen(descriptor, "rb", buffering=0) as opened:
            before = os.fstat(opened.fileno())
            digest = hashlib.file_digest(opened, "sha256").digest()
            after = os.fstat(opened.fileno())
        if _state(before) != _state(file.status) or _state(after) != _state(before):
            return False  # it is being written: another drill will see
        return not entry.has(digest)

    def _is_left_out(self, below: str, below_data: str) -> bool:
        if any(path.partition("/")[0] in LEFT_OUT for path in (below, below_data)):
            return True
        globs = (pattern.strip("/") for pattern in self._live.forbidden)
        return any(
            fnmatchcase(below, pattern) or fnmatchcase(below, f"{pattern}/*") for pattern in globs
        )


def _root(live: Live, copied: Copied) -> Path | None:
    """Return the live directory that the backup's paths begin at: where most files are found.

    Of several the one from which the paths are longest.
    """
    found: Counter[Path] = Counter()
    for file in islice(_files(live.paths), _TRIED):
        for parent in Path(file.path).parents:
            if copied.find(os.path.relpath(file.path, parent)) is not None:
                found[parent] += 1
    if not found:
        return None
    return max(found, key=lambda path: (found[path], -len(path.parts)))


def _files(paths: Iterable[str]) -> Iterator[File]:
    """Yield the regular files at some paths and below them, each with its status."""
    for pattern in paths:
        for path in sorted(glob.glob(pattern)):  # noqa: PTH207 - of a pattern that is absolute
            try:
                status = os.lstat(path)
            except FileNotFoundError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield File(path, status, Path(path).name)
            elif stat.S_ISDIR(status.st_mode):
                walk = Walk(Path(path))
                for node in walk:
                    if stat.S_ISREG(node.status.st_mode):
                        yield File(f"{path.rstrip('/')}/{node.path}", node.status, node.path)
                for _, error in walk.refused:
                    raise error


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns
