"""The physical disks behind a file system, as the kernel's own tree of devices shows them."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from nexoaudit.formats.mountinfo import Mount, mount_of
from nexoaudit.model.disk import Raid

_ELSEWHERE = re.compile(r"(nbd|rbd|drbd|zram|ram)\d+")
"""Devices that are no disk of this machine: over the network, or in memory."""
_NAMESPACE = re.compile(r"(nvme\d+)(c\d+)?n\d+")
"""Several of them are parts of one NVMe disk."""
_MADE = re.compile(r"(dm-|md|loop|bcache)\d+")
"""Devices made of others: one that shows none of them is no disk itself."""


class Backing(NamedTuple):
    """What a file system stands on."""

    disks: tuple[str, ...]
    """Names of physical disks, such as `sda` or `nvme0`; empty when they cannot be told."""
    raids: tuple[Raid, ...]
    unseen: str
    """Why the disks cannot be told; empty when all of them can."""


class _Unseen(Exception):  # noqa: N818 - not an error: a file system without disks of its own
    """The way down ends before a disk; the text says where."""


def backing(mount: Mount, mounts: Iterable[Mount], sys: Path) -> Backing:
    """Follow a mount down to its disks: partitions, LVM, encryption, software RAID, loop files.

    `sys` is where sysfs is mounted. File systems without a device of this machine's (network,
    memory, overlay) have no disks that can be told, never "other ones".
    """
    walk = _Walk(sys, tuple(mounts))
    try:
        walk.mount(mount)
    except _Unseen as reason:
        return Backing((), tuple(walk.raids.values()), str(reason))
    except OSError as error:
        said = f"{error.filename}: {error.strerror}"
        return Backing((), tuple(walk.raids.values()), said)
    return Backing(tuple(sorted(walk.disks)), tuple(walk.raids.values()), "")


class _Walk:
    """One way down, and what was found on it."""

    def __init__(self, sys: Path, mounts: tuple[Mount, ...]) -> None:
        self._sys = sys
        self._mounts = mounts
        self._seen: set[str] = set()
        self.disks: set[str] = set()
        self.raids: dict[str, Raid] = {}

    def mount(self, mount: Mount) -> None:
        """Follow a mounted file system."""
        if not mount.device.startswith("0:"):
            self._device(self._sys / "dev/block" / mount.device, mount)
            return
        if not mount.source.startswith("/dev/"):
            raise _Unseen(f"{mount.fstype} of {mount.source}")
        first = self._named(mount)
        for device in self._pool(first) if mount.fstype == "btrfs" else [first]:
            self._device(device, mount)

    def _named(self, mount: Mount) -> Path:
        """Return the device of a source such as `/dev/sda1` or `/dev/mapper/vg-lv`."""
        name = mount.source.rpartition("/")[2]
        device = self._sys / "class/block" / name
        if device.exists():
            return device
        for mapped in sorted((self._sys / "class/block").glob("dm-*")):
            if _read(mapped / "dm/name") == name:
                return mapped
        raise _Unseen(f"{mount.fstype} of {mount.source}")

    def _pool(self, first: Path) -> list[Path]:
        """Return every device of the btrfs file system that one device is a part of."""
        for devices in sorted((self._sys / "fs/btrfs").glob("*/devices")):
            found = sorted(devices.iterdir())
            if first.resolve().name in {device.name for device in found}:
                return found
        return [first]

    def _device(self, link: Path, mount: Mount) -> None:
        """Follow a device, given by a link to its directory, to the disks that it is made of."""
        if not link.exists():
            raise _Unseen(f"{mount.fstype} of {mount.source}, which is not in {self._sys}")
        device = link.resolve()
        if (device / "partition").exists():
            device = device.parent
        if device.name in self._seen:
            return
        self._seen.add(device.name)
        slaves = _entries(device / "slaves")
        if (device / "md").is_dir():
            self.raids[device.name] = _raid(device, slaves)
        for slave in slaves:
            self._device(slave, mount)
        if slaves:
            return
        file = _read(device / "loop/backing_file")
        if file:
            self._file(file, device.name)
        elif _ELSEWHERE.fullmatch(device.name) or _MADE.fullmatch(device.name):
            raise _Unseen(f"{mount.fstype} of {mount.source}, on {device.name}")
        else:
            namespace = _NAMESPACE.fullmatch(device.name)
            self.disks.add(namespace[1] if namespace else device.name)

    def _file(self, file: str, device: str) -> None:
        """Follow the file that a loop device shows as a disk."""
        below = mount_of(self._mounts, file)
        if below is None:
            raise _Unseen(f"{device}, made of {file}")
        self.mount(below)


def _raid(device: Path, slaves: list[Path]) -> Raid:
    md = device / "md"
    degraded = _read(md / "degraded")
    return Raid(
        device.name,
        _read(md / "level"),
        tuple(slave.name for slave in slaves),
        int(degraded) if degraded.isdecimal() else 0,
        _read(md / "sync_action"),
    )


def _entries(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except FileNotFoundError:
        return []


def _read(file: Path) -> str:
    """Return what an attribute says, without its newline; empty when it is not there."""
    try:
        return os.fsdecode(file.read_bytes()).rstrip("\n")
    except OSError:
        return ""
