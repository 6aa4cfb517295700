"""The exact point-in-time drill on demand: a snapshot, and once the logs reach it the proof."""

from datetime import UTC

from nexoaudit import evidence
from nexoaudit.auditor.moments import place_of, starts
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.snapshots import AWAITED_MS, precedes, reach_of, take, waiting
from nexoaudit.auditor.targets import Target
from nexoaudit.drill.point_in_time import KIND
from nexoaudit.drill.rights import few
from nexoaudit.model.drill import Drill
from nexoaudit.model.snapshot import Snapshot

UNPROVEN = frozenset(
    {"drill.exact_nothing", "drill.exact_other_logs", "drill.exact_unseen", "drill.exact_version"}
)
"""Reason codes of a drill that was not compared with the live server, or with nothing of it."""


def prepare(session: Session, target: Target) -> Snapshot | Drill:
    """Return the snapshot that a drill of the target can be compared with now.

    The one that waits, or one that is taken now. Where there can be none, or the logs do not reach
    it yet, a drill that was not run, and what to do, is returned: it is not to be recorded.
    """
    state, database = session.recall(), target.database
    place = place_of(state, target)
    now_ms = evidence.millis(session.clock())
    snapshot = waiting(session, database)
    if snapshot is not None:
        dumps = [start.position for start in starts(state, database, place)]
        late = now_ms - snapshot.taken_ms > AWAITED_MS
        late = late and not reach_of(state, target, place, snapshot).is_there
        if late or not any(precedes(position, snapshot) for position in dumps):
            snapshot = None
    snapshot = snapshot or take(session, database)
    idle = Drill(KIND, target.component.id, now_ms, 0, "unverified", location=place, of=database)
    if snapshot.reason:
        return idle._replace(reason="drill.exact_unseen", detail=_refusal(snapshot))
    reach = reach_of(state, target, place, snapshot)
    if not reach.is_there:
        return idle._replace(reason="drill.exact_pending", detail=_pending(snapshot, reach.newest))
    return snapshot


def demanded(result: Drill) -> Drill:
    """Return a drill that was to be exact: what could not be compared is not proven."""
    missing = next((code for code in result.problems if code in UNPROVEN), "")
    if result.outcome != "pass" or not missing:
        return result
    said = next((step.detail for step in result.steps if step.name == "exact"), result.detail)
    return result._replace(outcome="unverified", reason=missing, detail=said)


def _pending(snapshot: Snapshot, newest: str) -> str:
    taken = evidence.moment(snapshot.taken_ms).astimezone(UTC)
    rows = sum(held.rows for held in snapshot.sums)
    reached = (
        f"the logs backed up so far end with {newest}" if newest else "no log is backed up yet"
    )
    said = (
        f"{len(snapshot.sums)} tables with {rows} rows were summed up on the live server at"
        f" {snapshot.where}, {taken:%Y-%m-%d %H:%M:%S} UTC; {reached}:"
        " run it again when the next one was copied and audited"
    )
    names = [f"{name} ({why})" for name, why in snapshot.left_out]
    return f"{said}. Left out: {few(names)}" if names else said


def _refusal(snapshot: Snapshot) -> str:
    more = "; it needs SELECT on the database: docs/live.md"
    return f"{snapshot.detail}{more if snapshot.reason == 'server.refused' else ''}"
