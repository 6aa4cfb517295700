from pathlib import Path

import pytest

from nexoaudit.formats.mountinfo import mount_of, parse_mountinfo
from nexoaudit.live.blockdev import backing
from nexoaudit.model.disk import Raid


@pytest.fixture
def below(machine):
    """Return what a path of the machine stands on."""

    def find(path="/srv"):
        text = (machine.kernel.proc / "self/mountinfo").read_text()
        mounts = parse_mountinfo(text)
        return backing(mount_of(mounts, path), mounts, machine.sys)

    return find


def test_a_partition_stands_on_its_disk(machine, below):
    machine.disk("sda")
    machine.mount("/srv", machine.partition("sda", 1))
    assert below() == (("sda",), (), "")


def test_a_disk_without_partitions_is_a_disk(machine, below):
    machine.disk("vda")
    machine.mount("/srv", "vda")
    assert below().disks == ("vda",)


def test_a_logical_volume_stands_on_every_disk_of_its_group(machine, below):
    machine.disk("sda")
    machine.disk("sdb")
    machine.mapped("dm-0", "vg-backups", machine.partition("sda", 3), "sdb")
    machine.mount("/srv", "dm-0", source="/dev/mapper/vg-backups")
    assert below().disks == ("sda", "sdb")


def test_a_software_raid_stands_on_the_disks_of_its_members(machine, below):
    for disk in ("sda", "sdb"):
        machine.disk(disk)
        machine.partition(disk, 1)
    machine.raid("md0", "raid1", "sda1", "sdb1", action="check")
    machine.mount("/srv", "md0")
    assert below() == (("sda", "sdb"), (Raid("md0", "raid1", ("sda1", "sdb1"), 0, "check"),), "")


def test_a_partition_of_a_software_raid_stands_on_its_members(machine, below):
    machine.disk("sda")
    machine.disk("sdb")
    machine.raid("md127", "raid10", "sda", "sdb", degraded=1, action="recover")
    machine.mount("/srv", machine.partition("md127", 2))
    found = below()
    assert found.disks == ("sda", "sdb")
    assert found.raids == (Raid("md127", "raid10", ("sda", "sdb"), 1, "recover"),)


def test_encryption_on_lvm_on_raid_is_followed_down(machine, below):
    for disk in ("sdc", "sdd"):
        machine.disk(disk)
        machine.partition(disk, 2)
    machine.raid("md1", "raid1", "sdc2", "sdd2")
    machine.mapped("dm-0", "vg-crypt", "md1")
    machine.mapped("dm-1", "crypt_backups", "dm-0")
    machine.mount("/srv", "dm-1")
    found = below()
    assert found.disks == ("sdc", "sdd")
    assert [raid.name for raid in found.raids] == ["md1"]


def test_partitions_and_namespaces_of_one_nvme_disk_are_one_disk(machine, below):
    machine.disk("nvme0n1", "pci0000:00/0000:01:00.0/nvme/nvme0")
    machine.disk("nvme0n2", "pci0000:00/0000:01:00.0/nvme/nvme0")
    machine.mount("/srv", machine.partition("nvme0n1", 1))
    machine.mount("/data", "nvme0n2")
    assert below().disks == below("/data").disks == ("nvme0",)


def test_a_striped_raid_has_nothing_that_could_be_degraded(machine, below):
    machine.disk("sda")
    machine.disk("sdb")
    machine.raid("md0", "raid0", "sda", "sdb")
    machine.mount("/srv", "md0")
    assert below().raids == (Raid("md0", "raid0", ("sda", "sdb"), 0, ""),)


def test_btrfs_stands_on_all_its_devices(machine, below):
    for disk in ("sda", "sdb", "sdc"):
        machine.disk(disk)
    machine.btrfs("0f-aa", "sdc")
    machine.btrfs("4b-11", machine.partition("sda", 2), "sdb")
    machine.mount("/srv", "0:40", "btrfs", "/dev/sda2")
    assert below().disks == ("sda", "sdb")


def test_btrfs_on_a_logical_volume_is_found_by_the_name_of_the_mapping(machine, below):
    machine.disk("sda")
    machine.mapped("dm-0", "vg-root", "sda")
    machine.mount("/srv", "0:41", "btrfs", "/dev/mapper/vg-root")
    assert below().disks == ("sda",)


def test_a_loop_device_stands_on_what_its_file_lies_on(machine, below):
    machine.disk("sda")
    machine.mount("/", machine.partition("sda", 1))
    machine.loop("loop0", "/images/backups.img")
    machine.mount("/srv", "loop0")
    assert below().disks == ("sda",)


@pytest.mark.parametrize(
    ("fstype", "source"),
    [
        ("overlay", "overlay"),
        ("tmpfs", "tmpfs"),
        ("nfs4", "nas:/backups"),
        ("cifs", "//nas/backups"),
        ("zfs", "tank/backups"),
        ("fuse.sshfs", "backup@host:/srv"),
    ],
)
def test_a_file_system_without_a_device_has_no_disks_that_can_be_told(
    machine, below, fstype, source
):
    machine.mount("/srv", "0:50", fstype, source)
    assert below() == ((), (), f"{fstype} of {source}")


@pytest.mark.parametrize("name", ["nbd0", "rbd1", "drbd0", "zram0"])
def test_a_device_that_is_no_disk_of_this_machine_is_not_taken_for_one(machine, below, name):
    machine.disk(name, "virtual")
    machine.mount("/srv", name)
    assert below() == ((), (), f"ext4 of /dev/{name}, on {name}")


def test_a_device_that_sysfs_does_not_show_is_not_guessed_at(machine, below):
    machine.mount("/srv", "254:7", "ext4", "/dev/root")
    assert below() == ((), (), f"ext4 of /dev/root, which is not in {machine.sys}")
    machine.mount("/data", "0:60", "btrfs", "/dev/sdz1")
    assert below("/data").unseen == "btrfs of /dev/sdz1"


def test_one_unknown_leg_makes_the_whole_unknown(machine, below):
    machine.disk("sda")
    machine.disk("nbd0", "virtual")
    machine.mapped("dm-0", "vg-backups", "sda", "nbd0")
    machine.mount("/srv", "dm-0")
    found = below()
    assert found.disks == ()
    assert found.unseen


def test_this_very_machine_is_followed_without_an_error():
    mounts = parse_mountinfo(Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape"))
    for mount in mounts:
        found = backing(mount, mounts, Path("/sys"))
        assert bool(found.disks) != bool(found.unseen)
