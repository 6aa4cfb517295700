"""The places where copies lie: what each presents itself as, and how its copies are proven."""

from typing import NamedTuple

from nexoaudit.holdings import Place, places, proof_of
from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Location
from nexoaudit.model.store import UNKNOWN, Expiry, Store
from nexoaudit.model.verdict import Status, alarm, worst
from nexoaudit_reports.view.cut import Cut
from nexoaudit_reports.view.words import Words

_RULES = 3
"""Rules by which a store deletes that are printed; the others are counted."""
_LOCKS = frozenset({"COMPLIANCE", "GOVERNANCE"})
_TOKENS = ("bucket:", "hostkey:")
"""What tells a place from others and means something to a reader."""


class PlaceView(NamedTuple):
    """One location in words."""

    location: str
    about: str
    """Its kind, whether it is off-site, its medium and failure domain."""
    address: str
    status: str
    """The worst verdict on it; never `pass` while a copy there is not proven."""
    facts: tuple[tuple[str, str], ...]
    """Label and value."""


def place_views(cut: Cut, words: Words) -> tuple[PlaceView, ...]:
    """Return every location of the policy, found or not."""
    return tuple(_view(cut, words, place) for place in places(cut.state))


def how(words: Words, location: Location, copy: Copy) -> str:
    """Return in one phrase how a copy is proven, or that it is not."""
    proof = proof_of(location, copy)
    if proof == "attested":
        return words.label("proof.attested" if copy.verified_ms else "proof.claimed")
    if proof == "none":
        said = next((code for code in copy.problems if code in words.catalogue.copy_problems), "")
        return words.problem(said) if said else words.label("proof.none")
    text = words.label(f"proof.{proof}")
    return text + words.label(f"recorded.{copy.recorded}") if _compared(proof, copy) else text


def _compared(proof: str, copy: Copy) -> bool:
    return proof in {"read", "decrypted"} and copy.recorded in {"sidecar", "self", "copy"}


def _view(cut: Cut, words: Words, place: Place) -> PlaceView:
    location = place.location
    facts = [
        ("listed", _listed(words, place)),
        ("held", _held(words, place)),
        ("newest", _newest(words, place)),
    ]
    if location.remote:
        facts.append(("presents", _presents(words, place.store)))
        facts.append(("known_by", _known_by(place.store)))
    return PlaceView(
        location.id,
        _about(words, location),
        place.address,
        _status(cut, place).value,
        tuple((words.label(f"place.{name}"), value) for name, value in facts if value),
    )


def _about(words: Words, location: Location) -> str:
    return words.label(
        "place.about",
        kind=words.label(f"place.{location.kind}"),
        where=words.label("place.offsite" if location.offsite else "place.onsite"),
        medium=location.medium,
        domain=location.failure_domain,
    )


def _status(cut: Cut, place: Place) -> Status:
    """Return the worst of what is judged of the place; what is not proven there is not green."""
    name = place.location.id
    found = [verdict for verdict in cut.of("") if verdict.subject == name]
    status = worst(tuple(found)) if found else Status.PASS
    whole = place.held == place.proven > 0 and place.failure is None and not cut.stale
    return status if whole else max(status, Status.UNVERIFIED, key=alarm)


def _listed(words: Words, place: Place) -> str:
    if place.location.kind == "attested":
        return ""
    listed = words.moment(place.listed_ms)
    if place.failure is None:
        return listed
    return words.label("place.away", moment=listed, detail=place.failure.detail)


def _held(words: Words, place: Place) -> str:
    if not place.held:
        return words.label("place.nothing")
    counted = [
        words.label("place.count", count=f"{count:,}", how=words.label(f"proofs.{proof}"))
        for proof, count in place.proofs
    ]
    key = "place.held_how" if counted else "place.held_value"
    numbers = {"proven": f"{place.proven:,}", "held": f"{place.held:,}"}
    return words.label(key, **numbers, how=", ".join(counted))


def _newest(words: Words, place: Place) -> str:
    newest, proven = place.newest, place.newest_proven
    if newest is None:
        return ""
    key = "place.newest_open" if proven is not None else "place.newest_only_open"
    return words.label(
        "place.newest_value" if proven == newest else key,
        component=newest.component,
        point=words.moment(newest.time_ms),
        looked=words.moment(newest.verified_ms),
        how=how(words, place.location, newest),
        proven=words.moment(proven.time_ms if proven is not None else 0),
        proven_component=proven.component if proven is not None else "",
    )


def _presents(words: Words, store: Store | None) -> str:
    if store is None:
        return words.label("place.unseen")
    if store.outcome != "complete":
        return words.label("place.unreached", detail=store.detail or store.reason)
    said = [
        ("versioning", _setting(words, store.versioning)),
        ("lock", _lock(words, store)),
        ("public", _setting(words, store.public)),
        ("encryption", _setting(words, store.encryption)),
        ("expiry", _expiry(words, store)),
        ("region", store.region),
    ]
    told = [
        words.label("store.said", name=words.label(f"store.{name}"), value=value)
        for name, value in said
        if value
    ]
    told += [words.named("store.lax", code) for code in store.lax]
    return "; ".join(told)


def _setting(words: Words, value: str) -> str:
    return words.named("store", value) if value else ""


def _lock(words: Words, store: Store) -> str:
    if store.lock_s and store.lock in _LOCKS:
        return words.label("store.lock_for", mode=store.lock, span=words.span(store.lock_s * 1000))
    return (
        words.label("store.lock.enabled")
        if store.lock == "enabled"
        else _setting(words, store.lock)
    )


def _expiry(words: Words, store: Store) -> str:
    if store.expiry in {"", UNKNOWN}:
        return _setting(words, store.expiry)
    if not store.expiries:
        return words.label("store.never")
    rules = [_rule(words, rule) for rule in store.expiries[:_RULES]]
    hidden = len(store.expiries) - _RULES
    return ", ".join([*rules, *([words.label("refs.more", count=hidden)] if hidden > 0 else [])])


def _rule(words: Words, rule: Expiry) -> str:
    key = "store.expires_old" if rule.noncurrent else "store.expires"
    after = words.span(rule.after_s * 1000)
    return words.label(key if rule.prefix else f"{key}_all", prefix=rule.prefix, after=after)


def _known_by(store: Store | None) -> str:
    tokens = () if store is None else store.identity
    return ", ".join(token.partition(":")[2] for token in tokens if token.startswith(_TOKENS))
