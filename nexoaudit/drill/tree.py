"""A generation of hard-linked files as a drill reads it."""

import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from nexoaudit.drill.holding import Holding, Opener
from nexoaudit.drill.record import Progress
from nexoaudit.formats.archive import Member
from nexoaudit.formats.treedigest import TreeDigest, kind_of
from nexoaudit.locations.tree import Node, Walk

Known = Callable[[str, os.stat_result], bytes | None]
"""Returns the SHA-256 that a file had, by path and status, when these were first seen."""

_BLOCK = 1 << 20
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Tree:
    """The files of one tree, each of them read while it is looked at."""

    def __init__(self, top: Path, known: Known, progress: Progress | None) -> None:
        self._top = top
        self._walk = Walk(top)
        self._known = known
        self._progress = progress
        self._node: Node | None = None
        self._digest = TreeDigest()
        self._taken = b""
        self.problems: tuple[str, ...] = ()
        self.detail = ""
        self.sha256 = ""

    def __iter__(self) -> Iterator[Member]:
        """Yield what is in the tree; a file of which the content was not asked for is read.

        Raise OSError when there is no tree.
        """
        self._top.lstat()
        members = 0
        for node in self._walk:
            member = _member(node)
            self._node, self._taken = node, b""
            members += 1
            yield member
            content = self._taken or os.fsencode(member.link)
            self._digest.add(member.kind, node.path, content)
        if not members and not self._walk.refused:
            self._problem("tree.no_members", "the tree is empty")
        for path, error in self._walk.refused:
            self._refused(path, error)
        if self._walk.vanished:
            self._problem("tree.vanished", f"{self._walk.vanished} names went while it was read")
        self.sha256 = "" if self.problems else self._digest.hexdigest()

    def content(self) -> Iterator[bytes]:
        """Yield the content of the file just got; one that cannot be read is a problem."""
        node = self._node
        if node is None or not stat.S_ISREG(node.status.st_mode):
            return
        digest = hashlib.sha256()
        try:
            descriptor = os.open(node.name, _FLAGS, dir_fd=node.folder)
            with os.fdopen(descriptor, "rb", buffering=0) as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    if self._progress is not None:
                        self._progress(len(block))
                    yield block
        except OSError as error:
            self._refused(node.path, error)
            return
        self._taken = digest.digest()

    def known(self) -> bytes | None:
        """Return the digest of the file just got as it was first verified."""
        node = self._node
        return None if node is None else self._known(node.path, node.status)

    def _refused(self, path: str, error: OSError) -> None:
        kind = "refused" if isinstance(error, PermissionError) else "unreadable"
        if isinstance(error, FileNotFoundError):
            kind = "vanished"
        self._problem(f"tree.{kind}", f"{path}: {error.strerror}")

    def _problem(self, problem: str, detail: str) -> None:
        if problem not in self.problems:
            self.problems += (problem,)
            self.detail = self.detail or detail


def tree_at(top: Path, known: Known = lambda _path, _status: None) -> Opener:
    """Return what opens the tree in the directory `top`."""

    @contextmanager
    def opened(progress: Progress | None) -> Iterator[Holding]:
        yield Tree(top, known, progress)

    return opened


def _member(node: Node) -> Member:
    status = node.status
    kind, link = kind_of(status.st_mode), ""
    if kind == "symlink":
        link = os.readlink(node.name, dir_fd=node.folder)
    return Member(
        node.path,
        kind,
        status.st_size if kind == "file" else 0,
        status.st_mtime_ns // 1_000_000,
        stat.S_IMODE(status.st_mode),
        status.st_uid,
        status.st_gid,
        link,
        _owner(status.st_uid),
        _group(status.st_gid),
    )


@lru_cache
def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


@lru_cache
def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""
