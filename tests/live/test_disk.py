import os
from zoneinfo import ZoneInfo

import pytest

from nexoaudit.live.disk import observe_disk
from nexoaudit.model.disk import Place
from nexoaudit.model.location import Location

ZONE = ZoneInfo("UTC")


@pytest.fixture
def look(build, machine, places):
    """Observe the directory of the backups on that machine."""

    def observe(path=places.backups, *, data=(), kernel=machine.kernel):
        component = build.database(data=tuple(str(item) for item in data))
        others = build.database(id="elsewhere", series=(), data=("/not/asked/for",))
        location = Location("local", str(path))
        return observe_disk(location, (component, others), build.NOW, ZONE, kernel)

    return observe


def test_room_is_told_as_an_ordinary_user_has_it(look, machine, places):
    machine.disk("sdb")
    machine.mount(places.backups, "sdb", "xfs")
    disk = look()
    real = os.statvfs(places.backups)
    assert (disk.outcome, disk.mount, disk.fstype) == ("complete", str(places.backups), "xfs")
    assert disk.size == real.f_blocks * real.f_frsize
    assert 0 <= disk.free <= real.f_bavail * real.f_frsize + disk.size // 50
    assert 0 <= disk.percent <= 100
    assert -1 <= disk.inodes_percent <= 100
    assert disk.disks == ("sdb",)
    assert not disk.read_only


def test_what_is_told_stays_the_same_while_little_is_written(look, machine, places):
    machine.disk("sdb")
    machine.mount(places.backups, "sdb")
    before = look()
    step = before.size // (100 if before.percent >= 5 else 1000)
    (places.backups / "dump").write_bytes(b"x" * 100_000)
    after = look()
    assert before.free % step == 0
    assert after.size == before.size
    assert abs(after.free - before.free) in {0, step}  # others write to this disk as well


def test_a_link_is_followed_to_where_the_copies_are(look, machine, places, tmp_path):
    machine.disk("sda")
    machine.disk("sdb")
    machine.mount("/", "sda")
    machine.mount(places.backups, "sdb")
    link = tmp_path / "link"
    link.symlink_to(places.backups)
    assert look(link).disks == ("sdb",)


def test_the_data_of_the_components_that_keep_points_there_is_looked_at(look, machine, places):
    machine.disk("sda")
    machine.disk("sdb")
    machine.mount("/", machine.partition("sda", 1))
    machine.mount(places.backups, "sdb")
    machine.mount(places.other, "0:70", "nfs4", "nas:/data")
    disk = look(data=[places.data, places.other, places.data / "gone"])
    assert disk.data == (
        Place("database", str(places.data), ("sda",), ""),
        Place("database", str(places.other), (), "nfs4 of nas:/data"),
        Place("database", str(places.data / "gone"), (), "No such file or directory"),
    )


def test_a_file_system_that_refuses_to_be_written_says_so(look, machine, places):
    machine.disk("sdb")
    machine.mount(places.backups, "sdb", options="ro,errors=remount-ro")
    assert look().read_only


def test_what_cannot_be_looked_at_is_a_failed_look(look, machine, places):
    gone = look(places.backups / "gone")
    assert (gone.outcome, gone.detail) == (
        "failed",
        f"{places.backups / 'gone'}: No such file or directory",
    )
    assert look(kernel=machine.kernel._replace(proc=places.other)).outcome == "failed"


def test_a_location_that_no_mount_holds_is_not_guessed_at(look):
    assert look().unseen == "its mount is not in the table of mounts"


def test_this_very_machine_answers(build, places):
    disk = observe_disk(Location("local", str(places.backups)), (), build.NOW, ZONE)
    assert disk.outcome == "complete"
    assert disk.fstype
    assert bool(disk.disks) != bool(disk.unseen)
