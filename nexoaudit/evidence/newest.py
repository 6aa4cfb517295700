"""What the ledger says last of each subject, read from it once."""

from typing import NamedTuple

from nexoaudit.ledger import Entry, Ledger

PRESENCE = ("copy.seen", "copy.changed", "copy.gone")


class Seen(NamedTuple):
    """The newest sighting of a copy, and whether it was there when it was last looked for."""

    entry: Entry
    present: bool


class Newest(NamedTuple):
    """The newest of what the first entries of a ledger say, by subject."""

    seen: dict[str, Seen]
    reads: dict[str, Entry]
    live: dict[str, Entry]

    @property
    def present(self) -> dict[str, Entry]:
        """The sightings of the copies that were there when they were last looked for."""
        return {name: seen.entry for name, seen in self.seen.items() if seen.present}


def newest(ledger: Ledger, size: int) -> Newest:
    """Return the newest of what the first `size` entries say."""
    live = {entry.subject: entry for entry in ledger.latest(("live",), size=size)}
    return Newest(_seen(ledger, size), reads(ledger, size), live)


def present(ledger: Ledger, size: int) -> dict[str, Entry]:
    """Return by subject the sighting of every copy that was there when it was last looked for."""
    return {name: seen.entry for name, seen in _seen(ledger, size).items() if seen.present}


def reads(ledger: Ledger, size: int) -> dict[str, Entry]:
    """Return by subject the newest verification of each copy."""
    return {entry.subject: entry for entry in ledger.latest(("copy.verified",), size=size)}


def _seen(ledger: Ledger, size: int) -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    for entry in ledger.latest(PRESENCE, size=size):
        if entry.kind != "copy.gone":
            found[entry.subject] = Seen(entry, present=True)
        elif entry.subject in found:
            found[entry.subject] = found[entry.subject]._replace(present=False)
    return found
