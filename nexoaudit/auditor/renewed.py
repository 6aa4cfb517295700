"""Copies whose time stamp alone was renewed: the guide's hourly `cp mysql-bin.*` does it to all."""

from collections import Counter
from collections.abc import Mapping

from nexoaudit.auditor.reading import path_of
from nexoaudit.auditor.session import Session
from nexoaudit.ledger import Entry
from nexoaudit.model.sighting import Sighting
from nexoaudit.verification.sample import sample

_ALONE = 1
"""A job that renews time stamps renews those of several copies; one alone was written to."""


def renewed(
    session: Session,
    sightings: Mapping[str, Sighting],
    known: Mapping[str, Entry],
    reads: Mapping[str, Entry],
) -> dict[str, Sighting]:
    """Return by subject the recorded sightings of copies that are as they were but for their time.

    They were sound at their newest read, which recorded their digest; since then a job gave them
    and others of their series a newer time, and a sample of their bytes is the recorded one. Such
    a copy is not read at once but when its turn to be read again comes.
    """
    found: dict[str, Sighting] = {}
    for subject, sighting in sightings.items():
        entry, read = known.get(subject), reads.get(subject)
        if entry is None or read is None or entry.facts == sighting._asdict():
            continue
        before = Sighting(**entry.facts)
        if _only_newer(before, sighting) and _own_record(entry, read):
            found[subject] = before
    series = Counter(_series(sighting) for sighting in found.values())
    return {
        subject: before
        for subject, before in found.items()
        if series[_series(before)] > _ALONE
        and sample(path_of(session, before)) == reads[subject].facts["sample"]
    }


def _only_newer(before: Sighting, now: Sighting) -> bool:
    """Return whether nothing but the time differs, and that has gone on."""
    same = now._replace(
        mtime_ms=before.mtime_ms,
        ctime_ms=before.ctime_ms,
        time_ms=before.time_ms if now.time_source == "mtime" else now.time_ms,
        finished=True,
    )
    return before.finished and same == before and now.mtime_ms > before.mtime_ms


def _own_record(entry: Entry, read: Entry) -> bool:
    """Return whether the newest read was of what was sighted last, and recorded a digest of it."""
    facts = read.facts
    own = facts["recorded"] == "self" and not facts["problems"] and facts.get("sample")
    return bool(own) and read.idx > entry.idx


def _series(sighting: Sighting) -> tuple[str, str, str]:
    return sighting.location, sighting.component, sighting.series
