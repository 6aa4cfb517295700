"""The audit: sweep every location, verify what is new, record it, publish the state."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.auditor.indexes import Indexes
from nexoaudit.auditor.live import live_drafts
from nexoaudit.auditor.reading import Progress, Unwatched, read_all
from nexoaudit.auditor.renewed import renewed
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.sightings import Elsewhere, by_subject, differences
from nexoaudit.auditor.statements import signature_drafts
from nexoaudit.auditor.trees import is_tree, read_trees, with_generations
from nexoaudit.inventory.sweep import sweep
from nexoaudit.ledger import Entry
from nexoaudit.model.job import Job
from nexoaudit.model.sighting import Sighting, Sweep
from nexoaudit.model.state import State
from nexoaudit.schedule.cron import last_slot
from nexoaudit.verification.contents import looked_for

_PASSING = frozenset(
    {
        "file.reader_died",
        "file.unreadable",
        "file.read_error",
        "file.changed",
        "file.vanished",
        "sidecar.unreadable",
    }
)
"""Problems that may be gone at the next look: such a copy is read again by every audit."""

__all__ = ["Outcome", "Progress", "Unwatched", "audit", "sweep_all"]


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
    before = session.ledger.size
    newest = evidence.newest(session.ledger, before)
    known = {
        subject: entry
        for subject, entry in newest.present.items()
        if entry.facts["location"] in _here(session)
    }
    sweeps, sightings = sweep_all(session)
    if not reread:
        sightings |= renewed(session, sightings, known, newest.reads)
    drafts = differences(known, sweeps, sightings)
    listings = [evidence.sweep_draft(item) for item in sweeps]
    live = [*live_drafts(session, newest.live), *signature_drafts(session, newest.live)]
    session.append([*listings, *drafts, *live])
    seen = list(sightings.values())
    waiting = _unread(session, sightings, newest.reads, reread=reread)
    files = [sighting for sighting in waiting if not is_tree(sighting)]
    trees = with_generations([sighting for sighting in waiting if is_tree(sighting)], seen)
    progress.start(len(files) + len(trees), sum(sighting.size for sighting in files + trees))
    indexes = Indexes(session, before, files)
    try:
        verified = read_all(session, files, progress, indexes)
        verified += read_trees(session, trees, seen, progress, reread=reread)
        elsewhere = _elsewhere(session, progress, reread=reread)
    finally:
        _record_run(session)
        state = session.publish()
    indexes.settle(state)
    kinds = [draft.kind for draft in drafts] + [kind for item in elsewhere for kind in item.kinds]
    sweeps += [item.sweep for item in elsewhere]
    return Outcome(
        kinds.count("copy.seen"),
        kinds.count("copy.changed"),
        kinds.count("copy.gone"),
        verified + sum(item.proven for item in elsewhere),
        tuple(item for item in sweeps if item.outcome == "failed"),
        state,
    )


def _elsewhere(session: Session, progress: Progress, *, reread: bool) -> list[Elsewhere]:
    if not any(location.remote for location in session.policy.locations):
        return []
    from nexoaudit.auditor.elsewhere import audit_elsewhere  # noqa: PLC0415 - loads much

    return audit_elsewhere(session, progress, reread=reread)


def _here(session: Session) -> frozenset[str]:
    """Return the locations that are directories of this machine."""
    return frozenset(place.id for place in session.policy.locations if place.kind == "path")


def sweep_all(session: Session) -> tuple[list[Sweep], dict[str, Sighting]]:
    """Return the sweeps of this machine's directories, and by subject every copy they saw."""
    sweeps: list[Sweep] = []
    sightings: dict[str, Sighting] = {}
    for location in session.policy.locations:
        if location.kind == "path":
            result, found = sweep(location, session.policy, session.clock())
            sweeps.append(result)
            sightings |= by_subject(found)
    return sweeps, sightings


def _unread(
    session: Session, sightings: dict[str, Sighting], reads: dict[str, Entry], *, reread: bool
) -> list[Sighting]:
    """Return the finished copies whose newest read, if any, is older than their newest sighting."""
    seen = evidence.present(session.ledger, session.ledger.size)
    anew = _asked_anew(session, sightings, reads)
    waiting = []
    for subject, sighting in sightings.items():
        if not sighting.finished:
            continue
        read = reads.get(subject)
        if reread or read is None or read.idx < seen[subject].idx or subject in anew:
            waiting.append(sighting)
            continue
        # What opens it may have been brought since.
        place = session.policy.location(sighting.location)
        ends = _PASSING | {"sealed.no_key"} if place.passphrase_file else _PASSING
        if ends & set(read.facts["problems"]):
            waiting.append(sighting)
    return sorted(waiting, key=lambda sighting: sighting.time_ms, reverse=True)


def _asked_anew(
    session: Session, sightings: dict[str, Sighting], reads: dict[str, Entry]
) -> set[str]:
    """Return the newest copy of each series whose read did not look for a path that policy names.

    Older ones are looked at anew when their turn to be read again comes.
    """
    newest: dict[tuple[str, str, str], str] = {}
    for subject, sighting in sorted(sightings.items(), key=lambda item: item[1].time_ms):
        if sighting.finished and subject in reads:
            newest[sighting.location, sighting.component, sighting.series] = subject
    return {
        subject
        for (_, component, _), subject in newest.items()
        if not looked_for(session.policy.component(component), reads[subject].facts["manifest"])
    }


def _record_run(session: Session) -> None:
    """Record the run only when its slot is a new one: the heartbeat is in the state."""
    now = session.clock()
    zone = ZoneInfo(session.policy.site.timezone)
    slot = last_slot(session.policy.auditor.audit, zone, now)
    slot_ms = evidence.millis(slot or now)
    session.append([evidence.job_draft(Job("audit", slot_ms, evidence.millis(now), "pass"))])
