"""Snapshots of live servers for exact drills: they wait in the ledger until the logs reach them."""

from typing import NamedTuple

from nexoaudit import evidence, outlook
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.targets import Target
from nexoaudit.drill.exact import TAKEN
from nexoaudit.drill.point_in_time import KIND
from nexoaudit.evidence.snapshots import recall_snapshot, snapshot_draft
from nexoaudit.formats.names import unsealed
from nexoaudit.live.snapshot import observe_snapshot
from nexoaudit.model.binlog import Position, log_number
from nexoaudit.model.snapshot import Snapshot
from nexoaudit.model.state import State

WITHIN_S = 600
"""How long the live server is read at most, where the policy does not say."""
AWAITED_MS = 26 * 3_600_000
"""How long logs are awaited that hold the place of a snapshot."""
_OLD_MS = 7 * 86_400_000
"""A snapshot of longer ago is of no use any more: it would take logs of a week."""


class Reach(NamedTuple):
    """How far the logs go that are backed up at a place, and were read there."""

    newest: str
    """Name of the newest log; empty: there is none."""
    is_there: bool
    """Whether they hold the place of the snapshot."""


def waiting(session: Session, database: str) -> Snapshot | None:
    """Return the newest snapshot of a component's databases, unless a drill was compared with it.

    None as well when it is more than a week old.
    """
    now_ms = evidence.millis(session.clock())
    found = recall_snapshot(session.ledger, session.ledger.size, database)
    if found is None or not 0 <= now_ms - found.taken_ms <= _OLD_MS:
        return None
    compared = {
        drill.measure(TAKEN)
        for drill in session.recall().drills
        if drill.kind == KIND and drill.of == database
    }
    return None if found.taken_ms in compared else found


def take(session: Session, database: str) -> Snapshot:
    """Take a snapshot of a component's databases, record what came of it, and return that."""
    component = session.policy.component(database)
    found = Snapshot(database, "", evidence.millis(session.clock()))
    if component.live is None:
        said = f"there is no [component.{database}.live] to ask the server through"
        return found._replace(reason="snapshot.no_login", detail=said)
    names = sorted(outlook.protected(session.recall(), component))
    if names:
        within_s = component.live.exact_s or WITHIN_S
        now = session.clock()
        found = observe_snapshot(database, component.live, names, now, within_s=within_s)
    else:
        said = (
            f"no dump that was read names its database: set [component.{database}.live] databases"
        )
        found = found._replace(place=component.live.place, reason="snapshot.no_name", detail=said)
    session.append([snapshot_draft(found)])
    return found


def reach_of(state: State, target: Target, place: str, snapshot: Snapshot) -> Reach:
    """Return how far the logs of a point-in-time drill reach at a place."""
    holding = target.component.id, target.series.id, place
    held = {copy.path for copy in state.copies.get(holding, ()) if copy.finished}
    logs = [log for log in state.logs.get(holding, ()) if log.path in held]
    if not logs:
        return Reach("", is_there=False)
    number = log_number(snapshot.log)
    newest = max(logs, key=lambda log: log.number)
    same = any(log.number == number and log.end >= snapshot.offset for log in logs)
    return Reach(unsealed(newest.path.rpartition("/")[2]), same or newest.number > number)


def precedes(position: Position, snapshot: Snapshot) -> bool:
    """Tell whether a dump was made before a snapshot; one that has no position may have been."""
    made = log_number(position.log), position.offset
    return not position.log or made <= (log_number(snapshot.log), snapshot.offset)
