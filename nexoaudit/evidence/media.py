"""Attested media: which statements hold, what was read back, and the copies they amount to."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from nexoaudit.evidence.statements import Said
from nexoaudit.model.copy import Assurance, Copy
from nexoaudit.model.state import Holding, State
from nexoaudit.model.statement import LEAVING, Attestation, Medium
from nexoaudit.rules import attested

ABOUT = "medium"
PROOF = "attested"
"""How a copy is established that only a person has seen."""


class Held(NamedTuple):
    """One recovery point that a medium is said to hold, as a statement lists it."""

    component: str
    series: str
    path: str
    """Of the copy that we know the point by."""
    time_ms: int
    time_source: str
    mtime_ms: int
    size: int
    sha256: str
    """Of the file on the medium; empty: nobody says which bytes."""
    content: str
    """Digest of the point itself: another one where the file is encrypted."""


class _Test(NamedTuple):
    """One read of a medium."""

    read_ms: int
    sound: bool
    digests: frozenset[str]


def held_by(said: Said) -> tuple[Held, ...]:
    """Return what a statement about a medium says is on it."""
    return tuple(Held(*row) for row in said.words["holds"])


def standing_media(said: Iterable[Said]) -> tuple[Said, ...]:
    """Return the statements about media that no later one about the same has taken the place of.

    A medium is told apart by location, barcode and place; one that was recalled or retired is no
    longer there. What does not count takes no other's place, and is shown until something does.
    """
    current: dict[tuple[str, str, str], list[Said]] = {}
    for item in said:
        if item.about != ABOUT:
            continue
        medium = item.words["medium"]
        key = item.words["location"], medium["barcode"], medium["place"]
        if not item.counts:
            current.setdefault(key, []).append(item)
        elif medium["event"] in LEAVING:
            left = [k for k in current if k[:2] == key[:2] and key[2] in {"", k[2]}]
            for gone in left:
                del current[gone]
        else:
            current[key] = [item]
    found = [item for items in current.values() for item in items]
    return tuple(sorted(found, key=lambda item: item.stated_ms))


def attestation(said: Said, history: Iterable[Said], now_ms: int) -> Attestation:
    """Return a statement about a medium, with what all reads of it since it was written found."""
    words = said.words
    tests = _tests(said, history)
    newest = tests[-1] if tests else None
    digests = _read_back(tests, now_ms)
    held = held_by(said)
    medium = Medium(
        barcode=words["medium"]["barcode"],
        place=words["medium"]["place"],
        event=words["medium"]["event"],
        written_ms=words["medium"]["written_ms"],
        read_ms=newest.read_ms if newest is not None else 0,
        failed=newest is not None and not newest.sound,
        points=len(held),
        intact=sum(1 for item in held if item.sha256 in digests),
        unknown=words["unknown"],
        first=words["first_unknown"],
    )
    return Attestation(
        id=said.id,
        about=ABOUT,
        stated_ms=said.stated_ms,
        by=said.by,
        standing=said.standing,
        entry=said.entry.idx,
        until_ms=words["until_ms"],
        location=words["location"],
        note=words["note"],
        detail=said.detail,
        medium=medium,
    )


def with_media(state: State, said: tuple[Said, ...], now_ms: int) -> State:
    """Return the state with a copy of each point that a medium is said to hold.

    It is `intact` while the statement is good and its digest was read back from the medium, else
    no more than `claimed`. `said` are the statements in force.
    """
    places = {item.id: item for item in state.policy.locations}
    doubled = attested.doubled(state, now_ms)
    by_id = {item.id: item for item in state.attestations if item.medium is not None}
    copies: dict[Holding, list[Copy]] = {}
    for item in standing_media(said):
        word = by_id[item.id]
        place = places.get(word.location)
        if place is None or place.kind != PROOF:
            continue
        good = attested.condition(word, place, now_ms) in attested.GOOD
        barcode = item.words["medium"]["barcode"]
        tests = _tests(item, said) if good and barcode not in doubled else []
        for held in held_by(item):
            key = held.component, held.series, word.location
            copies.setdefault(key, []).append(_copy(word, barcode, held, tests, now_ms))
    merged = {
        key: tuple(sorted((*state.copies.get(key, ()), *held), key=lambda c: (c.time_ms, c.path)))
        for key, held in copies.items()
    }
    return state._replace(copies={**state.copies, **merged})


def _copy(word: Attestation, barcode: str, held: Held, tests: list[_Test], now_ms: int) -> Copy:
    reads = [
        test.read_ms
        for test in tests
        if test.sound and _fresh(test, now_ms) and held.sha256 and held.sha256 in test.digests
    ]
    return Copy(
        location=word.location,
        component=held.component,
        series=held.series,
        path=f"{barcode}/{held.path}",
        time_ms=held.time_ms,
        time_source=held.time_source,
        size=held.size,
        mtime_ms=held.mtime_ms,
        finished=True,
        seen_ms=word.stated_ms,
        verified_ms=max(reads, default=0),
        sha256=held.content,
        recorded="self" if reads else "",
        assurance=int(Assurance.INTACT if reads else Assurance.CLAIMED),
        proof=PROOF,
        of=held.path,
    )


def _tests(said: Said, history: Iterable[Said]) -> list[_Test]:
    """Return every read of the medium since it was written, told of by those whose word counts.

    In order of time; nothing before a read that found other bytes counts any more. Of a statement
    that does not count only its own.
    """
    written_ms = said.words["medium"]["written_ms"]
    found = [
        _Test(read["at_ms"], read["outcome"] == "ok", frozenset(read["digests"]))
        for item in history
        if item.about == ABOUT
        and (item.counts or item.id == said.id)
        and _same(item.words["medium"], said.words["medium"])
        and (read := item.words["read_test"])
        and read["at_ms"] >= written_ms
    ]
    found.sort(key=lambda test: test.read_ms)
    failed = max((n for n, test in enumerate(found) if not test.sound), default=0)
    return found[failed:]


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one["barcode"], one["written_ms"]) == (other["barcode"], other["written_ms"])


def _read_back(tests: Iterable[_Test], now_ms: int) -> frozenset[str]:
    """Return the digests that a sound and recent enough read found."""
    good = [test.digests for test in tests if test.sound and _fresh(test, now_ms)]
    return frozenset().union(*good)


def _fresh(test: _Test, now_ms: int) -> bool:
    return now_ms - test.read_ms <= attested.READ_WITHIN_MS
