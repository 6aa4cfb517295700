"""From all that was ever read to what the rules about content need: a little for each series."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from nexoaudit.evidence.statements import Said
from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Fact
from nexoaudit.model.manifest import Acceptance, History, Manifest
from nexoaudit.model.policy import Component, Policy
from nexoaudit.model.server import Server
from nexoaudit.model.state import Contents
from nexoaudit.rules import content, points

_COUNTS = ("rows.", "top.")
ACCEPTED = "content"
"""What an attestation is about that accepts what is inside a recovery point."""


class Read(NamedTuple):
    """One copy as last seen, and the newest read of it."""

    copy: Copy
    manifest: Mapping[str, Any]
    raw_size: int
    present: bool
    """It was there when it was last looked for."""


class Known(NamedTuple):
    """What all reads together say."""

    histories: dict[Contents, History]
    complete: frozenset[str]
    """Digests of what holds all that it should."""


def accepted_words(component: str, newest: Manifest, reason: str) -> Mapping[str, Any]:
    """Return what a person says who accepts that what `newest` holds is as it should be."""
    return {
        "about": ACCEPTED,
        "component": component,
        "location": newest.location,
        "path": newest.path,
        "sha256": newest.sha256,
        "reason": reason,
    }


def rotates(copy: Copy) -> bool:
    """Return whether a name is another point's after each run: a tree's without a date."""
    return copy.path.endswith("/") and copy.time_source != "name"


def earlier(copy: Copy, facts: Mapping[str, Any]) -> Read:
    """Return an earlier read of what had the name of `copy`, which rotates, from its record."""
    manifest = facts["manifest"]
    then = copy._replace(
        time_ms=manifest.get("point", copy.time_ms),
        size=facts["size"],
        mtime_ms=facts["mtime_ms"],
        sha256=facts["sha256"],
        problems=tuple(facts["problems"]),
        assurance=int(facts["assurance"]),
        finished=True,
    )
    return Read(then, manifest, facts["raw_size"], present=False)


def known(
    policy: Policy,
    reads: Iterable[Read],
    statements: Iterable[Said],
    servers: Mapping[str, Server],
) -> Known:
    """Return the history of every series of which a present, usable copy was read.

    `servers` are the live ones, by component, that may confirm what a dump holds.
    """
    series: dict[Contents, list[Read]] = {}
    for read in reads:
        if read.manifest and read.copy.sha256 and points.usable(read.copy):
            series.setdefault((read.copy.component, read.copy.series), []).append(read)
    accepted = _accepted(statements)
    histories: dict[Contents, History] = {}
    complete: set[str] = set()
    for component in policy.components:
        for name in (item.id for item in component.series if component.kind != "binlog"):
            manifests = _points(policy, series.get((component.id, name), []))
            if not manifests:
                continue
            server = servers.get(component.id)
            words = accepted.get(component.id, {})
            found = content.history(component, manifests, words, server)
            histories[component.id, name] = found.history
            complete |= _complete(component, manifests, found.good)
    return Known(histories, frozenset(complete))


def _complete(component: Component, manifests: list[Manifest], good: frozenset[str]) -> set[str]:
    return {
        manifest.sha256
        for manifest in manifests
        if manifest.sha256 in good and content.is_complete(component, manifest)
    }


def _accepted(statements: Iterable[Said]) -> dict[str, dict[str, Acceptance]]:
    """Return by component and digest who accepted what is inside a point."""
    found: dict[str, dict[str, Acceptance]] = {}
    for said in statements:
        if said.about == ACCEPTED and said.counts:
            word = Acceptance(said.stated_ms, said.by, said.words["reason"])
            found.setdefault(said.words["component"], {})[said.words["sha256"]] = word
    return found


def _points(policy: Policy, reads: list[Read]) -> list[Manifest]:
    """Return one manifest for each point, oldest first, up to the newest that is still there.

    Of several copies the one that was not transferred speaks for the point.
    """
    best: dict[str, Read] = {}
    for read in reads:
        point = read.copy.sha256 if rotates(read.copy) else points.name_of(read.copy)
        known_one = best.get(point)
        if known_one is None or _rank(policy, read) > _rank(policy, known_one):
            best[point] = read
    chosen = sorted(best.values(), key=lambda read: (read.copy.time_ms, read.copy.path))
    while chosen and not chosen[-1].present:
        chosen.pop()
    return [_manifest(read) for read in chosen]


def _rank(policy: Policy, read: Read) -> tuple[bool, bool]:
    made_here = any(
        place.id == read.copy.location and not place.transfer for place in policy.locations
    )
    return read.present, made_here


def _manifest(read: Read) -> Manifest:
    facts: dict[str, Fact] = {}
    counts: dict[str, int] = {}
    for name, value in read.manifest.items():
        if name.startswith(_COUNTS):
            counts[name.partition(".")[2]] = value
        else:
            facts[name] = value
    copy = read.copy
    return Manifest(
        copy.location,
        copy.path,
        copy.time_ms,
        copy.sha256,
        copy.size,
        read.raw_size,
        facts,
        counts,
    )
