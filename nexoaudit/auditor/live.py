"""What the live system says of itself: observed anew by every audit, recorded where it differs."""

from collections.abc import Callable, Iterator

from nexoaudit import evidence
from nexoaudit.auditor.session import Session
from nexoaudit.ledger import Draft
from nexoaudit.live.changes import observe_change

Observer = Callable[[Session], Iterator[Draft]]
"""Looks at one side of the live system; what it could not see it says in the draft itself."""


def live_drafts(session: Session) -> list[Draft]:
    """Return the live facts that are not the ones recorded last."""
    size = session.ledger.size
    known = {entry.subject: entry.facts for entry in session.ledger.latest(("live",), size=size)}
    drafts = [draft for observe in OBSERVERS for draft in observe(session)]
    return [draft for draft in drafts if known.get(draft.subject) != draft.facts]


def _changes(session: Session) -> Iterator[Draft]:
    for component in session.policy.components:
        change = observe_change(component, session.clock())
        if change is not None:
            yield evidence.change_draft(change)


OBSERVERS: tuple[Observer, ...] = (_changes,)
"""Every side of the live system that is looked at."""
