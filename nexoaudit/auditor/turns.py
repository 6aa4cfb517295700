"""When the turn of a copy elsewhere comes to be looked at again, and what is no news until then."""

from nexoaudit import evidence
from nexoaudit.auditor.session import Session
from nexoaudit.ledger import Draft, Entry, plain


def turn_ms(session: Session) -> int:
    """Return the moment before which a look is so old that it is repeated.

    That is two thirds of the time within which the policy wants each copy read again.
    """
    within_ms = session.policy.auditor.reverify_s * 1000
    return evidence.millis(session.clock()) - within_ms * 2 // 3


def is_known(draft: Draft, last: Entry | None, since_ms: int) -> bool:
    """Return whether a look found the same problems as the last one, and that was since then.

    What was found sound is always recorded: it was looked at just now.
    """
    if not draft.facts["problems"] or last is None or last.ts <= since_ms:
        return False
    return bool(last.facts == plain(draft.facts))
