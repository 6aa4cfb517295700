"""The auditor's own health: is it alive, does it know its configuration, did its jobs run?"""

from bisect import bisect_right

from nexoaudit.model.fact import Moment, Span
from nexoaudit.model.job import Job
from nexoaudit.model.state import State
from nexoaudit.model.statement import Attestation, Waiver, counts
from nexoaudit.model.verdict import Status, Verdict

CONTROL = "auditor"
WARN_MS = 15 * 60_000
STALE_MS = 3_600_000
"""A heartbeat older than this is never green, whatever else the state says."""
FUTURE_MS = 5 * 60_000
JOB_GRACE_MS = 2 * 3_600_000
WAIVER_ENDS_MS = 7 * 86_400_000
"""How long before its end a waiver is warned of at most."""


def judge(
    state: State,
    now_ms: int,
    config_sha256: str | None,
    warn_ms: int | None = None,
    fail_ms: int | None = None,
) -> tuple[Verdict, ...]:
    """Judge heartbeat, configuration and jobs.

    `config_sha256` is the digest of the TOML as it is now, None when it cannot be read.
    """
    return (
        _heartbeat(
            state,
            now_ms,
            WARN_MS if warn_ms is None else warn_ms,
            STALE_MS if fail_ms is None else fail_ms,
        ),
        *_configuration(state, config_sha256),
        *(verdict for name in ("report", "drill") for verdict in _job(state, name, now_ms)),
        *_audit(state, now_ms),
        *_last_runs(state),
        *_waivers(state, now_ms),
        *_ignored(state),
    )


def stale(state: State, now_ms: int) -> tuple[Verdict, ...]:
    """Return a verdict that keeps every check from being green when the auditor is dead."""
    age = now_ms - state.heartbeat_ms
    facts = {"heartbeat": Moment(state.heartbeat_ms), "age": Span(age)}
    unseen = _audit(state, now_ms)
    if unseen and age <= STALE_MS:
        return tuple(verdict._replace(status=Status.UNVERIFIED) for verdict in unseen)
    if age > STALE_MS:
        return (Verdict(CONTROL, "", Status.UNVERIFIED, "auditor.stale", facts),)
    if age < -FUTURE_MS:
        return (Verdict(CONTROL, "", Status.UNVERIFIED, "auditor.clock", facts),)
    return ()


def _heartbeat(state: State, now_ms: int, warn_ms: int, fail_ms: int) -> Verdict:
    age = now_ms - state.heartbeat_ms
    facts: dict[str, str | int] = {
        "heartbeat": Moment(state.heartbeat_ms),
        "age": Span(age),
        "warn": Span(warn_ms),
        "fail": Span(fail_ms),
        "entries": state.ledger_size,
    }
    if age < -FUTURE_MS:
        return Verdict(CONTROL, "", Status.FAIL, "auditor.clock", facts)
    if age > min(warn_ms, fail_ms):
        status = Status.FAIL if age > fail_ms else Status.WARN
        return Verdict(CONTROL, "", status, "auditor.late", facts)
    return Verdict(CONTROL, "", Status.PASS, "auditor.alive", facts)


def _configuration(state: State, config_sha256: str | None) -> tuple[Verdict, ...]:
    facts = {"path": state.config_path}
    if config_sha256 is None:
        return (Verdict(CONTROL, "", Status.UNVERIFIED, "auditor.config_unreadable", facts),)
    if config_sha256 != state.config_sha256:
        return (Verdict(CONTROL, "", Status.WARN, "auditor.config_changed", facts),)
    return ()


def _job(state: State, name: str, now_ms: int) -> tuple[Verdict, ...]:
    """Ask for the newest slot of a scheduled job of the auditor's own."""
    slots = state.slots.get(f"auditor.{name}", ())
    due = [
        slot
        for slot in slots
        if state.started_ms < slot and _closed_ms(state, slot) < now_ms - JOB_GRACE_MS
    ]
    if not due:
        return ()
    job = state.jobs.get(name)
    if job is not None and due[-1] <= job.slot_ms <= now_ms:
        return ()
    facts: dict[str, str | int] = {"job": name, "slot": Moment(due[-1])}
    return (Verdict(CONTROL, "", Status.FAIL, "auditor.job_missed", facts),)


def _closed_ms(state: State, slot_ms: int) -> int:
    """Return when all backup windows have closed that are open at a slot: drills wait for that."""
    while True:
        index = [(edges, bisect_right(edges, slot_ms)) for edges in state.windows.values()]
        closings = [edges[n] for edges, n in index if n % 2 and n < len(edges)]
        if not closings:
            return slot_ms
        slot_ms = max(closings)


def _audit(state: State, now_ms: int) -> tuple[Verdict, ...]:
    """Ask for the newest audit: a heartbeat alone proves no look at any backup."""
    job = state.jobs.get("audit")
    slots = [slot for slot in state.slots.get("auditor.audit", ()) if slot <= now_ms]
    due = [slot for slot in slots if state.started_ms < slot < now_ms - JOB_GRACE_MS]
    done_ms = 0 if job is None else job.finished_ms
    facts = {"finished": Moment(done_ms)}
    if done_ms > now_ms + FUTURE_MS:
        return (Verdict(CONTROL, "", Status.FAIL, "auditor.audit_in_future", facts),)
    if due and done_ms < due[-1]:
        return (Verdict(CONTROL, "", Status.FAIL, "auditor.audit_missed", facts),)
    return ()


def _last_runs(state: State) -> tuple[Verdict, ...]:
    return tuple(_failed(job) for job in state.jobs.values() if job.outcome != "pass")


def _failed(job: Job) -> Verdict:
    facts: dict[str, str | int] = {
        "job": job.name,
        "finished": Moment(job.finished_ms),
        "detail": job.detail,
    }
    status = Status.FAIL if job.outcome == "fail" else Status.UNVERIFIED
    return Verdict(CONTROL, "", status, "auditor.job_failed", facts)


def _waivers(state: State, now_ms: int) -> tuple[Verdict, ...]:
    """Warn of waivers that are about to end: what they are about will be told again."""
    ending = [
        item
        for item in state.waivers
        if counts(item) and now_ms < item.until_ms <= now_ms + _notice_ms(item)
    ]
    return tuple(
        Verdict(
            CONTROL,
            "",
            Status.WARN,
            "auditor.waiver_ends",
            {
                "waiver": item.id,
                "about": " ".join(word for word in (item.component, item.control) if word),
                "owner": item.owner,
                "until": Moment(item.until_ms),
            },
        )
        for item in ending
    )


def _notice_ms(waiver: Waiver) -> int:
    """Return how long before its end to warn: of a short one in the second half of its time."""
    return min(WAIVER_ENDS_MS, (waiver.until_ms - waiver.stated_ms) // 2)


def _ignored(state: State) -> tuple[Verdict, ...]:
    """Tell of statements in the ledger that do not count; those about media tell it themselves."""
    found: list[Attestation | Waiver] = [*state.waivers]
    found += [item for item in state.attestations if item.medium is None]
    return tuple(
        Verdict(
            CONTROL,
            "",
            Status.WARN,
            f"statement.{item.standing}",
            {
                "statement": item.id,
                "stated": Moment(item.stated_ms),
                "by": item.by or "?",
                "detail": item.detail,
            },
        )
        for item in found
        if not counts(item)
    )
