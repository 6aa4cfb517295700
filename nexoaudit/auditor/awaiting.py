"""Point-in-time drills by the clock: a snapshot first where policy asks it, then the logs' turn."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import timedelta

from nexoaudit import evidence, points
from nexoaudit.auditor.drills import drill
from nexoaudit.auditor.moments import place_of
from nexoaudit.auditor.quiet import is_quiet
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.snapshots import AWAITED_MS, reach_of, take, waiting
from nexoaudit.auditor.targets import Target
from nexoaudit.errors import WaitError
from nexoaudit.evidence.snapshots import recall_attempt
from nexoaudit.model.drill import Drill
from nexoaudit.model.snapshot import Snapshot

_AUDIT_MS = 3_600_000
"""Logs that were copied in time are seen by the next audit."""


def take_due(session: Session, targets: Iterable[Target], since_ms: int) -> None:
    """Take a snapshot for each point-in-time drill whose policy has `exact`, once since a moment.

    Raise WaitError when a backup window is open, or would open meanwhile.
    """
    for database in dict.fromkeys(target.database for target in targets if target.database):
        login = session.policy.component(database).live
        if login is None or not login.exact_s:
            continue
        last = recall_attempt(session.ledger, session.ledger.size, database)
        if last is not None and last.taken_ms >= since_ms:
            continue
        if not is_quiet(session.policy, session.clock(), timedelta(seconds=login.exact_s)):
            raise WaitError("a backup window is open, or opens before the snapshot would be taken")
        take(session, database)


def drill_in_turn(session: Session, target: Target, since_ms: int) -> Drill:
    """Run a drill; raise WaitError while logs are due that hold the snapshot taken for it."""
    if target.database:
        snapshot = waiting(session, target.database)
        if snapshot is not None and snapshot.taken_ms >= since_ms:
            _await_logs(session, target, snapshot)
    return drill(session, target)


def _await_logs(session: Session, target: Target, snapshot: Snapshot) -> None:
    state = session.recall()
    place = place_of(state, target)
    if reach_of(state, target, place, snapshot).is_there:
        return
    slots = state.slots.get(target.component.id, ())
    index = bisect_left(slots, snapshot.taken_ms)
    until_ms = snapshot.taken_ms + AWAITED_MS
    if index < len(slots):
        until_ms = points.due_ms(state, target.component, place, slots[index]) + _AUDIT_MS
    if evidence.millis(session.clock()) < until_ms:
        raise WaitError(f"the logs do not reach {snapshot.where} yet")
