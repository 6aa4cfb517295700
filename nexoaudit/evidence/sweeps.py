"""Listings of locations, from the ledger."""

from nexoaudit.ledger import Ledger
from nexoaudit.model.sighting import Sweep
from nexoaudit.state.sweeps import decode_sweep


def recall_sweeps(ledger: Ledger, size: int) -> tuple[dict[str, Sweep], dict[str, Sweep]]:
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
