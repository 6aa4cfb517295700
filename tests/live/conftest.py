"""Trees of directories and links as Linux makes them below /sys and /proc, for other machines."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from nexoaudit.live.disk import Kernel


class Machine:
    """A machine's block devices: each gets a directory below `devices` and the usual links."""

    def __init__(self, root):
        self.root = root
        self.sys = root / "sys"
        self.kernel = Kernel(root / "proc", self.sys)
        self._numbers = {}
        self._lines = []
        for name in ("block", "class/block", "dev/block", "fs/btrfs"):
            (self.sys / name).mkdir(parents=True)
        (root / "proc/self").mkdir(parents=True)
        self._write_table()

    def disk(self, name, bus="pci0000:00/0000:00:17.0/ata1"):
        return self._device(self.sys / "devices" / bus / "block" / name)

    def partition(self, disk, number):
        separator = "p" if disk[-1].isdigit() else ""
        directory = self._of(disk) / f"{disk}{separator}{number}"
        self._device(directory, whole=False)
        self._write(directory / "partition", str(number))
        return directory.name

    def mapped(self, name, mapping, *below):
        """A device of the device mapper: LVM, encryption, multipath."""
        self._virtual(name, below)
        self._write(self._of(name) / "dm/name", mapping)
        return name

    def raid(self, name, level, *members, degraded=0, action="idle"):
        self._virtual(name, members)
        md = self._of(name) / "md"
        self._write(md / "level", level)
        if level != "raid0":
            self._write(md / "degraded", str(degraded))
            self._write(md / "sync_action", action)
        self._write(md / "raid_disks", str(len(members) + degraded))
        return name

    def loop(self, name, file):
        self._virtual(name, ())
        self._write(self._of(name) / "loop/backing_file", str(file))
        return name

    def btrfs(self, uuid, *members):
        devices = self.sys / "fs/btrfs" / uuid / "devices"
        devices.mkdir(parents=True)
        for member in members:
            self._link(devices / member, self._of(member))

    def mount(self, point, device, fstype="ext4", source=None, options="rw"):
        number = self._numbers.get(device, device)
        name = str(point).replace(" ", r"\040")
        said = source or f"/dev/{device}"
        self._lines.append(f"30 1 {number} / {name} rw shared:1 - {fstype} {said} {options}")
        self._write_table()

    def attribute(self, device, name, text):
        self._write(self._of(device) / name, text)

    def _virtual(self, name, below):
        directory = self._device(self.sys / "devices/virtual/block" / name)
        for member in below:
            self._link(directory / "slaves" / member, self._of(member))
            self._link(self._of(member) / "holders" / name, directory)

    def _device(self, directory, *, whole=True):
        number = f"{8 if whole else 259}:{len(self._numbers)}"
        self._numbers[directory.name] = number
        (directory / "holders").mkdir(parents=True)
        self._write(directory / "dev", number)
        if whole:
            (directory / "slaves").mkdir()
            self._link(self.sys / "block" / directory.name, directory)
        self._link(self.sys / "class/block" / directory.name, directory)
        self._link(self.sys / "dev/block" / number, directory)
        return directory

    def _of(self, name):
        return (self.sys / "class/block" / name).resolve(strict=True)

    def _link(self, link, target):
        link.symlink_to(os.path.relpath(target, link.parent))

    def _write(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")

    def _write_table(self):
        table = self.root / "proc/self/mountinfo"
        table.write_text("".join(f"{line}\n" for line in self._lines))


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path / "machine")


@pytest.fixture
def places(tmp_path):
    """Real directories to mount something on, as the machine's table says."""
    made = {name: tmp_path / name for name in ("backups", "data", "other")}
    for path in made.values():
        Path(path).mkdir()
    return SimpleNamespace(**made)
