"""Storage: room, disks of its own, whole RAIDs, and nothing left behind, for every location."""

from collections.abc import Iterator

from nexoaudit.model.disk import REDUNDANT, Disk, Raid
from nexoaudit.model.fact import Fact, Size
from nexoaudit.model.location import Location
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import apart, room

CONTROL = room.CONTROL
_OWN_NEED_PERCENT = 5
"""What a file system needs for itself of a disk: one of 100 GB on a disk of 100 GB is enough."""


def judge(state: State, now_ms: int) -> tuple[Verdict, ...]:
    """Return what there is to say of each location, and of what restores left behind elsewhere.

    The first verdict about each location is about its room.
    """
    located = tuple(
        verdict
        for location in state.policy.locations
        if location.kind == "path"
        for verdict in _location(state, location, now_ms)
    )
    if not state.residues:
        return located
    facts: dict[str, Fact] = {"count": len(state.residues), "first": state.residues[0]}
    return (*located, Verdict(CONTROL, "", Status.WARN, "storage.residue", facts))


def _location(state: State, location: Location, now_ms: int) -> Iterator[Verdict]:
    disk = state.disks.get(location.id)
    if disk is None:
        yield _verdict(location, Status.UNVERIFIED, "storage.never_seen", {})
        return
    if disk.outcome != "complete":
        facts: dict[str, Fact] = {"detail": disk.detail}
        yield _verdict(location, Status.UNVERIFIED, "storage.not_seen", facts)
        return
    yield from room.judge(state, location, disk, now_ms)
    yield from _file_system(location, disk)
    yield from apart.judge(state, location, disk)
    for raid in disk.raids:
        if raid.level in REDUNDANT:
            yield _raid(location, raid)
    yield from _leftovers(location, disk)


def _file_system(location: Location, disk: Disk) -> Iterator[Verdict]:
    if disk.size * 100 < location.min_bytes * (100 - _OWN_NEED_PERCENT):
        facts: dict[str, Fact] = {"size": Size(disk.size), "want": Size(location.min_bytes)}
        yield _verdict(location, Status.WARN, "storage.small", facts)
    if disk.read_only and not location.transfer:
        yield _verdict(location, Status.FAIL, "storage.read_only", {"mount": disk.mount})


def _raid(location: Location, raid: Raid) -> Verdict:
    facts: dict[str, Fact] = {
        "raid": raid.name,
        "level": raid.level,
        "members": ", ".join(raid.members),
        "degraded": raid.degraded,
    }
    if not raid.degraded:
        return _verdict(location, Status.PASS, "storage.raid_whole", facts)
    if raid.action == "recover":
        return _verdict(location, Status.WARN, "storage.raid_rebuilding", facts)
    return _verdict(location, Status.FAIL, "storage.raid_degraded", facts)


def _leftovers(location: Location, disk: Disk) -> Iterator[Verdict]:
    if disk.leftovers:
        facts: dict[str, Fact] = {"count": len(disk.leftovers), "first": disk.leftovers[0]}
        yield _verdict(location, Status.WARN, "storage.leftover", facts)


def _verdict(location: Location, status: Status, reason: str, facts: dict[str, Fact]) -> Verdict:
    return Verdict(CONTROL, "", status, reason, {"location": location.id, **facts}, location.id)
