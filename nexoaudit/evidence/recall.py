"""The state that a ledger amounts to."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from nexoaudit.errors import LedgerError
from nexoaudit.evidence import histories
from nexoaudit.evidence.binlogs import recall_binlogs, recall_positions
from nexoaudit.evidence.certificates import recall_certificates
from nexoaudit.evidence.copies import as_copy, recall_copies
from nexoaudit.evidence.disks import recall_disks, recall_residues
from nexoaudit.evidence.drills import recall_drills
from nexoaudit.evidence.fits import recall_fits
from nexoaudit.evidence.losses import recall_losses
from nexoaudit.evidence.newest import Newest, newest
from nexoaudit.evidence.people import with_people
from nexoaudit.evidence.runlogs import recall_runlogs
from nexoaudit.evidence.servers import recall_servers
from nexoaudit.evidence.statements import Said, all_said, in_force
from nexoaudit.evidence.stores import recall_stores
from nexoaudit.evidence.sweeps import recall_sweeps
from nexoaudit.evidence.timetables import recall_timetable
from nexoaudit.ledger import Entry, Ledger
from nexoaudit.model.job import Job
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Policy
from nexoaudit.model.server import Server
from nexoaudit.model.state import Change, State
from nexoaudit.rules import content
from nexoaudit.schedule import calendar
from nexoaudit.state.policies import decode_policy
from nexoaudit.state.trees import dated


class _Confirming(NamedTuple):
    """What tells whether points hold what they should, beside the points themselves."""

    policy: Policy
    servers: Mapping[str, Server]
    said: tuple[Said, ...]


def recall(ledger: Ledger, size: int, now: datetime, version: str) -> State:
    """Return the state that the first `size` entries amount to at `now`.

    Raise LedgerError for a ledger that holds no policy yet.
    """
    recorded = next(ledger.latest(("policy",), size=size), None)
    first = ledger.first()
    if recorded is None or first is None:
        raise LedgerError(f"the ledger {ledger.path} is empty: run `nexoaudit audit`")
    policy = decode_policy(recorded.facts["policy"])
    known = newest(ledger, size)
    sweeps, failures = recall_sweeps(ledger, size)
    servers = recall_servers(ledger, size, known.live, policy)
    said = all_said(ledger, size, known.live, policy)
    inside = _inside(ledger, size, known, _Confirming(policy, servers, tuple(in_force(said))))
    state = State(
        policy=policy,
        copies={
            holding: tuple(content.raised(copy, inside.complete) for copy in held)
            for holding, held in dated(recall_copies(ledger, size, known), policy).items()
        },
        histories=inside.histories,
        slots=calendar.slots(policy, now),
        transfers=calendar.transfers(policy, now),
        logs=recall_binlogs(ledger, size, known, policy),
        positions=recall_positions(known, policy),
        windows=calendar.windows(policy, now),
        turned_back=calendar.turned_back(policy, now),
        sweeps=sweeps,
        failures=failures,
        drills=recall_drills(ledger, size),
        changes={
            entry.subject: Change(observed_ms=entry.ts, **entry.facts)
            for entry in known.live.values()
            if ":" not in entry.subject
        },
        jobs={e.subject: Job(**e.facts) for e in ledger.latest(("job",), size=size)},
        residues=recall_residues(known.live),
        disks=recall_disks(ledger, size, known.live, millis(now), sweeps),
        runlogs=recall_runlogs(known.live, policy),
        timetable=None if policy.jobs is None else recall_timetable(ledger, size),
        servers=servers,
        fits=recall_fits(ledger, size, known.live, policy),
        certificates=recall_certificates(known.live),
        losses=recall_losses(ledger, size, known, policy, millis(now)),
        stores=recall_stores(known.live),
        started_ms=first.ts,
        heartbeat_ms=millis(now),
        config_path=recorded.facts["config_path"],
        config_sha256=recorded.facts["config_sha256"],
        ledger_size=size,
        ledger_root=ledger.root(size),
        version=version,
    )
    return with_people(state, said, millis(now))


def _read_whole(read: Entry) -> bool:
    """Return whether the bytes themselves were read: a proof by checksums sees nothing inside."""
    return read.facts.get("proof", "read") in {"read", "decrypted"}


def _inside(ledger: Ledger, size: int, known: Newest, by: _Confirming) -> histories.Known:
    """Return what is known of the inside of points, those included that are no longer there."""
    found = []
    for subject, seen in known.seen.items():
        if subject not in known.reads or not _read_whole(known.reads[subject]):
            continue
        last = known.reads[subject]
        copy = as_copy(seen.entry, last)
        facts = last.facts
        found.append(histories.Read(copy, facts["manifest"], facts["raw_size"], seen.present))
        if histories.rotates(copy):
            past = ledger.since("copy.verified", subject, "", size=size)
            found += [histories.earlier(copy, e.facts) for e in past if e.idx != last.idx]
    return histories.known(by.policy, found, by.said, by.servers)
