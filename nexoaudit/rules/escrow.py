"""Escrow: the passphrase of encrypted copies is kept somewhere that a disaster does not take."""

from nexoaudit.model.fact import Fact, Moment
from nexoaudit.model.location import Location
from nexoaudit.model.state import State
from nexoaudit.model.statement import Attestation
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules.attested import CONTROL, condition

ABOUT = "escrow"


def judge_location(state: State, location: Location, now_ms: int) -> tuple[Verdict, ...]:
    """Ask for a person's word about the passphrase of a location off-site, as long as it lasts.

    Nothing is asked where nothing is encrypted. One verdict, on the statement that lasts longest;
    its component is empty, its subject the location.
    """
    if not location.offsite or not _encrypted(state, location):
        return ()
    said = [
        item for item in state.attestations if item.about == ABOUT and item.location == location.id
    ]
    if not said:
        facts: dict[str, Fact] = {"location": location.id}
        return (_verdict(location, Status.UNVERIFIED, "escrow.never_stated", facts),)
    return (min((_judge(location, item, now_ms) for item in said), key=_last),)


def _judge(location: Location, said: Attestation, now_ms: int) -> Verdict:
    how = condition(said, location, now_ms)
    facts: dict[str, Fact] = {
        "location": location.id,
        "by": said.by or "?",
        "stated": Moment(said.stated_ms),
        "until": Moment(said.until_ms),
        "detail": said.detail,
        "statement": said.id,
    }
    status = {"current": Status.PASS, "expiring": Status.WARN, "expired": Status.FAIL}
    return _verdict(location, status.get(how, Status.UNVERIFIED), f"escrow.{how}", facts)


def _last(verdict: Verdict) -> tuple[bool, int]:
    """Sort what counts first, and of that what lasts longest."""
    counted = verdict.reason in {"escrow.current", "escrow.expiring", "escrow.expired"}
    return not counted, -int(verdict.facts["until"])


def _encrypted(state: State, location: Location) -> bool:
    """Return whether copies there are encrypted, as seen or as the policy asks."""
    asked = any(
        component.copies.encrypted and location.id in component.locations
        for component in state.policy.components
    )
    return (
        asked
        or bool(location.passphrase_file)
        or any(
            copy.sealed
            for (_, _, place), held in state.copies.items()
            if place == location.id
            for copy in held
        )
    )


def _verdict(location: Location, status: Status, reason: str, facts: dict[str, Fact]) -> Verdict:
    return Verdict(CONTROL, "", status, reason, facts, location.id)
