"""What people stated and has not been taken back, as the rules need it."""

from collections.abc import Callable
from typing import NamedTuple

from nexoaudit.evidence import media
from nexoaudit.evidence.histories import ACCEPTED
from nexoaudit.evidence.statements import Said, in_force
from nexoaudit.model.location import Location
from nexoaudit.model.state import State
from nexoaudit.model.statement import Attestation, Waiver
from nexoaudit.rules import attested

_KEPT_MS = 30 * 86_400_000
"""How long after its end a waiver is still told of."""


class People(NamedTuple):
    """What people stated."""

    attestations: tuple[Attestation, ...]
    waivers: tuple[Waiver, ...]


def recall_people(said: tuple[Said, ...], now_ms: int) -> People:
    """Return what `said`, all statements of a ledger, amounts to at `now_ms`."""
    force = tuple(in_force(said))
    found = [media.attestation(item, force, now_ms) for item in media.standing_media(force)]
    found += [_READERS[item.about](item) for item in _newest(force) if item.about in _READERS]
    waivers = tuple(_waiver(item) for item in force if item.about == "waiver")
    return People(
        tuple(sorted(found, key=lambda item: item.entry)),
        tuple(item for item in waivers if item.until_ms > now_ms - _KEPT_MS),
    )


def with_people(state: State, said: tuple[Said, ...], now_ms: int) -> State:
    """Return the state with what people stated, and the copies that their word amounts to."""
    people = recall_people(said, now_ms)
    known = state._replace(attestations=people.attestations, waivers=people.waivers)
    return media.with_media(known, tuple(in_force(said)), now_ms)


def how_it_stands(state: State, statement: Attestation, now_ms: int) -> str:
    """Return how a statement stands: `current`, `expiring`, or why it does not count."""
    return attested.condition(statement, _place(state, statement), now_ms)


def ends_ms(state: State, statement: Attestation) -> int:
    """Return when (ms) a statement ends by itself; 0: never."""
    return attested.until_ms(statement, _place(state, statement))


def _place(state: State, statement: Attestation) -> Location | None:
    return next((item for item in state.policy.locations if item.id == statement.location), None)


def _newest(said: tuple[Said, ...]) -> list[Said]:
    """Return the newest of what counts about each thing, and all later ones that do not count."""
    current: dict[tuple[str, str, str], list[Said]] = {}
    for item in said:
        words = item.words
        key = item.about, str(words.get("location", "")), str(words.get("item", ""))
        if item.about == ACCEPTED:
            if not item.counts:
                current[item.about, item.id, ""] = [item]
        elif item.counts:
            current[key] = [item]
        else:
            current.setdefault(key, []).append(item)
    return [item for items in current.values() for item in items]


def _plain(said: Said) -> Attestation:
    words = said.words
    return Attestation(
        id=said.id,
        about=said.about,
        stated_ms=said.stated_ms,
        by=said.by,
        standing=said.standing,
        entry=said.entry.idx,
        until_ms=int(words.get("until_ms", 0)),
        location=str(words.get("location", "")),
        item=str(words.get("item") or words.get("component", "")),
        note=str(words.get("note") or words.get("reason", "")),
        detail=said.detail,
    )


def _waiver(said: Said) -> Waiver:
    words = said.words
    return Waiver(
        id=said.id,
        stated_ms=said.stated_ms,
        by=said.by,
        standing=said.standing,
        entry=said.entry.idx,
        control=words["control"],
        component=words["component"],
        subject=words["subject"],
        reasons=tuple(words["reasons"]),
        status=words["status"],
        until_ms=words["until_ms"],
        reason=words["reason"],
        owner=words["owner"],
        detail=said.detail,
    )


_READERS: dict[str, Callable[[Said], Attestation]] = {
    "escrow": _plain,
    "review": _plain,
    ACCEPTED: _plain,
    "": _plain,
}
"""By what a statement is about; one that cannot be read at all is about nothing."""
