"""A tree of files as one thing: walking it, and what its listing adds up to."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nexoaudit.errors import LocationError
from nexoaudit.model.moments import file_ms

_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Node(NamedTuple):
    """One thing below the top of a tree."""

    path: str
    """Relative to the top; bytes that are not UTF-8 are surrogate-escaped."""
    status: os.stat_result
    folder: int
    """Descriptor of the directory it lies in, open until the next node is asked for."""

    @property
    def name(self) -> str:
        """Its name within that directory."""
        return self.path.rpartition("/")[2]


class Walk:
    """Everything below a directory, each directory before what is in it, in order of name.

    Links are never followed, also not where a directory is replaced by one on the way: each is
    opened from the one above it. What is gone when its turn comes is counted in `vanished`.
    """

    def __init__(self, top: Path) -> None:
        self._top = top
        self._open: list[tuple[int, str, list[str]]] = []
        self.vanished = 0
        """Names that were listed and then gone."""
        self.refused: list[tuple[str, OSError]] = []
        """What could not be looked at or into, and why."""

    def __iter__(self) -> Iterator[Node]:
        """Yield the nodes, once; names in each directory are held, never those of the tree."""
        try:
            self._enter(str(self._top), "", None)
            while self._open:
                folder, below, names = self._open[-1]
                if not names:
                    os.close(folder)
                    self._open.pop()
                    continue
                name = names.pop()
                status = self._look(name, below + name, folder)
                if status is None:
                    continue
                yield Node(below + name, status, folder)
                if stat.S_ISDIR(status.st_mode):
                    self._enter(name, f"{below}{name}/", folder)
        finally:
            for folder, _, _ in self._open:
                os.close(folder)
            self._open.clear()

    def _look(self, name: str, path: str, folder: int) -> os.stat_result | None:
        try:
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            self.vanished += 1
        except OSError as error:
            self.refused.append((path, error))
        return None

    def _enter(self, name: str, below: str, folder: int | None) -> None:
        opened = -1
        try:
            opened = os.open(name, _FLAGS, dir_fd=folder)
            names = sorted(os.listdir(opened), reverse=True)  # noqa: PTH208 - of a descriptor
        except OSError as error:
            if opened >= 0:
                os.close(opened)
            if isinstance(error, FileNotFoundError | NotADirectoryError):
                self.vanished += 1
            else:
                self.refused.append((below, error))
            return
        self._open.append((opened, below, names))


class Survey:
    """What a listing of a tree adds up to, without having read any file of it."""

    def __init__(self, top: os.stat_result, latest_ms: int) -> None:
        """Begin with the top directory itself; times later than `latest_ms` say nothing."""
        self._latest_ms = latest_ms
        self._digest = hashlib.sha256(b"%o\0" % top.st_mode)
        self.files = 0
        """Regular files; a name counts, whatever it shares its bytes with."""
        self.size = 0
        """Their bytes, holes included."""
        self.own = 0
        """Their bytes, those of each file divided by the number of its names."""
        self.linked = 0
        """Files that have another name, here or elsewhere."""
        self.newest_ms = self._known(top.st_mtime_ns)
        """The newest time of modification of anything in the tree, the top included."""
        self.built_ms = 0
        """The newest time of change of a directory below the top: 0 when there is none. No job
        can set it, a rename of the tree does not move it, and no link shares it."""
        self.stirred_ms = 0
        """The newest time of change of anything that is no directory."""

    def add(self, node: Node) -> None:
        """Count one node."""
        status = node.status
        self.newest_ms = max(self.newest_ms, self._known(status.st_mtime_ns))
        if stat.S_ISDIR(status.st_mode):
            self.built_ms = max(self.built_ms, self._known(status.st_ctime_ns))
            form = f"{status.st_mode:o} {node.path}\0"
        else:
            self.stirred_ms = max(self.stirred_ms, file_ms(status.st_ctime_ns))
            form = (
                f"{status.st_mode:o} {status.st_size} {status.st_mtime_ns} {status.st_ino}"
                f" {node.path}\0"
            )
        if stat.S_ISREG(status.st_mode):
            self.files += 1
            self.size += status.st_size
            self.own += status.st_size // max(1, status.st_nlink)
            self.linked += status.st_nlink > 1
        self._digest.update(form.encode("utf-8", "surrogateescape"))

    @property
    def listing_sha256(self) -> str:
        """Digest of names, modes, sizes, times of modification and inodes.

        Without times of change: a new generation that links to a file moves that of the file.
        """
        return self._digest.hexdigest()

    def _known(self, nanoseconds: int) -> int:
        ms = max(0, nanoseconds // 1_000_000)
        return ms if ms <= self._latest_ms else 0


def survey(top: Path, latest_ms: int) -> Survey | None:
    """List the tree at `top`; None when it changed under the eyes: something in it vanished.

    Raise LocationError when any part of it cannot be listed.
    """
    try:
        found = Survey(top.lstat(), latest_ms)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LocationError("location.unreadable", f"{top}: {error.strerror}") from error
    walk = Walk(top)
    for node in walk:
        found.add(node)
    for path, refusal in walk.refused:
        said = f"{top / path}: {refusal.strerror}"
        raise LocationError("location.unreadable", said) from refusal
    return None if walk.vanished else found
