"""Whose members are kept in mind, and what was found out about them."""

from collections.abc import Iterable

from nexoaudit.ledger import Entry
from nexoaudit.model.manifest import MEMBERS, Manifest
from nexoaudit.model.state import Contents, State
from nexoaudit.model.verification import Verification
from nexoaudit.rules import content

_INDEX, _WITH = f"{MEMBERS}index", f"{MEMBERS}with"


def measures(state: State, contents: Contents, time_ms: int) -> tuple[Manifest, ...]:
    """Return the archives with an index that one of that moment may be compared with, best first.

    That is the last good one, and the good one before it.
    """
    known = state.histories.get(contents)
    if known is None:
        return ()
    best = content.measure(state.policy.component(contents[0]), known)
    return tuple(
        manifest
        for manifest in (best, known.good)
        if manifest is not None and manifest.time_ms <= time_ms and _INDEX in manifest.facts
    )


def kept(state: State) -> frozenset[str]:
    """Return the digests of the archives whose index may be needed: newest and last good ones."""
    return frozenset(
        manifest.sha256
        for known in state.histories.values()
        for manifest in (known.newest, known.good)
        if manifest is not None
    )


def carried(found: Verification, reads: Iterable[Entry]) -> Verification:
    """Return a read of a copy with what the `reads` before it, oldest first, know of its members.

    What an archive was compared with is not kept for ever, but the comparison stays true of its
    bytes. One with itself says nothing.
    """
    facts = dict(found.manifest)
    if not found.sha256 or facts.get(_WITH, found.sha256) != found.sha256:
        return found
    others = {name: fact for name, fact in facts.items() if not name.startswith(MEMBERS)}
    own = {_INDEX: facts[_INDEX]} if _INDEX in facts else {}
    for read in reads:
        if read.facts["sha256"] == found.sha256:
            before = read.facts["manifest"].items()
            known = {name: fact for name, fact in before if name.startswith(MEMBERS)}
            own = known | own
    return found._replace(manifest=tuple(sorted((others | own).items())))
