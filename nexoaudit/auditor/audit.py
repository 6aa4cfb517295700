"""The audit: sweep every location, verify what is new, record it, publish the state."""

from pathlib import Path
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.auditor.live import live_drafts
from nexoaudit.auditor.session import Session
from nexoaudit.inventory.sweep import sweep
from nexoaudit.ledger import Draft, Entry
from nexoaudit.locations.directory import locate
from nexoaudit.model.job import Job
from nexoaudit.model.sighting import Sighting, Sweep
from nexoaudit.model.state import State
from nexoaudit.schedule.cron import last_slot
from nexoaudit.verification.verify import verify

_BATCH = 25
_BATCH_BYTES = 256 << 20
"""Reads that are appended in one transaction: an interruption loses no more than these."""
_PASSING = frozenset(
    {
        "file.unreadable",
        "file.read_error",
        "file.changed",
        "file.vanished",
        "sidecar.unreadable",
    }
)
"""Problems that may be gone at the next look: such a copy is read again by every audit."""


class Progress(Protocol):
    """Someone who watches an audit."""

    def start(self, copies: int, size: int) -> None:
        """`copies` are about to be read, `size` bytes in all."""

    def copy(self, sighting: Sighting) -> None:
        """The read of this copy begins."""

    def advance(self, size: int) -> None:
        """`size` more bytes have been read."""


class Unwatched:
    """Progress that nobody looks at."""

    def start(self, copies: int, size: int) -> None:
        """Ignore it."""

    def copy(self, sighting: Sighting) -> None:
        """Ignore it."""

    def advance(self, size: int) -> None:
        """Ignore it."""


class Outcome(NamedTuple):
    """What one audit did."""

    seen: int
    changed: int
    gone: int
    verified: int
    failed: tuple[Sweep, ...]
    """Sweeps of locations that could not be listed."""
    state: State


def audit(session: Session, progress: Progress, *, reread: bool = False) -> Outcome:
    """Sweep, verify what is new or changed (with `reread`, everything), record and publish.

    An interruption keeps what was read so far: the next audit goes on from there.
    """
    known = evidence.present(session.ledger, session.ledger.size)
    sweeps, sightings = _sweep_all(session)
    drafts = _differences(known, sweeps, sightings)
    listings = [evidence.sweep_draft(item) for item in sweeps]
    session.append([*listings, *drafts, *live_drafts(session)])
    waiting = _unread(session, sightings, reread=reread)
    progress.start(len(waiting), sum(sighting.size for sighting in waiting))
    try:
        verified = _verify_all(session, waiting, progress)
    finally:
        _record_run(session)
        state = session.publish()
    kinds = [draft.kind for draft in drafts]
    return Outcome(
        kinds.count("copy.seen"),
        kinds.count("copy.changed"),
        kinds.count("copy.gone"),
        verified,
        tuple(item for item in sweeps if item.outcome == "failed"),
        state,
    )


def _sweep_all(session: Session) -> tuple[list[Sweep], dict[str, Sighting]]:
    """Return the sweeps, and by subject every copy they saw."""
    sweeps: list[Sweep] = []
    sightings: dict[str, Sighting] = {}
    for location in session.policy.locations:
        result, found = sweep(location, session.policy, session.clock())
        sweeps.append(result)
        for sighting in found:
            sightings[evidence.subject_of(sighting.location, sighting.path)] = sighting
    return sweeps, sightings


def _differences(
    known: dict[str, Entry], sweeps: list[Sweep], sightings: dict[str, Sighting]
) -> list[Draft]:
    """Return what is new, changed or gone; a location that could not be listed has lost nothing."""
    drafts = []
    for subject, sighting in sightings.items():
        draft = evidence.sighting_draft("copy.seen", sighting)
        if subject not in known:
            drafts.append(draft)
        elif known[subject].facts != draft.facts:
            drafts.append(draft._replace(kind="copy.changed"))
    listed = {item.location for item in sweeps if item.outcome == "complete"}
    for subject, entry in known.items():
        location, path = entry.facts["location"], entry.facts["path"]
        if location in listed and subject not in sightings:
            drafts.append(evidence.gone_draft(location, path))
    return drafts


def _unread(session: Session, sightings: dict[str, Sighting], *, reread: bool) -> list[Sighting]:
    """Return the finished copies whose newest read, if any, is older than their newest sighting."""
    size = session.ledger.size
    seen = evidence.present(session.ledger, size)
    reads = evidence.reads(session.ledger, size)
    waiting = []
    for subject, sighting in sightings.items():
        if not sighting.finished:
            continue
        read = reads.get(subject)
        stale = read is None or read.idx < seen[subject].idx
        if reread or stale or (read is not None and _PASSING & set(read.facts["problems"])):
            waiting.append(sighting)
    return sorted(waiting, key=lambda sighting: sighting.time_ms, reverse=True)


def _verify_all(session: Session, waiting: list[Sighting], progress: Progress) -> int:
    """Read each copy once, newest first, and append the results in batches."""
    batch: list[Draft] = []
    held = done = 0
    try:
        for sighting in waiting:
            progress.copy(sighting)
            batch.append(_verify_one(session, sighting, progress))
            done += 1
            held += sighting.size
            if len(batch) >= _BATCH or held >= _BATCH_BYTES:
                session.append(batch)
                batch, held = [], 0
    finally:
        if batch:
            session.append(batch)
    return done


def _verify_one(session: Session, sighting: Sighting, progress: Progress) -> Draft:
    policy = session.policy
    component = policy.component(sighting.component)
    series = next(item for item in component.series if item.id == sighting.series)
    root = Path(policy.location(sighting.location).path)
    found = verify(
        locate(root, sighting.path),
        kind=component.kind,
        sidecar=locate(root, sighting.sidecar) if sighting.sidecar else None,
        expects_sidecar=series.sidecar,
        point_ms=sighting.time_ms,
        time_source=sighting.time_source,
        zone=ZoneInfo(policy.site.timezone),
        now=session.clock(),
        progress=lambda size: _advance(session, progress, size),
    )
    return evidence.verified_draft(sighting, found)


def _advance(session: Session, progress: Progress, size: int) -> None:
    progress.advance(size)
    session.beat()


def _record_run(session: Session) -> None:
    """Record the run only when its slot is a new one: the heartbeat is in the state."""
    now = session.clock()
    zone = ZoneInfo(session.policy.site.timezone)
    slot = last_slot(session.policy.auditor.audit, zone, now)
    slot_ms = evidence.millis(slot or now)
    session.append([evidence.job_draft(Job("audit", slot_ms, evidence.millis(now), "pass"))])
