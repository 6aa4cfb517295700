"""The file system and the physical disks behind a location, as the live machine shows them."""

from typing import NamedTuple

REDUNDANT = frozenset({"raid1", "raid10", "raid4", "raid5", "raid6"})
"""Levels of software RAID that survive the loss of a member."""


class Raid(NamedTuple):
    """One software RAID that holds a location."""

    name: str
    level: str
    """As the kernel writes it, such as `raid1`."""
    members: tuple[str, ...]
    """Names of the devices that it is made of and that are there."""
    degraded: int
    """Members that are missing or have failed."""
    action: str
    """What it is doing to itself: `idle`, `check`, `resync`, `recover`, ...; empty: not told."""


class Place(NamedTuple):
    """Where live data lies."""

    component: str
    path: str
    disks: tuple[str, ...]
    """Names of the physical disks behind it."""
    unseen: str
    """Why they cannot be told; empty when they can."""


class Disk(NamedTuple):
    """What lies below one location."""

    location: str
    observed_ms: int
    """When it was first seen like this."""
    outcome: str
    """`complete`, or `failed` when the location could not be looked at."""
    detail: str = ""
    """Why not."""
    mount: str = ""
    fstype: str = ""
    size: int = 0
    """Bytes of the file system."""
    free: int = 0
    """Bytes that an ordinary user may still write, rounded down to a hundredth of the size."""
    percent: int = 0
    """The same in hundredths of what an ordinary user could have in all."""
    inodes_percent: int = -1
    """Free inodes, in hundredths; -1: the file system does not count them."""
    read_only: bool = False
    """The file system itself refuses to be written, whoever mounted it and how."""
    disks: tuple[str, ...] = ()
    """Names of the physical disks behind it."""
    unseen: str = ""
    """Why they cannot be told; empty when they can."""
    raids: tuple[Raid, ...] = ()
    data: tuple[Place, ...] = ()
    """The live data of the components whose points lie here, as far as the policy names it."""
    leftovers: tuple[str, ...] = ()
    """Working files of backup jobs that are a day old and that no series accounts for."""
    growth: int = 0
    """Bytes a day by which the files of the location grow, in the last week and in the last four:
    the lesser. 0: they do not, or it has not been listed for long enough to tell."""
