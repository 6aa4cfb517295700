"""Separation: points are made on other physical disks than the data they are to bring back."""

from collections.abc import Iterator

from nexoaudit.model.disk import Disk, Place
from nexoaudit.model.fact import Fact
from nexoaudit.model.location import Location
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict

CONTROL = "storage"
_MEMORY = frozenset({"tmpfs", "ramfs"})


def judge(state: State, location: Location, disk: Disk) -> tuple[Verdict, ...]:
    """Compare the disks of a location with those of the data, and with those of other locations.

    Where the policy does not say where any data lies nothing is compared and nothing claimed.
    """
    if location.transfer:
        return tuple(_one_disk(state, location, disk))
    if not disk.data:
        return ()
    if disk.fstype in _MEMORY:
        return (_verdict(location, Status.FAIL, "storage.in_memory", {"mount": disk.mount}),)
    if disk.unseen:
        facts: dict[str, Fact] = {"detail": disk.unseen}
        return (_verdict(location, Status.UNVERIFIED, "storage.disks_unknown", facts),)
    unknown = tuple(_unknown(location, place) for place in disk.data if place.unseen)
    return (*_shared(state, location, disk), *unknown)


def _shared(state: State, location: Location, disk: Disk) -> Iterator[Verdict]:
    known = [place for place in disk.data if not place.unseen]
    shared = [place for place in known if set(place.disks) & set(disk.disks)]
    if shared:
        status = Status.WARN if _safe_elsewhere(state, location, disk) else Status.FAIL
        both = {name for place in shared for name in place.disks} & set(disk.disks)
        facts: dict[str, Fact] = {
            "disks": ", ".join(sorted(both)),
            "paths": ", ".join(dict.fromkeys(place.path for place in shared)),
        }
        yield _verdict(location, status, "storage.same_disk", facts)
    elif known:
        names = sorted({name for place in known for name in place.disks})
        facts = {"disks": ", ".join(disk.disks), "others": ", ".join(names)}
        yield _verdict(location, Status.PASS, "storage.other_disk", facts)


def _unknown(location: Location, place: Place) -> Verdict:
    facts: dict[str, Fact] = {
        "component": place.component,
        "path": place.path,
        "detail": place.unseen,
    }
    return _verdict(location, Status.UNVERIFIED, "storage.data_unknown", facts)


def _safe_elsewhere(state: State, location: Location, disk: Disk) -> bool:
    """Return whether every series that lies here has a location that those disks do not take down.

    Its data and this location are lost together with the disk; what is left is elsewhere.
    """
    places = [
        series.locations
        for component in state.policy.components
        for series in component.series
        if location.id in series.locations
    ]
    return all(any(_survives(state, name, location, disk) for name in names) for names in places)


def _survives(state: State, name: str, location: Location, disk: Disk) -> bool:
    other = state.policy.location(name)
    if name == location.id or other.failure_domain == location.failure_domain:
        return False
    found = state.disks.get(name)
    return found is None or not set(found.disks) & set(disk.disks)


def _one_disk(state: State, location: Location, disk: Disk) -> Iterator[Verdict]:
    """Find what is copied to another location and yet stays on the disks it came from."""
    for other in state.policy.locations:
        found = state.disks.get(other.id)
        if other.transfer or found is None or not found.data:
            continue
        shared = sorted(set(found.disks) & set(disk.disks))
        if shared:
            facts: dict[str, Fact] = {"other": other.id, "disks": ", ".join(shared)}
            yield _verdict(location, Status.FAIL, "storage.one_disk", facts)


def _verdict(location: Location, status: Status, reason: str, facts: dict[str, Fact]) -> Verdict:
    return Verdict(CONTROL, "", status, reason, {"location": location.id, **facts}, location.id)
