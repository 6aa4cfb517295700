"""The file system below a location: its room, its disks, and whether the data is on them, too."""

import os
from collections.abc import Iterable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from nexoaudit.formats.mountinfo import Mount, mount_of, parse_mountinfo
from nexoaudit.live.blockdev import Backing, backing
from nexoaudit.live.leftovers import leftovers
from nexoaudit.model.disk import Disk, Place
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Component

_FINE_BELOW = 5
"""Hundredths of a file system below which its room is told in thousandths."""


class Kernel(NamedTuple):
    """Where the kernel shows its tables."""

    proc: Path = Path("/proc")
    sys: Path = Path("/sys")


class _Room(NamedTuple):
    size: int
    free: int
    percent: int
    inodes_percent: int


def observe_disk(
    location: Location,
    components: Iterable[Component],
    now: datetime,
    zone: tzinfo,
    kernel: Kernel = Kernel(),  # noqa: B008 - a constant
) -> Disk:
    """Return what a location lies on, and the live data of the components that keep points there.

    What cannot be looked at makes the outcome `failed`, with the reason as detail.
    """
    now_ms = millis(now)
    here = [
        (component, series)
        for component in components
        for series in component.series
        if location.id in series.locations
    ]
    owners = {component.id: component for component, _ in here}
    try:
        path = os.path.realpath(location.path, strict=True)
        room = _room(os.statvfs(path))
        table = (kernel.proc / "self/mountinfo").read_bytes()
    except OSError as error:
        said = f"{error.filename}: {error.strerror}"
        return Disk(location.id, now_ms, "failed", said)
    mounts = parse_mountinfo(os.fsdecode(table))
    mount = mount_of(mounts, path)
    found = _backing(mount, mounts, kernel)
    return Disk(
        location.id,
        now_ms,
        "complete",
        mount=mount.point if mount else "",
        fstype=mount.fstype if mount else "",
        size=room.size,
        free=room.free,
        percent=room.percent,
        inodes_percent=room.inodes_percent,
        read_only=mount.read_only if mount else False,
        disks=found.disks,
        unseen=found.unseen,
        raids=found.raids,
        data=tuple(
            _place(component.id, data, mounts, kernel)
            for component in owners.values()
            for data in component.data
        ),
        leftovers=leftovers(Path(path), (series.pattern for _, series in here), zone, now),
    )


def _place(component: str, path: str, mounts: tuple[Mount, ...], kernel: Kernel) -> Place:
    try:
        real = os.path.realpath(path, strict=True)
    except OSError as error:
        return Place(component, path, (), error.strerror or "cannot be looked at")
    found = _backing(mount_of(mounts, real), mounts, kernel)
    return Place(component, path, found.disks, found.unseen)


def _backing(mount: Mount | None, mounts: tuple[Mount, ...], kernel: Kernel) -> Backing:
    if mount is None:
        return Backing((), (), "its mount is not in the table of mounts")
    return backing(mount, mounts, kernel.sys)


def _room(found: os.statvfs_result) -> _Room:
    """Return sizes as an ordinary user sees them: what is reserved for root is not free.

    They are coarse, so that the ledger does not grow with every file that is written.
    """
    size = found.f_blocks * found.f_frsize
    used = found.f_blocks - found.f_bfree
    percent = _percent(found.f_bavail, used + found.f_bavail)
    step = max(1, size // (100 if percent >= _FINE_BELOW else 1000))
    free = found.f_bavail * found.f_frsize // step * step
    inodes = _percent(found.f_favail, found.f_files) if found.f_files else -1
    return _Room(size, free, percent, inodes)


def _percent(part: int, whole: int) -> int:
    return part * 100 // whole if whole else 0
