"""Versions of deployed code and of its database, to and from the ledger."""

from collections.abc import Mapping

from nexoaudit.ledger import Draft, Entry, Ledger
from nexoaudit.model.fit import Fit
from nexoaudit.model.policy import Policy

_NOUN = "schema"


def fit_draft(fit: Fit) -> Draft:
    """Return the record of what both say."""
    facts = {"code": fit.code, "schema": fit.schema, "detail": fit.detail}
    return Draft("live", f"{_NOUN}:{fit.component}", facts)


def recall_fits(
    ledger: Ledger, size: int, live: Mapping[str, Entry], policy: Policy
) -> dict[str, Fit]:
    """Return what is known, by component, of those whose policy asks; `live` is newest by subject.

    They are so since they were first seen so, whatever could not be seen in between.
    """
    found = {}
    for component in policy.components:
        newest = live.get(f"{_NOUN}:{component.id}")
        if component.schema is not None and newest is not None:
            seen = list(ledger.since("live", newest.subject, "", size=size))
            found[component.id] = Fit(component.id, **newest.facts, since_ms=_since_ms(seen))
    return found


def _since_ms(seen: list[Entry]) -> int:
    newest = since = seen[-1]
    for entry in reversed(seen):
        if entry.facts == newest.facts:
            since = entry
        elif not entry.facts["detail"]:
            break
    return since.ts
