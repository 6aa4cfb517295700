"""Observations to and from the ledger: what is recorded, and the state that it amounts to."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from nexoaudit import histories
from nexoaudit.disks import recall_disks, recall_residues
from nexoaudit.errors import LedgerError
from nexoaudit.ledger import Draft, Entry, Ledger
from nexoaudit.model.binlog import LogFile, Position
from nexoaudit.model.certificate import Certificates
from nexoaudit.model.copy import Assurance, Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.job import Job
from nexoaudit.model.policy import Policy
from nexoaudit.model.server import Server
from nexoaudit.model.sighting import Sighting, Sweep
from nexoaudit.model.state import Change, Holding, State
from nexoaudit.model.verification import Verification
from nexoaudit.rules import content
from nexoaudit.runlogs import recall_logs
from nexoaudit.schedule import calendar
from nexoaudit.servers import recall_servers
from nexoaudit.sighted import as_copy, same_bytes
from nexoaudit.state.certificates import decode_certificates
from nexoaudit.state.codec import decode_drill, decode_policy, encode_drill, encode_policy
from nexoaudit.state.logs import log_file, position
from nexoaudit.state.sweeps import decode_sweep, encode_sweep
from nexoaudit.state.trees import dated
from nexoaudit.timetables import recall_timetable

CERTIFICATES = "certificates:"
PRESENCE = ("copy.seen", "copy.changed", "copy.gone")


def policy_draft(policy: Policy, path: str, sha256: str) -> Draft:
    """Return the record of the configuration in force."""
    facts = {"policy": encode_policy(policy), "config_path": path, "config_sha256": sha256}
    return Draft("policy", "policy", facts)


def sweep_draft(sweep: Sweep) -> Draft:
    """Return the record of one listing."""
    return Draft("sweep", sweep.location, encode_sweep(sweep))


def sighting_draft(kind: str, sighting: Sighting) -> Draft:
    """Return the record of a copy that was seen for the first time or changed."""
    return Draft(kind, subject_of(sighting.location, sighting.path), sighting._asdict())


def gone_draft(location: str, path: str) -> Draft:
    """Return the record of a copy that a complete sweep no longer found."""
    return Draft("copy.gone", subject_of(location, path), {})


def verified_draft(sighting: Sighting, found: Verification) -> Draft:
    """Return the record of one read of a copy; its manifest as an object."""
    facts = {**found._asdict(), "manifest": dict(found.manifest)}
    return Draft("copy.verified", subject_of(sighting.location, sighting.path), facts)


def drill_draft(drill: Drill) -> Draft:
    """Return the record of a test restore."""
    return Draft("drill", f"{drill.kind}:{drill.component}:{drill.series}", encode_drill(drill))


def change_draft(change: Change) -> Draft:
    """Return the record of what an on-change component protects, as it is on the live system.

    Its subject is the component's id; every other live fact has a subject such as `disk:local`.
    """
    facts = {key: value for key, value in change._asdict().items() if key != "observed_ms"}
    return Draft("live", change.component, facts)


def certificates_draft(found: Certificates) -> Draft:
    """Return the record of the certificates that are in use."""
    facts = {
        "component": found.component,
        "files": [file._asdict() for file in found.files],
    }
    return Draft("live", CERTIFICATES + found.component, facts)


def job_draft(job: Job) -> Draft:
    """Return the record of one run of one of the auditor's own jobs."""
    return Draft("job", job.name, job._asdict())


def subject_of(location: str, path: str) -> str:
    """Return the ledger's name of one copy."""
    return f"{location}:{path}"


def present(ledger: Ledger, size: int) -> dict[str, Entry]:
    """Return by subject the sighting of every copy that was there when it was last looked for."""
    return {name: seen.entry for name, seen in _seen(ledger, size).items() if seen.present}


class _Seen(NamedTuple):
    """The newest sighting of a copy, and whether it was there when it was last looked for."""

    entry: Entry
    present: bool


def _seen(ledger: Ledger, size: int) -> dict[str, _Seen]:
    found: dict[str, _Seen] = {}
    for entry in ledger.latest(PRESENCE, size=size):
        if entry.kind != "copy.gone":
            found[entry.subject] = _Seen(entry, present=True)
        elif entry.subject in found:
            found[entry.subject] = found[entry.subject]._replace(present=False)
    return found


def reads(ledger: Ledger, size: int) -> dict[str, Entry]:
    """Return by subject the newest verification of each copy."""
    return {entry.subject: entry for entry in ledger.latest(("copy.verified",), size=size)}


def recall(ledger: Ledger, size: int, now: datetime, version: str) -> State:
    """Return the state that the first `size` entries amount to at `now`.

    Raise LedgerError for a ledger that holds no policy yet.
    """
    recorded = next(ledger.latest(("policy",), size=size), None)
    first = ledger.first()
    if recorded is None or first is None:
        raise LedgerError(f"the ledger {ledger.path} is empty: run `nexoaudit audit`")
    policy = decode_policy(recorded.facts["policy"])
    sweeps, failures = _sweeps(ledger, size)
    servers = recall_servers(ledger, size, policy)
    inside = _inside(ledger, size, policy, servers)
    return State(
        policy=policy,
        copies={
            holding: tuple(content.raised(copy, inside.complete) for copy in held)
            for holding, held in dated(_copies(ledger, size), policy).items()
        },
        histories=inside.histories,
        slots=calendar.slots(policy, now),
        transfers=calendar.transfers(policy, now),
        logs=_logs(ledger, size, policy),
        positions=_positions(ledger, size, policy),
        windows=calendar.windows(policy, now),
        turned_back=calendar.turned_back(policy, now),
        sweeps=sweeps,
        failures=failures,
        drills=tuple(decode_drill(e.facts) for e in ledger.latest(("drill",), size=size)),
        changes={
            entry.subject: Change(observed_ms=entry.ts, **entry.facts)
            for entry in ledger.latest(("live",), size=size)
            if ":" not in entry.subject
        },
        jobs={e.subject: Job(**e.facts) for e in ledger.latest(("job",), size=size)},
        residues=recall_residues(ledger, size),
        disks=recall_disks(ledger, size, millis(now), sweeps),
        runlogs=recall_logs(ledger, size, policy),
        timetable=None if policy.jobs is None else recall_timetable(ledger, size),
        servers=servers,
        certificates=decode_certificates(
            entry.facts
            for entry in ledger.latest(("live",), size=size)
            if entry.subject.startswith(CERTIFICATES)
        ),
        started_ms=first.ts,
        heartbeat_ms=millis(now),
        config_path=recorded.facts["config_path"],
        config_sha256=recorded.facts["config_sha256"],
        ledger_size=size,
        ledger_root=ledger.root(size),
        version=version,
    )


def millis(moment: datetime) -> int:
    """Return an aware moment as milliseconds since the epoch."""
    return int(moment.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """Return milliseconds since the epoch as an aware moment in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def _inside(
    ledger: Ledger, size: int, policy: Policy, servers: Mapping[str, Server]
) -> histories.Known:
    """Return what is known of the inside of points, those included that are no longer there."""
    newest = reads(ledger, size)
    found = []
    for subject, seen in _seen(ledger, size).items():
        if subject not in newest:
            continue
        last = newest[subject]
        copy = as_copy(seen.entry, last)
        facts = last.facts
        found.append(histories.Read(copy, facts["manifest"], facts["raw_size"], seen.present))
        if histories.rotates(copy):
            past = ledger.since("copy.verified", subject, "", size=size)
            found += [histories.earlier(copy, e.facts) for e in past if e.idx != last.idx]
    statements = ledger.latest(("attestation",), size=size)
    return histories.known(policy, found, statements, servers)


def _copies(ledger: Ledger, size: int) -> dict[Holding, tuple[Copy, ...]]:
    newest = reads(ledger, size)
    held: dict[Holding, list[Copy]] = {}
    for subject, entry in present(ledger, size).items():
        copy = as_copy(entry, newest.get(subject))
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


def _found(
    ledger: Ledger, size: int, policy: Policy, kind: str
) -> Iterator[tuple[str, Entry, Holding]]:
    """Yield (path, newest read, holding) of the copies of a kind whose bytes were read."""
    kinds = {component.id for component in policy.components if component.kind == kind}
    newest = reads(ledger, size)
    for subject, entry in present(ledger, size).items():
        read = newest.get(subject)
        if entry.facts["component"] not in kinds or read is None:
            continue
        sighting = Sighting(**entry.facts)
        if read.facts["sha256"] and same_bytes(sighting, read.facts):
            yield sighting.path, read, (sighting.component, sighting.series, sighting.location)


def _logs(ledger: Ledger, size: int, policy: Policy) -> dict[Holding, tuple[LogFile, ...]]:
    held: dict[Holding, list[LogFile]] = {}
    for path, read, holding in _found(ledger, size, policy, "binlog"):
        found = log_file(path, read.facts["manifest"], _altered_ms(ledger, size, read))
        if found is not None:
            held.setdefault(holding, []).append(found)
    return {key: tuple(sorted(files, key=_by_number)) for key, files in held.items()}


def _altered_ms(ledger: Ledger, size: int, newest: Entry) -> int:
    """Return when this log was first read closed and sound, if it had other bytes then; else 0."""
    for read in ledger.since("copy.verified", newest.subject, "copy.gone", size=size):
        manifest = read.facts["manifest"]
        closed = manifest.get("closed") and not manifest.get("in_use")
        if closed and not read.facts["problems"]:
            return read.ts if read.facts["sha256"] != newest.facts["sha256"] else 0
    return 0


def _by_number(file: LogFile) -> tuple[int, str]:
    return file.number, file.path


def _positions(ledger: Ledger, size: int, policy: Policy) -> dict[Holding, tuple[Position, ...]]:
    held: dict[Holding, list[Position]] = {}
    for path, read, holding in _found(ledger, size, policy, "database"):
        held.setdefault(holding, []).append(position(path, read.facts["manifest"]))
    return {key: tuple(found) for key, found in held.items()}


def _sweeps(ledger: Ledger, size: int) -> tuple[dict[str, Sweep], dict[str, Sweep]]:
    """Return per location the newest complete sweep, and the failed one that came after it."""
    complete: dict[str, Sweep] = {}
    failed: dict[str, Sweep] = {}
    for entry in ledger.latest(("sweep",), size=size):
        sweep = decode_sweep(entry.facts)
        (complete if sweep.outcome == "complete" else failed)[sweep.location] = sweep
    for location in failed:
        last = ledger.last_where("sweep", location, "outcome", "complete", size=size)
        if last is not None:
            complete[location] = decode_sweep(last.facts)
    return complete, failed
