"""What is known of the places where copies lie, and how the copies there are proven.

For those who show it: the report and `nexoaudit status` say the same of the same state.
"""

from collections import Counter
from typing import NamedTuple

from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Location
from nexoaudit.model.point import Kept
from nexoaudit.model.policy import Component
from nexoaudit.model.sighting import Sweep
from nexoaudit.model.state import State
from nexoaudit.model.store import Store
from nexoaudit.model.verdict import Status
from nexoaudit.points import is_proven, newest_point

READ = "read"
NOTHING = "none"
PROOFS = ("decrypted", READ, "sha256", "md5", "crc", "host", "attested", "size", NOTHING)
"""Every answer to how a copy is proven, the strongest first; the last two prove nothing."""


class Place(NamedTuple):
    """One location and what it holds."""

    location: Location
    listed_ms: int
    """When it was last listed to the end; 0: never."""
    failure: Sweep | None
    """What kept it from being listed since."""
    store: Store | None
    held: int
    """Finished copies."""
    proven: int
    proofs: tuple[tuple[str, int], ...]
    """How many of the proven ones are proven how, in the order of `PROOFS`."""
    newest: Copy | None
    newest_proven: Copy | None

    @property
    def address(self) -> str:
        """Where it is, as people write it: a path, `host:path` or `s3://bucket/prefix`."""
        here = self.location
        if here.bucket is not None:
            return f"s3://{here.bucket.bucket}/{here.bucket.prefix}"
        return f"{here.host.host}:{here.path}" if here.host is not None else here.path


class Share(NamedTuple):
    """What one location has of one point."""

    location: Location
    copy: Copy | None
    status: Status
    """`pass` when it counts as proven, `fail` when it is missing, damaged or of other bytes."""
    wrong: str
    """As `Kept.wrong`."""


class NewestPoint(NamedTuple):
    """The newest point of a component that is due everywhere."""

    component: Component
    series: str
    time_ms: int
    shares: tuple[Share, ...]


def proof_of(location: Location, copy: Copy) -> str:
    """Return one of `PROOFS`: how this copy is proven to hold the bytes that it should hold.

    What a person states of a medium that nobody here can read is `attested`, whatever it says.
    """
    if location.kind == "attested":
        return "attested"
    if is_proven(copy):
        return copy.proof or READ
    return "size" if copy.proof == "size" else NOTHING


def places(state: State) -> tuple[Place, ...]:
    """Return every location of the policy, whether or not anything was ever seen of it."""
    held: dict[str, list[Copy]] = {}
    for (_, _, location), copies in state.copies.items():
        held.setdefault(location, []).extend(copy for copy in copies if copy.finished)
    return tuple(_place(state, item, held.get(item.id, [])) for item in state.policy.locations)


def newest_kept(state: State, component: Component, now_ms: int) -> NewestPoint | None:
    """Return the newest point that is due everywhere; None when there is none."""
    point = None if component.repository else newest_point(state, component, now_ms)
    if point is None:
        return None
    shares = tuple(_share(state, kept) for kept in point.kept)
    return NewestPoint(component, point.series, point.time_ms, shares)


def _share(state: State, kept: Kept) -> Share:
    status = Status.PASS
    if kept.wrong:
        open_question = kept.wrong == "unproven"
        status = Status.UNVERIFIED if open_question else Status.FAIL
    return Share(state.policy.location(kept.location), kept.copy, status, kept.wrong)


def _place(state: State, location: Location, held: list[Copy]) -> Place:
    sweep = state.sweeps.get(location.id)
    proven = [copy for copy in held if is_proven(copy)]
    counts = Counter(proof_of(location, copy) for copy in proven)
    return Place(
        location,
        sweep.finished_ms if sweep is not None and sweep.outcome == "complete" else 0,
        state.failures.get(location.id),
        state.stores.get(location.id),
        len(held),
        len(proven),
        tuple((proof, counts[proof]) for proof in PROOFS if counts[proof]),
        max(held, key=_moment, default=None),
        max(proven, key=_moment, default=None),
    )


def _moment(copy: Copy) -> tuple[int, str]:
    return copy.time_ms, copy.path
