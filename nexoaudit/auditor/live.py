"""What the live system says of itself: observed anew by every audit, recorded where it differs."""

from collections.abc import Callable, Iterator, Mapping
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.auditor.session import Session
from nexoaudit.evidence.certificates import certificates_draft
from nexoaudit.evidence.disks import disk_draft, residues_draft
from nexoaudit.evidence.fits import fit_draft
from nexoaudit.evidence.runlogs import log_drafts
from nexoaudit.evidence.servers import server_draft
from nexoaudit.evidence.stores import store_draft
from nexoaudit.evidence.timetables import script_draft, timetable_draft
from nexoaudit.ledger import Draft, Entry
from nexoaudit.live.certificates import observe_certificates
from nexoaudit.live.changes import observe_change
from nexoaudit.live.disk import observe_disk
from nexoaudit.live.fits import observe_fit
from nexoaudit.live.jobs import observe_jobs
from nexoaudit.live.logs import observe_logs
from nexoaudit.live.place import observe_place, observe_site
from nexoaudit.live.residues import residues
from nexoaudit.live.server import observe_server

Observer = Callable[[Session], Iterator[Draft]]
"""Looks at one side of the live system; what it could not see it says in the draft itself."""


def live_drafts(session: Session, known: Mapping[str, Entry]) -> list[Draft]:
    """Return the live facts that are not the ones recorded last, which are `known` by subject."""
    drafts = [draft for observe in OBSERVERS for draft in observe(session)]
    return [
        draft
        for draft in drafts
        if draft.subject not in known or known[draft.subject].facts != draft.facts
    ]


def _changes(session: Session) -> Iterator[Draft]:
    for component in session.policy.components:
        change = observe_change(component, session.clock())
        if change is not None:
            yield evidence.change_draft(change)


def _disks(session: Session) -> Iterator[Draft]:
    policy = session.policy
    zone = ZoneInfo(policy.site.timezone)
    for location in (place for place in policy.locations if place.kind == "path"):
        disk = observe_disk(location, policy.components, session.clock(), zone)
        yield disk_draft(disk)


def _places(session: Session) -> Iterator[Draft]:
    now = session.clock()
    yield store_draft(observe_site(now))
    for location in session.policy.locations:
        if location.kind == "path":
            yield store_draft(observe_place(location, now))


def _jobs(session: Session) -> Iterator[Draft]:
    policy = session.policy
    if policy.jobs is None:
        return
    table = observe_jobs(policy, policy.jobs)
    yield timetable_draft(table)
    yield from map(script_draft, table.scripts)
    zone = ZoneInfo(policy.site.timezone)
    for log in observe_logs(policy.jobs, zone, session.clock()):
        yield from log_drafts(log, zone)


def _servers(session: Session) -> Iterator[Draft]:
    for component in session.policy.components:
        if component.live is not None:
            yield server_draft(observe_server(component.id, component.live, session.clock()))


def _fits(session: Session) -> Iterator[Draft]:
    for component in session.policy.components:
        if component.schema is not None:
            login = session.policy.component(component.schema.component).live
            yield fit_draft(observe_fit(component.id, component.schema, login))


def _residues(session: Session) -> Iterator[Draft]:
    yield residues_draft(residues(session.policy.site.residues, session.clock()))


def _certificates(session: Session) -> Iterator[Draft]:
    for component in session.policy.components:
        if component.kind == "config" and component.watch:
            yield certificates_draft(observe_certificates(component))


OBSERVERS: tuple[Observer, ...] = (
    _changes,
    _certificates,
    _disks,
    _places,
    _jobs,
    _servers,
    _fits,
    _residues,
)
"""Every side of the live system that is looked at."""
