"""What people stated, as far as it may count: attestations and waivers."""

from typing import NamedTuple

SIGNED = "signed"
"""Signed by an allowed signer, as our own look at the signature found."""
PLAIN = "plain"
"""Given by name: the policy knows no signers."""
UNSIGNED = "unsigned"
BAD = "bad"
"""The signature is none of an allowed signer over these very words."""
UNCHECKED = "unchecked"
"""Nobody could look at the signature yet."""
AHEAD = "ahead"
"""Its own time is later than the ledger saw it."""

SKEW_MS = 5 * 60_000
"""How far ahead of ours another clock may be."""

HOLDING = ("written", "received", "verified")
"""Events after which a medium is where it is said to be."""
LEAVING = ("recalled", "retired")
"""Events after which it is not."""


class Medium(NamedTuple):
    """A tape, a disk in a safe, or a store that we have no way to; and what lies on it."""

    barcode: str
    place: str
    """Where it is kept, in the words of whoever took it there."""
    event: str
    """One of `HOLDING`."""
    written_ms: int
    """When it was written."""
    read_ms: int = 0
    """When it was last read back since; 0: never."""
    failed: bool = False
    """That read found other bytes than were written."""
    points: int = 0
    """Recovery points that it is said to hold."""
    intact: int = 0
    """Those of them that were read back, and equal what we read ourselves."""
    unknown: int = 0
    """Files on it that we never read."""
    first: str = ""
    """Name of the first of these."""


class Attestation(NamedTuple):
    """A named person's word about what no program can see, for as long as it holds."""

    id: str
    """Twelve hexadecimal digits of the digest of what was said."""
    about: str
    """`medium`, `escrow`, `review`, or `content` (only where it does not count)."""
    stated_ms: int
    by: str
    """The signer as the list of signers has it; where there is no such list, the name given."""
    standing: str
    """`SIGNED` and `PLAIN` count; any other says why it does not."""
    entry: int
    """Index in the ledger."""
    until_ms: int = 0
    """When it ends by itself; 0: never."""
    location: str = ""
    item: str = ""
    """Of a review: which question it answers."""
    note: str = ""
    detail: str = ""
    """Why the signature does not count."""
    medium: Medium | None = None


class Waiver(NamedTuple):
    """A deviation that somebody answers for, until a given moment."""

    id: str
    stated_ms: int
    by: str
    standing: str
    entry: int
    control: str
    component: str
    """Empty: of the site as a whole."""
    subject: str
    """Empty: whatever the verdict is about."""
    reasons: tuple[str, ...]
    """Reason codes that it is about: anything else that goes wrong is told as ever."""
    status: str
    """The loudest status that it is about."""
    until_ms: int
    reason: str
    owner: str
    """Who answers for it."""
    detail: str = ""


def counts(statement: Attestation | Waiver) -> bool:
    """Return whether it may count at all: signed where the policy asks for signatures."""
    return statement.standing in {SIGNED, PLAIN}
