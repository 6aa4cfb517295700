"""The checksums of copies, each set recorded once under its SHA-256: they outlive the copies."""

from collections.abc import Iterable

from nexoaudit.ledger import Draft, Ledger
from nexoaudit.model.prints import Prints

_KIND = "copy.prints"


def prints_draft(prints: Prints) -> Draft:
    """Return the record of the prints of some bytes; its subject is their SHA-256."""
    return Draft(_KIND, prints.sha256, prints._asdict())


def recall_prints(ledger: Ledger, size: int, sha256s: Iterable[str]) -> dict[str, Prints]:
    """Return by digest the prints that the first `size` entries hold of these bytes.

    Of a digest that was never printed there is nothing. Of several records the newest counts.
    """
    found: dict[str, Prints] = {}
    for sha256 in dict.fromkeys(sha256s):
        for entry in ledger.since(_KIND, sha256, "", size=size):
            found[sha256] = Prints(**entry.facts)
    return found
