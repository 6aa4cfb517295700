"""Copies, from the records of their sightings and of the newest read of each."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.evidence.newest import Newest
from nexoaudit.ledger import Entry, Ledger
from nexoaudit.model.copy import Assurance, Copy
from nexoaudit.model.sighting import Sighting
from nexoaudit.model.state import Holding

_OF_READ = (
    "proof",
    "sealed",
    "of",
    "access",
    "readable_until_ms",
    "lock",
    "locked_until_ms",
)
"""Facts of a read that are the copy's own; older records do not have them."""

_Bytes = tuple[str, str, str]
"""Location, path and digest."""


def recall_copies(ledger: Ledger, size: int, known: Newest) -> dict[Holding, tuple[Copy, ...]]:
    """Return every copy that is there, by holding and ordered by time."""
    held: dict[Holding, list[Copy]] = {}
    for subject, entry in known.present.items():
        copy = as_copy(entry, known.reads.get(subject))
        held.setdefault((copy.component, copy.series, copy.location), []).append(copy)
    drilled = _drilled(ledger, size)
    return {
        key: tuple(sorted((_raised(copy, drilled) for copy in copies), key=_order))
        for key, copies in held.items()
    }


def _drilled(ledger: Ledger, size: int) -> dict[_Bytes, int]:
    """Return how far the newest good drills brought which bytes."""
    found: dict[_Bytes, int] = {}
    for entry in ledger.latest(("drill",), size=size):
        facts = entry.facts
        if facts["outcome"] != "pass":
            continue
        serves = any(measure[:2] == ["serving", 1] for measure in facts["measures"])
        reached = int(Assurance.SERVING if serves else Assurance.RESTORED)
        for one in facts.get("used") or [facts]:
            known = one["location"], one["path"], one["sha256"]
            found[known] = max(found.get(known, 0), reached)
    return found


def _raised(copy: Copy, drilled: dict[_Bytes, int]) -> Copy:
    """Return the copy, `restored` or `serving` when a drill brought these very bytes back."""
    reached = drilled.get((copy.location, copy.path, copy.sha256), 0)
    return copy._replace(assurance=max(copy.assurance, reached))


def _order(copy: Copy) -> tuple[int, str]:
    return copy.time_ms, copy.path


def as_copy(seen: Entry, read: Entry | None) -> Copy:
    """Return the copy that a sighting and the newest read of it amount to.

    A read of other bytes (another size or time of change) says nothing about these.
    """
    sighting = Sighting(**seen.facts)
    copy = Copy(
        location=sighting.location,
        component=sighting.component,
        series=sighting.series,
        path=sighting.path,
        time_ms=sighting.time_ms,
        time_source=sighting.time_source,
        size=sighting.size,
        mtime_ms=sighting.mtime_ms,
        finished=sighting.finished,
        seen_ms=seen.ts,
        inode=sighting.inode,
        mode=sighting.mode,
        tier=sighting.tier,
    )
    if read is None or not same_bytes(sighting, read.facts):
        return copy
    facts = read.facts
    content_ms = facts["content_ms"]
    by_content = sighting.time_source == "mtime" and content_ms
    return copy._replace(
        time_ms=content_ms if by_content else copy.time_ms,
        time_source="content" if by_content else copy.time_source,
        verified_ms=read.ts,
        sha256=facts["sha256"],
        recorded=facts["recorded"],
        assurance=int(facts["assurance"]),
        problems=tuple(facts["problems"]),
        content_ms=content_ms,
        **{name: facts[name] for name in _OF_READ if name in facts},
    )


def same_bytes(sighting: Sighting, facts: Mapping[str, Any]) -> bool:
    """Return whether a read, by its record, was of what the sighting saw."""
    if sighting.listing_sha256 not in {"", facts["manifest"].get("listing")}:
        return False
    if sighting.token:
        return bool(sighting.token == facts.get("token"))
    return bool(facts["size"] == sighting.size and facts["mtime_ms"] == sighting.mtime_ms)
