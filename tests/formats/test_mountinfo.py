import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.formats.mountinfo import Mount, mount_of, parse_mountinfo

TABLE = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
40 27 253:2 / /srv/back\040ups rw,noatime shared:5 master:2 - xfs /dev/mapper/vg-backups ro,attr2
41 27 0:44 / /mnt/nas rw - nfs4 nas.example.com:/back\040ups rw,vers=4.2
42 27 8:17 /sub /bound ro,relatime - ext4 /dev/sdb1 rw
43 27 8:33 / /bound rw - ext4 /dev/sdc1 rw
44 27 8:34 / relative rw - ext4 /dev/sdc2 rw
45 27 8:35 / /cut rw - ext4
nonsense
"""


def test_each_line_is_a_mount_and_what_is_none_is_left_out():
    mounts = parse_mountinfo(TABLE)
    assert [mount.point for mount in mounts] == [
        "/proc", "/", "/srv/back ups", "/mnt/nas", "/bound", "/bound"
    ]  # fmt: skip
    assert mounts[2] == Mount("253:2", "/srv/back ups", "xfs", "/dev/mapper/vg-backups", True)
    assert mounts[3].source == "nas.example.com:/back ups"


def test_a_read_only_view_of_a_writable_file_system_is_not_read_only():
    views = [mount for mount in parse_mountinfo(TABLE) if mount.point == "/bound"]
    assert [mount.read_only for mount in views] == [False, False]


def test_a_path_lies_on_the_deepest_mount_and_the_last_of_several_covers_the_others():
    mounts = parse_mountinfo(TABLE)
    found = {
        path: mount_of(mounts, path).device
        for path in ("/", "/home/x", "/srv/back ups/db", "/srv/back upside", "/bound/y", "/mnt/nas")
    }
    assert found == {
        "/": "8:1",
        "/home/x": "8:1",
        "/srv/back ups/db": "253:2",
        "/srv/back upside": "8:1",
        "/bound/y": "8:33",
        "/mnt/nas": "0:44",
    }
    assert mount_of((), "/home") is None


def escaped(text):
    """Write a name as the kernel does."""
    return re.sub(r"[ \t\n\\#]", lambda found: f"\\{ord(found[0]):03o}", text)


NAMES = st.text(st.characters(blacklist_characters="\0/", blacklist_categories=("Cs",)), min_size=1)


@given(st.lists(NAMES, min_size=1, max_size=4), NAMES, st.booleans())
def test_names_come_back_as_they_are(parts, source, read_only):
    point = "/" + "/".join(parts)
    options = "ro,attr2" if read_only else "rw"
    line = f"1 0 8:1 / {escaped(point)} rw shared:1 - ext4 {escaped(source)} {options}"
    (mount,) = parse_mountinfo(line + "\n")
    assert mount == Mount("8:1", point, "ext4", source, read_only)
    assert mount_of([mount], f"{point}/below") == mount


@given(st.text(st.sampled_from("01289:/ -\\\nrwo,") | st.characters(blacklist_categories=("Cs",))))
def test_any_text_is_read_without_an_error(text):
    for mount in parse_mountinfo(text):
        assert mount.point.startswith("/")


def test_the_table_of_this_very_machine_is_read():
    mounts = parse_mountinfo(Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape"))
    assert mount_of(mounts, "/proc/self").fstype == "proc"
