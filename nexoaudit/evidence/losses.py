"""Copies that are gone before their time, from the ledger."""

from nexoaudit.evidence.newest import Newest
from nexoaudit.ledger import Ledger
from nexoaudit.model.loss import Loss
from nexoaudit.model.policy import Policy
from nexoaudit.model.sighting import Sighting
from nexoaudit.model.state import Holding

_DAYS_MS = 14 * 86_400_000
"""How long a loss is told of."""


def recall_losses(
    ledger: Ledger, size: int, known: Newest, policy: Policy, now_ms: int
) -> dict[Holding, Loss]:
    """Return per series and location what vanished lately although retention still asked for it.

    What came back is not lost.
    """
    keep = {
        (component.id, series.id): series.keep_s * 1000
        for component in policy.components
        for series in component.series
    }
    found: dict[Holding, Loss] = {}
    gone = ledger.between(now_ms - _DAYS_MS, now_ms + 1, size=size, kinds=("copy.gone",))
    for entry in gone:
        seen = known.seen.get(entry.subject)
        if seen is None or seen.present:
            continue
        sighting = Sighting(**seen.entry.facts)
        keep_ms = keep.get((sighting.component, sighting.series))
        if keep_ms is None or (keep_ms and entry.ts - sighting.time_ms >= keep_ms):
            continue
        key = (sighting.component, sighting.series, sighting.location)
        before = found.get(key, Loss(0, entry.ts))
        found[key] = before._replace(copies=before.copies + 1)
    return found
