"""Snapshots of live servers to and from the ledger."""

from nexoaudit.ledger import Draft, Ledger
from nexoaudit.model.snapshot import Snapshot
from nexoaudit.state.snapshots import decode_snapshot, encode_snapshot

_NOUN = "snapshot"


def snapshot_draft(snapshot: Snapshot) -> Draft:
    """Return the record of a snapshot that was taken, or could not be."""
    return Draft("live", f"{_NOUN}:{snapshot.component}", encode_snapshot(snapshot))


def recall_snapshot(ledger: Ledger, size: int, component: str) -> Snapshot | None:
    """Return the newest snapshot of a component that could be taken; None: there is none."""
    subject = f"{_NOUN}:{component}"
    entry = ledger.last_where("live", subject, "outcome", "complete", size=size)
    return None if entry is None else decode_snapshot(entry.facts)


def recall_attempt(ledger: Ledger, size: int, component: str) -> Snapshot | None:
    """Return the newest snapshot of a component, whatever came of it."""
    entries = ledger.since("live", f"{_NOUN}:{component}", "", size=size)
    newest = max(entries, key=lambda entry: entry.idx, default=None)
    return None if newest is None else decode_snapshot(newest.facts)
