"""Every digest that was ever proven, and the copy it was of, also of those long gone."""

from typing import NamedTuple

from nexoaudit.evidence.copies import as_copy
from nexoaudit.evidence.media import Held
from nexoaudit.formats.names import unsealed
from nexoaudit.ledger import Entry, Ledger
from nexoaudit.model.copy import Copy
from nexoaudit.rules import points

_FOREVER_MS = 1 << 53
_SEEN = ("copy.seen", "copy.changed")


class Known(NamedTuple):
    """What the ledger knows of recovery points."""

    proven: dict[str, Held]
    """By digest: of the bytes, and of an encrypted copy also of those that lie there."""
    points: tuple[Held, ...]
    """Every point that was ever seen, its digest left out."""


def recall_digests(ledger: Ledger, size: int) -> Known:
    """Return what the first `size` entries say; reads every look and every read of a copy."""
    seen: dict[str, Entry] = {}
    proven: dict[str, Held] = {}
    found: dict[tuple[str, str, str, int], Held] = {}
    kinds = (*_SEEN, "copy.verified")
    for entry in ledger.between(0, _FOREVER_MS, size=size, kinds=kinds):
        if entry.kind in _SEEN:
            seen[entry.subject] = entry
            held = _held(as_copy(entry, None), "")
            found.setdefault((held.component, held.series, held.path, held.time_ms), held)
        elif entry.subject in seen:
            copy = as_copy(seen[entry.subject], entry)
            if points.proven(copy):
                for digest in (copy.sha256, str(entry.facts.get("sealed_sha256", ""))):
                    if digest:
                        proven.setdefault(digest, _held(copy, digest))
    return Known(proven, tuple(found.values()))


def _held(copy: Copy, digest: str) -> Held:
    return Held(
        copy.component,
        copy.series,
        copy.of or unsealed(copy.path),
        copy.time_ms,
        copy.time_source,
        copy.mtime_ms,
        copy.size,
        digest,
        copy.sha256 if digest else "",
    )
