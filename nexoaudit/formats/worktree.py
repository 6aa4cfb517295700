"""Which files of a working tree are not those of the commit that it is at; no program is run."""

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from dulwich.index import Index, IndexEntry
from dulwich.objects import S_ISGITLINK, Commit, ObjectID
from dulwich.repo import Repo

from nexoaudit.errors import LocationError
from nexoaudit.formats.gitstore import UNREADABLE, open_repository
from nexoaudit.model.moments import file_ms

_32_BITS = 0xFFFFFFFF
"""Git's index keeps no more of a size and an inode's number."""
_POINTER = re.compile(rb"version https://git-lfs[^\n]*\noid sha256:([0-9a-f]{64})\nsize [0-9]+\n")
"""What git stores of a file that lies in large file storage."""


class Differences(NamedTuple):
    """The tracked files of a working tree that are not as they were committed."""

    files: int
    first: str
    """The first of their names, in order; bytes that are not UTF-8 are surrogate-escaped."""
    newest_ms: int
    """The newest time of change among those that are still there; 0 when there is none."""


def differences(tree: Path) -> Differences:
    """Compare the working tree at `tree` with the commit it is at: contents, not modes.

    Files that are not tracked are not looked at. Line ends that git itself changes make no
    difference. Raise LocationError when the repository, or a file in it, cannot be read.
    """
    with open_repository(tree) as repo:
        index = _index(repo)
        try:
            differing = [
                name
                for name, blob in sorted(_committed(repo).items())
                if not _untouched(tree, name, blob, index) and _differs(repo, tree, name, blob)
            ]
        except UNREADABLE as error:
            raise LocationError(
                "location.unreadable", f"the working tree {tree} cannot be read: {error}"
            ) from error
    times = [_changed_ms(tree, name) for name in differing]
    first = os.fsdecode(differing[0]) if differing else ""
    return Differences(len(differing), first, max(times, default=0))


def _index(repo: Repo) -> Mapping[bytes, object]:
    """Return what git knew of the files; nothing when it cannot be read: then all are compared."""
    try:
        return dict(Index(repo.index_path(), read=True).items())
    except Exception:  # noqa: BLE001 - dulwich raises whatever the bytes provoke
        return {}


def _committed(repo: Repo) -> dict[bytes, ObjectID]:
    head = repo[repo.head()]
    if not isinstance(head, Commit):
        raise TypeError("its HEAD is no commit")
    return {
        entry.path: entry.sha
        for entry in repo.object_store.iter_tree_contents(head.tree)
        if entry.path and entry.sha and entry.mode and not S_ISGITLINK(entry.mode)
    }


def _differs(repo: Repo, tree: Path, name: bytes, blob: ObjectID) -> bool:
    path = tree / os.fsdecode(name)
    stored = repo.object_store[blob].as_raw_string()
    try:
        if path.is_symlink():
            return os.fsencode(path.readlink()) != stored
        with open(path, "rb", opener=_opener) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return True
            if pointer := _POINTER.fullmatch(stored):
                return hashlib.file_digest(file, "sha256").hexdigest().encode() != pointer[1]
            data = file.read(2 * len(stored) + 1)
            return status.st_size != len(data) or _text(data) != _text(stored)
    except (FileNotFoundError, NotADirectoryError):
        return True


def _opener(path: str, flags: int) -> int:
    """Open without following a link or waiting for a pipe: the tree belongs to others."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _text(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _untouched(tree: Path, name: bytes, blob: ObjectID, index: Mapping[bytes, object]) -> bool:
    """Tell whether git found the committed bytes in this very file, which has not changed since."""
    entry = index.get(name)
    if not isinstance(entry, IndexEntry) or entry.sha != blob:
        return False
    try:
        status = (tree / os.fsdecode(name)).lstat()
    except OSError:
        return False
    same = entry.size == status.st_size & _32_BITS and entry.ino == status.st_ino & _32_BITS
    return same and _nanoseconds(entry.mtime) == status.st_mtime_ns


def _nanoseconds(moment: float | tuple[int, int]) -> int:
    if isinstance(moment, tuple):
        return moment[0] * 1_000_000_000 + moment[1]
    return int(moment * 1_000_000_000)


def _changed_ms(tree: Path, name: bytes) -> int:
    try:
        return file_ms((tree / os.fsdecode(name)).lstat().st_mtime_ns)
    except OSError:
        return 0
