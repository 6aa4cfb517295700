"""What the trees at other locations are compared with: all that was read of the series here."""

from collections.abc import Iterator
from typing import NamedTuple

from nexoaudit.evidence.newest import Newest
from nexoaudit.ledger import Entry, Ledger
from nexoaudit.model.copy import Assurance
from nexoaudit.model.manifest import FILES_SHA256
from nexoaudit.model.policy import Policy
from nexoaudit.model.sighting import Sighting

_RECENT_MS = 35 * 86_400_000
"""How old a read of a generation may be that a rotating name elsewhere is compared with."""


class Whole(NamedTuple):
    """One sound read of a tree where it was made."""

    path: str
    time_ms: int
    """The moment of the generation that lay there when it was read."""
    sha256: str
    """Of the tree, links and directories included."""
    files_sha256: str


class Wholes:
    """Finds the trees that one elsewhere may be a mirror of."""

    def __init__(self, ledger: Ledger, newest: Newest, policy: Policy) -> None:
        """Take what was read at the locations of this machine, generations gone since included."""
        self._ledger = ledger
        self._policy = policy
        here = {place.id for place in policy.locations if not place.remote}
        self._trees = [
            (subject, Sighting(**seen.entry.facts))
            for subject, seen in newest.seen.items()
            if seen.entry.facts["location"] in here and seen.entry.facts["path"].endswith("/")
        ]
        self._known: dict[tuple[str, str], tuple[Whole, ...]] = {}

    def of(self, sighting: Sighting, now_ms: int) -> tuple[Whole, ...]:
        """Return what a tree may hold: of a dated name its own point, as often as it was read.

        A name that rotates may be any generation of the last weeks: which one depends on what came
        last, the rotation or the transfer.
        """
        key = sighting.component, sighting.series
        if key not in self._known:
            self._known[key] = tuple(self._reads(sighting, now_ms))
        if sighting.time_source != "name":
            return self._known[key]
        return tuple(item for item in self._known[key] if self._is_of(sighting, item))

    def _is_of(self, sighting: Sighting, whole: Whole) -> bool:
        """Return whether a dated tree is meant to be that one: by its name, or by its moment."""
        component = self._policy.component(sighting.component)
        series = next(item for item in component.series if item.id == sighting.series)
        if series.pattern_at(sighting.location) == series.pattern:
            return whole.path == sighting.path
        return whole.time_ms == sighting.time_ms

    def _reads(self, sighting: Sighting, now_ms: int) -> Iterator[Whole]:
        dated = sighting.time_source == "name"
        for subject, tree in self._trees:
            if (tree.component, tree.series) != (sighting.component, sighting.series):
                continue
            for read in self._ledger.since("copy.verified", subject, "", size=self._ledger.size):
                if dated or read.ts > now_ms - _RECENT_MS:
                    yield from _whole(tree, read)


def _whole(tree: Sighting, read: Entry) -> Iterator[Whole]:
    """Yield what a read is worth: nothing where it was not sound, or older than this digest."""
    facts = read.facts
    manifest = facts["manifest"]
    sound = facts["sha256"] and facts["assurance"] >= Assurance.INTACT
    if sound and FILES_SHA256 in manifest:
        moment_ms = int(manifest.get("point", tree.time_ms))
        yield Whole(tree.path, moment_ms, facts["sha256"], manifest[FILES_SHA256])
