"""Observations as the ledger records them."""

from nexoaudit.ledger import Draft
from nexoaudit.model.drill import Drill
from nexoaudit.model.job import Job
from nexoaudit.model.policy import Policy
from nexoaudit.model.sighting import Sighting, Sweep
from nexoaudit.model.state import Change
from nexoaudit.model.verification import Verification
from nexoaudit.state.drills import encode_drill
from nexoaudit.state.policies import encode_policy
from nexoaudit.state.sweeps import encode_sweep


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
    """Return the record of one read of a copy; its manifest as an object, its prints left out."""
    facts = {**found._asdict(), "manifest": dict(found.manifest)}
    del facts["prints"]
    return Draft("copy.verified", subject_of(sighting.location, sighting.path), facts)


def drill_draft(drill: Drill) -> Draft:
    """Return the record of a test restore."""
    what = drill.component or drill.scenario
    subject = drill_subject(drill.kind, what, drill.series, drill.of)
    return Draft("drill", subject, encode_drill(drill))


def drill_subject(kind: str, component: str, series: str, of: str = "") -> str:
    """Return the ledger's name of the test restores of one kind of one series; see `Drill.of`."""
    return ":".join((kind, component, series, *filter(None, (of,))))


def change_draft(change: Change) -> Draft:
    """Return the record of what an on-change component protects, as it is on the live system.

    Its subject is the component's id; every other live fact has a subject such as `disk:local`.
    """
    facts = {key: value for key, value in change._asdict().items() if key != "observed_ms"}
    return Draft("live", change.component, facts)


def job_draft(job: Job) -> Draft:
    """Return the record of one run of one of the auditor's own jobs."""
    return Draft("job", job.name, job._asdict())


def subject_of(location: str, path: str) -> str:
    """Return the ledger's name of one copy."""
    return f"{location}:{path}"
