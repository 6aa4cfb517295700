"""The audit of the locations that lie elsewhere: list them, and prove their copies from here."""

from nexoaudit import evidence
from nexoaudit.auditor.proving import Prover
from nexoaudit.auditor.reading import Batch, Progress
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.sightings import Elsewhere, Sightings, by_subject, differences
from nexoaudit.errors import LocationError, NexoError, SecretError, ToolError
from nexoaudit.evidence.stores import store_draft
from nexoaudit.inventory.sweep import sweep
from nexoaudit.ledger import Draft, Entry
from nexoaudit.locations.open import open_transport
from nexoaudit.locations.transport import Transport
from nexoaudit.model.location import Location
from nexoaudit.model.sighting import Sighting, Sweep

_DEADLINE_S = 300
"""How long one call to a location may take, a whole listing included."""
_AT_ONCE = 2000
"""Copies that one audit asks for at most because their turn to be looked at again has come."""


def audit_elsewhere(session: Session, progress: Progress, *, reread: bool) -> list[Elsewhere]:
    """List every location of another place, prove what is new there, record and return it.

    With `reread` every copy is asked for again. A location that cannot be reached, or not to the
    end, gives a failed sweep; what was known of it stays.
    """
    return [
        _audit(session, location, progress, reread=reread)
        for location in session.policy.locations
        if location.remote
    ]


def _audit(session: Session, location: Location, progress: Progress, *, reread: bool) -> Elsewhere:
    newest = evidence.newest(session.ledger, session.ledger.size)
    known = {
        subject: entry
        for subject, entry in newest.present.items()
        if entry.facts["location"] == location.id
    }
    done = Elsewhere(Sweep(location.id, evidence.millis(session.clock()), "failed"))
    try:
        with open_transport(location, deadline_s=_DEADLINE_S) as transport:
            _look(session, transport, newest.live)
            result, found = sweep(location, session.policy, session.clock(), transport)
            sightings = by_subject(found)
            drafts = differences(known, [result], sightings)
            session.append([evidence.sweep_draft(result), *drafts])
            done = Elsewhere(result, tuple(draft.kind for draft in drafts))
            session.beat()
            prover = Prover(session, location, transport, newest)
            proven = _prove(session, prover, sightings, progress, reread=reread)
            return done._replace(proven=proven)
    except (LocationError, SecretError, ToolError) as error:
        failed = _failed(session, location, error)
        return done._replace(sweep=failed)


def _look(session: Session, transport: Transport, live: dict[str, Entry]) -> None:
    """Record which place it is and how it keeps what it holds, where that is news."""
    draft = store_draft(transport.store(session.clock()))
    if draft.subject not in live or live[draft.subject].facts != draft.facts:
        session.append([draft])


def _prove(
    session: Session, prover: Prover, sightings: Sightings, progress: Progress, *, reread: bool
) -> int:
    waiting = _waiting(prover, sightings, reread=reread)
    progress.start(len(waiting), 0)
    done = 0
    with Batch(session) as batch:
        for sighting, drafts in prover.prove(waiting):
            progress.copy(sighting)
            _add(batch, drafts, sighting)
            session.beat()
            done += 1
    return done


def _add(batch: Batch, drafts: list[Draft], sighting: Sighting) -> None:
    for draft in drafts:
        batch.add(draft, sighting.size)


def _waiting(prover: Prover, sightings: Sightings, *, reread: bool) -> list[Sighting]:
    """Return what is to be proven, newest points first; then those whose turn has come again."""
    finished = [sighting for sighting in sightings.values() if sighting.finished]
    new = [sighting for sighting in finished if reread or prover.is_new(sighting)]
    new.sort(key=lambda sighting: sighting.time_ms, reverse=True)
    chosen = {(sighting.location, sighting.path) for sighting in new}
    again = [
        sighting
        for sighting in finished
        if (sighting.location, sighting.path) not in chosen
        and prover.proven_ms(sighting) <= prover.turn_ms
    ]
    again.sort(key=prover.proven_ms)
    return new + again[:_AT_ONCE]


def _failed(session: Session, location: Location, error: NexoError) -> Sweep:
    reason = error.reason if isinstance(error, LocationError) else "location.unreachable"
    now_ms = evidence.millis(session.clock())
    failed = Sweep(location.id, now_ms, "failed", reason, str(error))
    session.append([evidence.sweep_draft(failed)])
    return failed
