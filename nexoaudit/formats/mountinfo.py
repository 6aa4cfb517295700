"""`/proc/PID/mountinfo`: what is mounted where, in the kernel's own words."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_OCTAL = re.compile(r"\\([0-3][0-7]{2})")
_SEPARATOR = "-"
_FIXED = 6
"""Fields before the optional ones: ids, device, root, mount point, options."""


class Mount(NamedTuple):
    """One line."""

    device: str
    """`MAJOR:MINOR`; the major number 0 is no device, but a number that the kernel made up."""
    point: str
    fstype: str
    source: str
    read_only: bool
    """Of the file system as a whole: a read-only view of a writable one is not meant."""


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """Return the mounts in their order; a line that is not one is left out."""
    found = (_mount(line.split(" ")) for line in text.split("\n"))
    return tuple(mount for mount in found if mount is not None)


def mount_of(mounts: Iterable[Mount], path: str) -> Mount | None:
    """Return the mount that an absolute path without links lies on; None if there is none.

    Of several mounts on one point the last one covers the others.
    """
    best = None
    for mount in mounts:
        deeper = best is None or len(mount.point) >= len(best.point)
        if deeper and _within(path, mount.point):
            best = mount
    return best


def _mount(fields: list[str]) -> Mount | None:
    if _SEPARATOR not in fields[_FIXED:]:
        return None
    at = fields.index(_SEPARATOR, _FIXED)
    if len(fields) < at + 4 or not fields[4].startswith("/"):
        return None
    fstype, source, options = fields[at + 1 : at + 4]
    return Mount(
        fields[2],
        _unescaped(fields[4]),
        _unescaped(fstype),
        _unescaped(source),
        "ro" in options.split(","),
    )


def _unescaped(text: str) -> str:
    """Return a field with its blanks, tabs, newlines and backslashes as they are."""
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)


def _within(path: str, point: str) -> bool:
    return path == point or path.startswith(point if point.endswith("/") else f"{point}/")
