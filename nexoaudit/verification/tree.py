"""Verify one tree: every file of it read, each inode once."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from nexoaudit.formats.archive import Member
from nexoaudit.formats.confidential import MAX_READ
from nexoaudit.formats.treedigest import TreeDigest, kind_of
from nexoaudit.locations.tree import Node, Survey, Walk
from nexoaudit.model.copy import Assurance
from nexoaudit.model.dating import FUTURE_MS, moment_problems
from nexoaudit.model.fact import Fact, Moment, Size
from nexoaudit.model.manifest import FILES_SHA256
from nexoaudit.model.moments import file_ms, millis
from nexoaudit.model.verification import Verification
from nexoaudit.verification.contents import Contents
from nexoaudit.verification.filesdigest import FilesDigest
from nexoaudit.verification.generation import Generation, nested
from nexoaudit.verification.manifest import Manifest, manifest
from nexoaudit.verification.reading import ReadProblem, disturbance, reading
from nexoaudit.verification.remembered import Memory

_BLOCK = 256 * 1024
_NAMED = 5
"""How many files a detail names."""


def verify_tree(
    generation: Generation,
    memory: Memory,
    *,
    since_ms: int,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Read the tree and return everything found out about it; its digest is of paths and bytes.

    Files that `memory` knows to have been read since `since_ms`, and to be untouched, are not read
    again; all others are, each inode once in a pass. `now` is aware; `progress` is called with the
    number of bytes read, or known, since its last call. The digest does not depend on where the
    tree lies, nor on owners, modes and times: a faithful mirror has the same.

    Whatever is wrong with the tree is a problem in the result, never an exception; what was read
    before an interrupt stays in `memory`.
    """
    reader = _Reader(generation, memory, millis(now), since_ms=since_ms, progress=progress)
    try:
        top = generation.top.lstat()
        reader.read(top)
    except FileNotFoundError:
        return _gone(generation.top)
    finally:
        memory.keep()
    return reader.result()


class _Trouble:
    """One kind of problem: how often it was met, and some of where."""

    def __init__(self) -> None:
        self.count = 0
        self._names: list[str] = []

    def add(self, what: str) -> None:
        self.count += 1
        if len(self._names) < _NAMED:
            self._names.append(what)

    def said(self) -> str:
        """Return the names, as text that UTF-8 can hold."""
        more = self.count - len(self._names)
        text = ", ".join(self._names) + (f" and {more} more" if more else "")
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class _Reader:
    """One read of a tree on its way."""

    def __init__(
        self,
        generation: Generation,
        memory: Memory,
        now_ms: int,
        *,
        since_ms: int,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._generation = generation
        self._memory = memory
        self._now_ms = now_ms
        self._since_ms = since_ms
        self._progress = progress
        self._contents = Contents(now_ms, generation.expect)
        self._digest = TreeDigest()
        self._files = FilesDigest()
        self._survey: Survey | None = None
        self._trouble: dict[str, _Trouble] = {}
        self._closed: str | None = None
        self._read_bytes = 0
        self._oldest_ms = now_ms

    def read(self, top: os.stat_result) -> None:
        """Walk and read everything."""
        self._survey = survey = Survey(top, self._now_ms + FUTURE_MS)
        walk = Walk(self._generation.top)
        for node in walk:
            survey.add(node)
            self._take(node)
        for path, error in walk.refused:
            self._note("file.unreadable", f"{path}: {error.strerror}")
        if walk.vanished:
            self._note("file.vanished", f"{walk.vanished} names")

    def result(self) -> Verification:
        """Return what was found."""
        survey = self._survey
        assert survey is not None  # noqa: S101 - read comes first
        self._judge_whole(survey)
        problems = tuple(self._trouble)
        whole = not any(problem.startswith("file.") for problem in problems)
        sound = whole and survey.files > 0 and "tree.altered" not in problems
        times = moment_problems(
            kind="uploads",
            point_ms=self._generation.point_ms,
            time_source=self._generation.time_source,
            content_ms=0,
            now_ms=self._now_ms,
        )
        return Verification(
            sha256=self._digest.hexdigest() if whole else "",
            size=survey.size,
            mtime_ms=survey.newest_ms,
            recorded="self" if sound else "",
            assurance=Assurance.READABLE if sound else Assurance.PRESENT,
            problems=problems + times,
            raw_size=survey.size,
            detail="; ".join(trouble.said() for trouble in self._trouble.values()),
            manifest=self._manifest(survey),
        )

    def _judge_whole(self, survey: Survey) -> None:
        if survey.files == 0:
            self._note("tree.empty", "")
        for name in nested(self._generation):
            self._note("tree.nested", name)

    def _manifest(self, survey: Survey) -> Manifest:
        facts: dict[str, Fact] = {
            "listing": survey.listing_sha256,
            FILES_SHA256: self._files.hexdigest(),
            "point": Moment(self._generation.point_ms),
            "linked": survey.linked,
            "read": Size(self._read_bytes),
            "oldest_read": Moment(self._oldest_ms),
        }
        altered = self._trouble.get("tree.altered")
        if altered is not None:
            facts["altered"] = altered.count
        return manifest({**dict(self._contents.manifest()), **facts})

    def _take(self, node: Node) -> None:
        kind = kind_of(node.status.st_mode)
        link, content = "", b""
        try:
            if kind == "symlink":
                link = os.readlink(node.name, dir_fd=node.folder)
                content = os.fsencode(link)
            elif kind == "file":
                content = self._bytes(node)
                self._files.add(node.path, content)
        except OSError as error:
            self._note("file.vanished", f"{node.path}: {error.strerror}")
        except ReadProblem as problem:
            self._note(f"file.{problem.code}", f"{node.path}: {problem}")
        self._contents.add(_member(node, kind, link, self._rights(node)), _content(node))
        self._digest.add(kind, node.path, content)

    def _bytes(self, node: Node) -> bytes:
        """Return the digest of a file's bytes, read or known."""
        location, status = self._generation.location, node.status
        known, still = self._memory.recall(location, node.path, status, since_ms=self._since_ms)
        if still is None:
            digest = self._hash(node)
        else:
            digest = still.last
            if self._progress is not None and status.st_size:
                self._progress(status.st_size)
        read = self._memory.note(
            location,
            node.path,
            status,
            known=known,
            still=still,
            digest=digest,
            now_ms=self._now_ms,
        )
        self._oldest_ms = min(self._oldest_ms, read.read_ms)
        if read.altered:
            self._note("tree.altered", node.path)
        return digest

    def _rights(self, node: Node) -> int:
        """Return a node's mode, nothing left for everybody behind a directory closed to them."""
        mode = stat.S_IMODE(node.status.st_mode)
        if self._closed is not None and not node.path.startswith(self._closed):
            self._closed = None
        if not self._generation.is_open or self._closed is not None:
            return mode & ~stat.S_IRWXO
        if stat.S_ISDIR(node.status.st_mode) and not mode & stat.S_IXOTH:
            self._closed = f"{node.path}/"
        return mode

    def _hash(self, node: Node) -> bytes:
        digest = hashlib.sha256()
        with reading(node.name, node.folder) as (file, status):
            if (status.st_dev, status.st_ino) != (node.status.st_dev, node.status.st_ino):
                raise ReadProblem("changed", "it was replaced while it was read")
            while block := file.read(_BLOCK):
                digest.update(block)
                self._read_bytes += len(block)
                if self._progress is not None:
                    self._progress(len(block))
            if happened := disturbance(node.name, file, status, node.folder):
                raise ReadProblem(happened, f"the file {happened} while it was read")
        return digest.digest()

    def _note(self, problem: str, what: str) -> None:
        self._trouble.setdefault(problem, _Trouble()).add(what)


def _content(node: Node) -> Iterator[bytes]:
    """Yield the beginning of a file, if it is asked for."""
    with suppress(ReadProblem), reading(node.name, node.folder) as (file, _):
        yield file.read(MAX_READ) or b""


def _member(node: Node, kind: str, link: str, mode: int) -> Member:
    status = node.status
    return Member(
        node.path,
        kind,
        status.st_size if kind == "file" else 0,
        file_ms(status.st_mtime_ns),
        mode,
        status.st_uid,
        status.st_gid,
        link,
    )


def _gone(top: Path) -> Verification:
    return Verification(
        sha256="",
        size=0,
        mtime_ms=0,
        recorded="",
        assurance=Assurance.CLAIMED,
        problems=("file.vanished",),
        detail=f"{top.name} is gone",
    )
