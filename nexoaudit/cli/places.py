"""The places where copies lie, and how the newest copies are proven: as lines and as JSON."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from rich.console import Console

from nexoaudit.cli.verdicts import clean, mark
from nexoaudit.holdings import Place, Share, newest_kept, places, proof_of
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status
from nexoaudit.state.stores import encode_store
from nexoaudit.wording.catalogue import Catalogue, report_labels
from nexoaudit.wording.values import write_moment


def print_places(console: Console, state: State, words: Catalogue, zone: tzinfo) -> None:
    """Print one line per location: where it is, how much of it is proven and how, and since when.

    It is ok when it could be listed and every copy there is proven.
    """
    labels = report_labels(state.policy.site.language)
    console.print(f"\n{labels['copies.places']}", style="bold")
    for place in places(state):
        line = mark(_status(place), words)
        line.append(f"  {place.location.id}: ", style="bold")
        line.append(clean(_said(place, labels, zone)), style="default")
        console.print(line, soft_wrap=True)


def places_json(state: State) -> list[dict[str, Any]]:
    """Return every location with what it presents itself as and how its copies are proven."""
    return [
        {
            "id": place.location.id,
            "kind": place.location.kind,
            "address": place.address,
            "medium": place.location.medium,
            "failure_domain": place.location.failure_domain,
            "offsite": place.location.offsite,
            "listed_ms": place.listed_ms,
            "failure": "" if place.failure is None else place.failure.reason,
            "copies": place.held,
            "proven": place.proven,
            "proofs": dict(place.proofs),
            "newest_ms": 0 if place.newest is None else place.newest.time_ms,
            "store": None if place.store is None else encode_store(place.store),
        }
        for place in places(state)
    ]


def points_json(state: State, now_ms: int) -> list[dict[str, Any]]:
    """Return of each component the newest point that is due everywhere, and each copy of it."""
    found = (newest_kept(state, component, now_ms) for component in state.policy.components)
    return [
        {
            "component": newest.component.id,
            "series": newest.series,
            "point_ms": newest.time_ms,
            "copies": [_share(share) for share in newest.shares],
        }
        for newest in found
        if newest is not None
    ]


def _share(share: Share) -> dict[str, Any]:
    told: dict[str, Any] = {
        "location": share.location.id,
        "status": share.status.value,
        "wrong": share.wrong,
    }
    copy = share.copy
    if copy is None:
        return told
    return told | {
        "path": copy.path,
        "assurance": int(copy.assurance),
        "proof": proof_of(share.location, copy),
        "verified_ms": copy.verified_ms,
        "sha256": copy.sha256,
        "sealed": copy.sealed,
        "lock": copy.lock,
        "locked_until_ms": copy.locked_until_ms,
        "access": copy.access,
        "problems": list(copy.problems),
    }


def _status(place: Place) -> Status:
    whole = place.held == place.proven > 0 and place.failure is None
    return Status.PASS if whole else Status.UNVERIFIED


def _said(place: Place, labels: Mapping[str, str], zone: tzinfo) -> str:
    return ", ".join(_parts(place, labels, zone))


def _parts(place: Place, labels: Mapping[str, str], zone: tzinfo) -> Iterator[str]:
    location = place.location
    if place.address:
        yield place.address
    yield labels[f"place.{location.kind}"]
    yield labels["place.offsite" if location.offsite else "place.onsite"]
    if not place.held:
        yield labels["place.nothing"]
    else:
        proofs = [f"{count:,} {labels[f'proofs.{proof}']}" for proof, count in place.proofs]
        how = f" ({', '.join(proofs)})" if proofs else ""
        counts = {"proven": f"{place.proven:,}", "held": f"{place.held:,}"}
        yield labels["place.proven"].format(**counts) + how
    if place.newest is not None:
        yield labels["place.newest_point"].format(point=write_moment(place.newest.time_ms, zone))
    if location.kind != "attested":
        yield labels["place.listed_at"].format(moment=write_moment(place.listed_ms, zone))
