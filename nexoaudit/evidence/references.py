"""What the copies at other locations are compared with: the points as read where they were made."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.evidence.newest import Newest
from nexoaudit.formats.names import unsealed
from nexoaudit.ledger import Entry
from nexoaudit.model.copy import Assurance
from nexoaudit.model.moments import moment
from nexoaudit.model.policy import Policy
from nexoaudit.model.sighting import Sighting

_OF_CONTENT = ("binlog.", "dump.", "sealed.", "stream.", "tar.", "time.")


class Reference(NamedTuple):
    """The bytes of one recovery point, as our own read of another copy found them."""

    location: str
    path: str
    sha256: str
    size: int
    present: bool
    """That copy is still there."""
    problems: tuple[str, ...] = ()
    """What is wrong with what these bytes hold, so with every copy of them."""


class References:
    """Finds the point that a copy elsewhere is a copy of."""

    def __init__(self, newest: Newest, policy: Policy) -> None:
        """Take what was read at the locations of this machine, gone copies included."""
        self._policy = policy
        self._zone = ZoneInfo(policy.site.timezone)
        self._by_name: dict[tuple[str, str, str], Reference] = {}
        self._by_digest: dict[tuple[str, str, str], Reference] = {}
        self._by_day: dict[tuple[str, str, date], dict[str, Reference]] = {}
        here = [place for place in policy.locations if not place.remote]
        order = {place.id: bool(place.transfer) for place in here}
        for subject, read in newest.reads.items():
            seen = newest.seen.get(subject)
            if seen is None or seen.entry.facts["location"] not in order:
                continue
            sighting = Sighting(**seen.entry.facts)
            found = _reference(sighting, read, present=seen.present)
            if found is not None:
                self._add(sighting, found, second=order[sighting.location])

    def of(self, sighting: Sighting) -> Reference | None:
        """Return what a copy should hold; None when nothing was read that it can be compared with.

        A name that differs from the series' own matches the only point of its day: of several
        nobody knows which one it is.
        """
        component = self._policy.component(sighting.component)
        series = next(item for item in component.series if item.id == sighting.series)
        if series.pattern_at(sighting.location) == series.pattern:
            name = unsealed(sighting.path)
            return self._by_name.get((sighting.component, sighting.series, name))
        points = self._by_day.get((*self._series(sighting), self._day(sighting)), {})
        return next(iter(points.values())) if len(points) == 1 else None

    def holding(self, sighting: Sighting, sha256: str) -> Reference | None:
        """Return the point of the same series whose bytes have this digest."""
        return self._by_digest.get((*self._series(sighting), sha256))

    def _add(self, sighting: Sighting, found: Reference, *, second: bool) -> None:
        name = unsealed(sighting.path)
        key = (*self._series(sighting), name)
        if second and key in self._by_name:
            return
        self._by_name[key] = found
        self._by_digest[(*self._series(sighting), found.sha256)] = found
        self._by_day.setdefault((*self._series(sighting), self._day(sighting)), {})[name] = found

    def _day(self, sighting: Sighting) -> date:
        return moment(sighting.time_ms).astimezone(self._zone).date()

    @staticmethod
    def _series(sighting: Sighting) -> tuple[str, str]:
        return sighting.component, sighting.series


def _reference(sighting: Sighting, read: Entry, *, present: bool) -> Reference | None:
    """Return what a read is worth as a reference; of a copy that rotted what it was before."""
    facts = read.facts
    rotted = str(facts.get("earlier", ""))
    if rotted:
        return Reference(sighting.location, sighting.path, rotted, facts["size"], present=False)
    if not facts["sha256"] or facts["assurance"] < Assurance.INTACT:
        return None
    return Reference(
        sighting.location, sighting.path, facts["sha256"], facts["size"], present, of_content(facts)
    )


def of_content(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return those problems of a read that lie in the bytes themselves, wherever they are."""
    return tuple(name for name in facts["problems"] if name.startswith(_OF_CONTENT))
