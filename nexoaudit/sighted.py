"""A copy, from the record of its sighting and of the newest read of it."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.ledger import Entry
from nexoaudit.model.copy import Copy
from nexoaudit.model.sighting import Sighting


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
    )


def same_bytes(sighting: Sighting, facts: Mapping[str, Any]) -> bool:
    """Return whether a read, by its record, was of what the sighting saw."""
    if sighting.listing_sha256 not in {"", facts["manifest"].get("listing")}:
        return False
    return bool(facts["size"] == sighting.size and facts["mtime_ms"] == sighting.mtime_ms)
