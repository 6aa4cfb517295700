"""The auditor's indexes of archives' members: one file for each archive that others need."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from nexoaudit import __version__, evidence
from nexoaudit.auditor.session import Session
from nexoaudit.evidence.indexes import kept, measures
from nexoaudit.model.manifest import MEMBERS
from nexoaudit.model.sighting import Sighting
from nexoaudit.model.state import Contents, State
from nexoaudit.verification.contents import NO_ARCHIVES
from nexoaudit.verification.members import NOT_COMPARED, Comparing, Earlier

_DIRECTORY = "members"
_NEWEST = 3
"""Archives of a series that one audit makes indexes of: one of them should be good."""


class Indexes:
    """The indexes, for the reads of one audit.

    They are a cache: the ledger has the digest of each, one that is missing or altered is not
    used, and the next archive has nothing to be compared with but is indexed itself.
    """

    def __init__(self, session: Session, size: int, waiting: Sequence[Sighting]) -> None:
        """Prepare for the reads of `waiting`; the ledger had `size` entries before this audit."""
        self._session = session
        self._size = size
        self._from_ms = _beginnings(waiting)

    def comparing(self, sighting: Sighting) -> Comparing:
        """Return what the members of a copy are to be compared with."""
        if self._session.policy.component(sighting.component).kind in NO_ARCHIVES:
            return NOT_COMPARED
        contents = (sighting.component, sighting.series)
        is_recent = sighting.time_ms >= self._from_ms[contents]
        return Comparing(
            next(self._earlier(sighting), None), self._directory if is_recent else None
        )

    def settle(self, state: State) -> None:
        """Remove the indexes that are needed no more, and what an interruption left."""
        wanted = kept(state)
        with suppress(OSError):
            for path in self._directory.iterdir():
                if path.name not in wanted:
                    path.unlink()

    @property
    def _directory(self) -> Path:
        return self._session.directory / _DIRECTORY

    @cached_property
    def _state(self) -> State:
        """What was known before this audit saw which copies are other ones now."""
        now = self._session.clock()
        return evidence.recall(self._session.ledger, self._size, now, __version__)

    def _earlier(self, sighting: Sighting) -> Iterator[Earlier]:
        contents = (sighting.component, sighting.series)
        for manifest in measures(self._state, contents, sighting.time_ms):
            path = self._directory / manifest.sha256
            if path.exists():
                yield Earlier(manifest.sha256, path, str(manifest.facts[f"{MEMBERS}index"]))


def _beginnings(waiting: Iterable[Sighting]) -> dict[Contents, int]:
    """Return by series from which moment on archives are indexed: the newest few."""
    times: dict[Contents, set[int]] = defaultdict(set)
    for sighting in waiting:
        times[sighting.component, sighting.series].add(sighting.time_ms)
    return {contents: sorted(moments)[-_NEWEST:][0] for contents, moments in times.items()}
