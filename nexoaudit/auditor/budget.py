"""How many bytes may still be fetched from a location today."""

from datetime import timedelta

from nexoaudit import evidence
from nexoaudit.auditor.session import Session
from nexoaudit.model.location import Location

_FETCHED = frozenset({"read", "decrypted"})


class Budget:
    """The location's bytes a day, less what the ledger says was fetched in the last 24 hours."""

    def __init__(self, session: Session, location: Location) -> None:
        now = session.clock()
        start_ms, end_ms = (
            evidence.millis(now - timedelta(days=1)),
            evidence.millis(now) + 1,
        )
        begin = f"{location.id}:"
        entries = session.ledger.between(
            start_ms, end_ms, size=session.ledger.size, kinds=("copy.verified",)
        )
        spent = sum(
            entry.facts["size"]
            for entry in entries
            if entry.subject.startswith(begin) and entry.facts.get("proof") in _FETCHED
        )
        self.left: int = location.download - spent
        """Bytes."""

    def allows(self, size: int) -> bool:
        """Return whether a file of that many bytes may be fetched."""
        return size <= self.left

    def spend(self, size: int) -> None:
        """Take bytes that are fetched now."""
        self.left -= size
