"""How well an off-site location keeps what it holds, and whether it is another place at all."""

from collections.abc import Iterator

from nexoaudit.model.fact import Fact, Moment, Span
from nexoaudit.model.location import Location
from nexoaudit.model.state import State
from nexoaudit.model.store import UNKNOWN, Store
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import attested, escrow, places

CONTROL = "offsite"
_ASKED = ("versioning", "lock", "public", "expiry")
"""What a bucket is asked for; a refused answer leaves its safety unknown."""


def judge(state: State, location: Location, now_ms: int) -> Iterator[Verdict]:
    """Yield what there is to say of a location as such; mostly nothing of a good one."""
    yield from attested.judge_location(state, location, now_ms)
    yield from escrow.judge_location(state, location, now_ms)
    yield from _key_beside(state, location)
    store = state.stores.get(location.id)
    if location.offsite:
        yield from _own(state, location)
    yield from _one_place(state, location)
    if not location.remote:
        return
    if store is None:
        yield _verdict(location, Status.UNVERIFIED, "offsite.never_seen")
        return
    for code in store.lax:
        yield _verdict(location, Status.WARN, f"offsite.{code}")
    if location.kind == "s3":
        yield from _bucket(state, location, store)


def _own(state: State, location: Location) -> Iterator[Verdict]:
    """Find a location that is called off-site and is the site."""
    token = places.at_site(state, location)
    if token:
        near = token.startswith("network:")
        reason = "offsite.same_network" if near else "offsite.same_host"
        yield _verdict(location, Status.FAIL, reason, token=token)
    store = state.stores.get(location.id)
    region = state.policy.site.region
    if store is not None and region and store.region == region:
        yield _verdict(location, Status.WARN, "offsite.same_region", region=region)


def _key_beside(state: State, location: Location) -> Iterator[Verdict]:
    """Find a passphrase that lies where the copies lie that it opens, or any other backups."""
    sweep = state.sweeps.get(location.id)
    if sweep is not None and sweep.keys:
        yield _verdict(location, Status.FAIL, "offsite.key_beside", path=sweep.keys[0])


def _one_place(state: State, location: Location) -> Iterator[Verdict]:
    """Find an earlier location of the policy that is this very place."""
    for other in state.policy.locations:
        if other.id == location.id:
            return
        token = places.shared(state, other.id, location.id)
        if token:
            yield _verdict(location, Status.FAIL, "offsite.one_place", other=other.id, token=token)


def _bucket(state: State, location: Location, store: Store) -> Iterator[Verdict]:
    if store.public == "yes":
        yield _verdict(location, Status.FAIL, "offsite.public")
    yield from _deletable(location, store)
    yield from _expiring(state, location, store)
    unknown = [name for name in _ASKED if getattr(store, name) == UNKNOWN]
    if unknown:
        said = ", ".join(unknown)
        facts: dict[str, Fact] = {"unknown": said, "seen": Moment(store.observed_ms)}
        yield _verdict(location, Status.UNVERIFIED, "offsite.posture_unknown", **facts)


def _deletable(location: Location, store: Store) -> Iterator[Verdict]:
    """Find a bucket in which whoever deletes or overwrites has the last word."""
    locked = store.lock in {"COMPLIANCE", "GOVERNANCE"}
    if locked or store.versioning in {"enabled", UNKNOWN} or store.lock == UNKNOWN:
        return
    yield _verdict(location, Status.WARN, "offsite.unprotected", versioning=store.versioning)


def _expiring(state: State, location: Location, store: Store) -> Iterator[Verdict]:
    """Find a rule of the store that deletes what retention still asks for."""
    prefix = location.bucket.prefix if location.bucket is not None else ""
    for component in state.policy.components:
        for series in component.series:
            if location.id not in series.locations:
                continue
            key = prefix + series.pattern_at(location.id).split("{")[0].split("*")[0]
            for expiry in store.expiries:
                early = not series.keep_s or expiry.after_s < series.keep_s
                covers = key.startswith(expiry.prefix) or expiry.prefix.startswith(key)
                if early and covers and not expiry.noncurrent:
                    yield _verdict(
                        location,
                        Status.FAIL,
                        "offsite.expires_early",
                        component=component.id,
                        after=Span(expiry.after_s * 1000),
                        keep=Span(series.keep_s * 1000),
                    )


def _verdict(location: Location, status: Status, reason: str, **facts: Fact) -> Verdict:
    return Verdict(CONTROL, "", status, reason, {"location": location.id, **facts}, location.id)
