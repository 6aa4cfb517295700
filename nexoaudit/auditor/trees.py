"""Verifying trees: all generations of a place in one pass, so that each inode is read once."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from nexoaudit import evidence
from nexoaudit.auditor.reading import Progress
from nexoaudit.auditor.session import Session
from nexoaudit.ledger import Draft
from nexoaudit.locations.directory import locate
from nexoaudit.model.sighting import Sighting
from nexoaudit.verification.generation import Generation
from nexoaudit.verification.remembered import Memory
from nexoaudit.verification.tree import verify_tree

TRUSTED_MS = 25 * 86_400_000
"""How long the read of a file that was not touched since is trusted: then it is read again."""
_MEMORY = "trees.sqlite"
_NEVER = 1 << 62

Known = Callable[[str, os.stat_result], bytes | None]


def is_tree(sighting: Sighting) -> bool:
    """Return whether a sighting is of a tree and not of a file."""
    return sighting.path.endswith("/")


def with_generations(waiting: list[Sighting], seen: list[Sighting]) -> list[Sighting]:
    """Return every finished generation of the series of which a tree is `waiting` to be read.

    They share files: what one read finds is true of all, and costs no second read.
    """
    holdings = {_holding(sighting) for sighting in waiting}
    return [s for s in seen if is_tree(s) and s.finished and _holding(s) in holdings]


def read_trees(
    session: Session,
    waiting: list[Sighting],
    seen: list[Sighting],
    progress: Progress,
    *,
    reread: bool,
) -> int:
    """Read each tree, record what was found, and return their number; `seen` is every copy.

    One after another: what they share is read once. With `reread` no earlier read is trusted. What
    was read when an exception (an interrupt) ends it is kept.
    """
    if not waiting:
        return 0
    since_ms = _NEVER if reread else evidence.millis(session.clock()) - TRUSTED_MS
    everything = [sighting for sighting in seen if is_tree(sighting)]
    with Memory(session.directory / _MEMORY) as memory:
        trees = _Pass(session, memory, everything, since_ms=since_ms)
        for sighting in waiting:
            progress.copy(sighting)
            session.append([trees.read(sighting, progress)])
        trees.forget()
    return len(waiting)


def read_tree(
    session: Session,
    sighting: Sighting,
    seen: list[Sighting],
    progress: Progress,
    *,
    since_ms: int,
) -> Draft:
    """Read one tree and return what was found; `seen` is every copy.

    Files that were read since `since_ms`, through this tree or another one, and were not touched,
    are not read again.
    """
    everything = [other for other in seen if is_tree(other)]
    progress.copy(sighting)
    with Memory(session.directory / _MEMORY) as memory:
        return _Pass(session, memory, everything, since_ms=since_ms).read(sighting, progress)


@contextmanager
def remembered(session: Session, location: str) -> Iterator[Known]:
    """Give what says which digest a file of a tree had when it was first read, size and time alike.

    Not that of the newest read: what rotted stays rotten, whoever has seen it already.
    """
    path = session.directory / _MEMORY
    if not path.exists():
        yield lambda _path, _status: None
        return
    with Memory(path) as memory:

        def known(path: str, status: os.stat_result) -> bytes | None:
            read, _ = memory.recall(location, path, status, since_ms=_NEVER)
            return None if read is None else read.first

        yield known


class _Pass:
    """One pass over trees."""

    def __init__(
        self, session: Session, memory: Memory, seen: list[Sighting], *, since_ms: int
    ) -> None:
        self._session = session
        self._memory = memory
        self._seen = seen
        self._since_ms = since_ms
        self._done: set[str] = set()

    def read(self, sighting: Sighting, progress: Progress) -> Draft:
        """Verify one tree and return the record of it."""

        def advance(size: int) -> None:
            progress.advance(size)
            self._session.beat()

        policy = self._session.policy
        root = Path(policy.location(sighting.location).path)
        generation = Generation(
            top=locate(root, sighting.path),
            location=sighting.location,
            siblings=self._siblings(sighting),
            point_ms=sighting.time_ms,
            time_source=sighting.time_source,
            expect=policy.component(sighting.component).expect,
            is_open=bool(sighting.mode & stat.S_IXOTH),
        )
        found = verify_tree(
            generation,
            self._memory,
            since_ms=self._since_ms,
            now=self._session.clock(),
            progress=advance,
        )
        self._done.add(_subject(sighting))
        return evidence.verified_draft(sighting, found)

    def forget(self) -> None:
        """Forget the files that are gone, where every tree of a location was read."""
        for location in {sighting.location for sighting in self._seen}:
            if self._done.issuperset(_subject(s) for s in self._seen if s.location == location):
                self._memory.forget(location)

    def _siblings(self, sighting: Sighting) -> tuple[str, ...]:
        """Return the names of the other generations of a tree's series in its directory."""
        within = PurePosixPath(sighting.path).parent
        return tuple(
            locate(Path(), other.path).name
            for other in self._seen
            if _holding(other) == _holding(sighting)
            and other.path != sighting.path
            and PurePosixPath(other.path).parent == within
        )


def _holding(sighting: Sighting) -> tuple[str, str, str]:
    return sighting.component, sighting.series, sighting.location


def _subject(sighting: Sighting) -> str:
    return evidence.subject_of(sighting.location, sighting.path)
