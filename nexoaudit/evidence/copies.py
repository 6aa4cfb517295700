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


def recall_copies(ledger: Ledger, size: int, known: Newest) -> dict[Holding, tuple[Copy, ...]]:
    """Return every copy that is there, by holding and ordered by time."""
    held: dict[Holding, list[Copy]] = {}
    for subject, entry in known.present.items():
        copy = as_copy(entry, known.reads.get(subject))
        held.setdefault((copy.component, copy.series, copy.location), []).append(copy)
    restored = {
        (entry.facts["location"], entry.facts["path"], entry.facts["sha256"])
        for entry in ledger.latest(("drill",), size=size)
        if entry.facts["outcome"] == "pass"
    }
    return {
        key: tuple(sorted((_raised(copy, restored) for copy in copies), key=_order))
        for key, copies in held.items()
    }


def _raised(copy: Copy, restored: set[tuple[str, str, str]]) -> Copy:
    """Return the copy, `restored` when a drill brought these very bytes back."""
    if (copy.location, copy.path, copy.sha256) in restored:
        return copy._replace(assurance=max(copy.assurance, int(Assurance.RESTORED)))
    return copy


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
