"""People's statements to and from the ledger: the words as signed, and whether they count.

An entry holds the canonical JSON (RFC 8785) that was signed, as text, and the armoured signature
beside it: with `ssh-keygen -Y verify` and the list of signers anybody can look at both.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import rfc8785

from nexoaudit.evidence.words import read_words
from nexoaudit.ledger import Draft, Entry, Ledger, plain
from nexoaudit.model.policy import Policy
from nexoaudit.model.statement import AHEAD, BAD, PLAIN, SIGNED, SKEW_MS, UNCHECKED, UNSIGNED

KINDS = ("attestation", "waiver")
REVOCATION = "revocation"
"""What a statement is about that takes another one back."""
_SIGNATURE = "signature:"


class Said(NamedTuple):
    """One statement, whether it counts or not."""

    id: str
    entry: Entry
    text: str
    """What was signed; empty for a record of an earlier form, which nobody signed."""
    words: Mapping[str, Any]
    signature: str
    by: str
    standing: str
    detail: str = ""

    @property
    def about(self) -> str:
        """What kind of statement it is."""
        return str(self.words.get("about", ""))

    @property
    def stated_ms(self) -> int:
        """When it was given, by its own word."""
        return int(self.words.get("stated_ms", self.entry.ts))

    @property
    def counts(self) -> bool:
        """Whether it may count at all."""
        return self.standing in {SIGNED, PLAIN}


class Head(NamedTuple):
    """What every statement begins with: whose site it is about, when and by whom it was given."""

    site: str
    stated_ms: int
    by: str
    """A name; of a signed statement who signs it, as far as that was told beforehand."""
    account: str = ""
    """The user of the machine who gave it."""


def spoken(head: Head, words: Mapping[str, Any]) -> str:
    """Return a statement as it is signed: canonical JSON (RFC 8785)."""
    return rfc8785.dumps(plain({"v": 1, **head._asdict(), **words})).decode("utf-8")


def id_of(text: str, signature: str = "") -> str:
    """Return how people refer to a statement: the first digits of its digest.

    The same words with another signature are another statement: neither may stand in for the
    other.
    """
    return hashlib.sha256(f"{text}\n{signature}".encode()).hexdigest()[:12]


def statement_draft(text: str, signature: str = "", signer: str = "") -> Draft:
    """Return the record of a statement.

    `text` is its canonical JSON; `signer` is whom the list of signers named for the signature.
    """
    about = read_words(text)["about"]
    kind = "waiver" if about == "waiver" else "attestation"
    facts = {"statement": text, "signature": signature, "signer": signer}
    return Draft(kind, f"{about}:{id_of(text, signature)}", facts)


def check_draft(id_: str, facts: Mapping[str, str]) -> Draft:
    """Return the record of a look at the signature of a statement.

    `facts` are `outcome` (`valid`, `bad` or `unchecked`), `signer`, `detail` and
    `signers_sha256`, the digest of the list of signers.
    """
    return Draft("live", f"{_SIGNATURE}{id_}", facts)


def last_check(live: Mapping[str, Entry], id_: str) -> Mapping[str, Any] | None:
    """Return what the newest look at a statement's signature found; None: there was none."""
    entry = live.get(f"{_SIGNATURE}{id_}")
    return None if entry is None else entry.facts


def all_said(
    ledger: Ledger, size: int, live: Mapping[str, Entry], policy: Policy
) -> tuple[Said, ...]:
    """Return every statement among the first `size` entries, in the order they were stated in.

    By their own word, not the ledger's: an old one that is recorded again stays an old one.
    `live` are the newest live facts by subject, looks at signatures among them.
    """
    entries = ledger.latest(KINDS, size=size)
    found = [_said(entry, live, asked=bool(policy.site.signers)) for entry in entries]
    return tuple(sorted(found, key=lambda said: said.stated_ms))


def in_force(said: tuple[Said, ...]) -> Iterator[Said]:
    """Yield what was neither taken back nor replaced; what takes back is itself left out.

    Only what counts itself can take back or replace.
    """
    gone = {
        str(item.words.get(name, ""))
        for item in said
        if item.counts
        for name in ("revokes", "supersedes")
    }
    yield from (item for item in said if item.id not in gone and item.about != REVOCATION)


def _said(entry: Entry, live: Mapping[str, Entry], *, asked: bool) -> Said:
    text = str(entry.facts.get("statement", ""))
    if not text:  # an acceptance as it was recorded before statements could be signed
        by = str(entry.facts.get("by", ""))
        return Said(entry.leaf[:12], entry, "", entry.facts, "", by, UNSIGNED if asked else PLAIN)
    signature = str(entry.facts.get("signature", ""))
    id_ = id_of(text, signature)
    try:
        words = read_words(text)
    except ValueError as error:
        return Said(id_, entry, text, {}, signature, "", BAD, str(error))
    said = Said(id_, entry, text, words, signature, words["by"], PLAIN)
    if asked:
        said = _looked_at(said, last_check(live, id_))
    if said.counts and said.stated_ms > entry.ts + SKEW_MS:
        return said._replace(standing=AHEAD)
    return said


def _looked_at(said: Said, check: Mapping[str, Any] | None) -> Said:
    """Return the statement with what the newest look at its signature makes of it."""
    if not said.signature:
        return said._replace(standing=UNSIGNED)
    if check is None:
        return said._replace(standing=UNCHECKED)
    standing = {"valid": SIGNED, "bad": BAD}.get(check["outcome"], UNCHECKED)
    return said._replace(standing=standing, by=check["signer"] or said.by, detail=check["detail"])
