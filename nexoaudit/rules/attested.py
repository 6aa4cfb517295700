"""Attested media: what only people can say of a tape, a disk in a safe, a store out of reach.

Their word counts while it lasts, and only for bytes that were read back from the medium and equal
what nexoaudit itself read. Everything else stays a claim.
"""

from collections.abc import Iterator, Mapping

from nexoaudit.model.fact import Fact, Moment, Span
from nexoaudit.model.location import Location
from nexoaudit.model.state import State
from nexoaudit.model.statement import (
    AHEAD,
    BAD,
    SKEW_MS,
    UNCHECKED,
    UNSIGNED,
    Attestation,
    Medium,
    counts,
)
from nexoaudit.model.verdict import Status, Verdict

CONTROL = "offsite"
DAY_MS = 86_400_000
READ_WITHIN_MS = 400 * DAY_MS
"""A medium that nobody has read back for longer is no copy any more."""
WARN_MS = 7 * DAY_MS
"""How long before its end a statement begins to warn."""

GOOD = frozenset({"current", "expiring"})
"""Conditions in which what was read back counts."""

_STATUS = {
    "expiring": Status.WARN,
    "expired": Status.FAIL,
    "read_failed": Status.FAIL,
    "never_read": Status.UNVERIFIED,
    "read_stale": Status.UNVERIFIED,
    UNSIGNED: Status.UNVERIFIED,
    BAD: Status.UNVERIFIED,
    UNCHECKED: Status.UNVERIFIED,
    AHEAD: Status.UNVERIFIED,
}


def until_ms(statement: Attestation, location: Location | None) -> int:
    """Return when a statement ends: nobody can promise for longer than the policy allows."""
    if location is None or statement.medium is None:
        return statement.until_ms
    return min(statement.until_ms, statement.stated_ms + location.max_age_s * 1000)


def condition(statement: Attestation, location: Location | None, now_ms: int) -> str:
    """Return how a statement stands: `current`, `expiring`, or why it does not count."""
    if not counts(statement):
        return statement.standing
    if statement.stated_ms > now_ms + SKEW_MS:
        return AHEAD
    end_ms = until_ms(statement, location)
    if end_ms and now_ms >= end_ms:
        return "expired"
    unread = "" if statement.medium is None else _unread(statement.medium, now_ms)
    if unread:
        return unread
    return "expiring" if end_ms and end_ms - now_ms < WARN_MS else "current"


def _unread(medium: Medium, now_ms: int) -> str:
    """Return what is wrong with how a medium was read back; empty: nothing."""
    if medium.failed:
        return "read_failed"
    if not medium.read_ms:
        return "never_read"
    return "read_stale" if now_ms - medium.read_ms > READ_WITHIN_MS else ""


def judge_location(state: State, location: Location, now_ms: int) -> tuple[Verdict, ...]:
    """Judge what people say of a location of kind `attested`: one verdict for each thing wrong.

    All well is one verdict with the figures. Its component is empty, its subject the location.
    Nothing is said of a location of any other kind.
    """
    if location.kind != "attested":
        return ()
    said = [item for item in state.attestations if item.location == location.id and item.medium]
    if not said:
        return (_verdict(location, Status.UNVERIFIED, "attested.never_stated", {}),)
    found = [
        *(v for item in said for v in _statement(location, item, now_ms)),
        *_two_places(state, location, now_ms),
    ]
    return tuple(found) if found else (_well(location, said),)


def _statement(location: Location, said: Attestation, now_ms: int) -> Iterator[Verdict]:
    if said.medium is None:
        return
    how = condition(said, location, now_ms)
    facts = _facts(said, said.medium, location)
    if how in _STATUS:
        yield _verdict(location, _STATUS[how], f"attested.{how}", facts)
    if how in GOOD and said.medium.unknown:
        status = Status.WARN if said.medium.points else Status.UNVERIFIED
        unknown: dict[str, Fact] = {"count": said.medium.unknown, "first": said.medium.first}
        yield _verdict(location, status, "attested.unknown_content", {**facts, **unknown})


def doubled(state: State, now_ms: int) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return media that are said to be at two places at once: by barcode, (location, place)."""
    places = {item.id: item for item in state.policy.locations}
    found: dict[str, dict[tuple[str, str], None]] = {}
    for said in state.attestations:
        how = condition(said, places.get(said.location), now_ms)
        if said.medium is not None and counts(said) and how not in {"expired", AHEAD}:
            found.setdefault(said.medium.barcode, {})[said.location, said.medium.place] = None
    return {barcode: tuple(where) for barcode, where in found.items() if len(where) > 1}


def _two_places(state: State, location: Location, now_ms: int) -> Iterator[Verdict]:
    for barcode, places in doubled(state, now_ms).items():
        if any(name == location.id for name, _ in places):
            said = ", ".join(f"{place or '?'} ({name})" for name, place in places)
            facts: dict[str, Fact] = {"barcode": barcode, "places": said}
            yield _verdict(location, Status.FAIL, "attested.two_places", facts)


def _well(location: Location, said: list[Attestation]) -> Verdict:
    media = [item.medium for item in said if item.medium is not None]
    facts: dict[str, Fact] = {
        "media": len(media),
        "points": sum(medium.points for medium in media),
        "intact": sum(medium.intact for medium in media),
        "read": Moment(min(medium.read_ms for medium in media)),
        "until": Moment(min(until_ms(item, location) for item in said)),
    }
    return _verdict(location, Status.PASS, "attested.current", facts)


def _facts(said: Attestation, medium: Medium, location: Location) -> dict[str, Fact]:
    return {
        "barcode": medium.barcode,
        "place": medium.place or location.id,
        "by": said.by or "?",
        "stated": Moment(said.stated_ms),
        "until": Moment(until_ms(said, location)),
        "read": Moment(medium.read_ms),
        "within": Span(READ_WITHIN_MS),
        "points": medium.points,
        "detail": said.detail,
        "statement": said.id,
    }


def _verdict(location: Location, status: Status, reason: str, facts: dict[str, Fact]) -> Verdict:
    return Verdict(CONTROL, "", status, reason, {"location": location.id, **facts}, location.id)
