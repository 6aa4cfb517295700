"""Test restores, from the ledger."""

from nexoaudit.ledger import Ledger
from nexoaudit.model.drill import Drill
from nexoaudit.state.drills import decode_drill


def recall_drills(ledger: Ledger, size: int) -> tuple[Drill, ...]:
    """Return the newest drill of each kind, component and scenario, oldest first.

    Where that did not pass, the newest one that did is there as well.
    """
    found = []
    for entry in ledger.latest(("drill",), size=size):
        found.append(decode_drill(entry.facts))
        if found[-1].outcome != "pass":
            past = ledger.since("drill", entry.subject, "", size=size)
            good = [item.facts for item in past if item.facts["outcome"] == "pass"]
            found += [decode_drill(facts) for facts in good[-1:]]
    return tuple(sorted(found, key=lambda drill: drill.started_ms))
