"""Whether the disk can hold a restore."""

import shutil
from pathlib import Path

from nexoaudit.errors import SandboxError
from nexoaudit.sandbox.server import REDO_BYTES

FREE_FLOOR = 128 << 20
"""Bytes that must stay free on the disk: a server that finds it full waits instead of failing."""

FACTOR = 2.5
"""A data directory grows to about this many times the SQL."""

_ISIZE_MODULUS = 1 << 32
_GZIP = b"\x1f\x8b"
_OTHERS = (b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_USUAL_RATIO = 10
_LEAST_RATIO = 3
"""Where only the size is known a restore is begun that may fit; the disk is watched all the time.
"""


class SpaceError(SandboxError):
    """The disk is too full for the restore."""


def needed(dump: Path) -> int:
    """Return how many bytes a restore of the file `dump` takes; OSError passes through."""
    return taken(_raw_size(dump))


def taken(raw: int) -> int:
    """Return how many bytes a restore of so many bytes of SQL takes."""
    return int(raw * FACTOR) + REDO_BYTES


def unpacked(size: int) -> int:
    """Return about how much SQL a compressed dump of so many bytes holds at least."""
    return size * _LEAST_RATIO


def require(directory: Path, need: int) -> None:
    """Raise SpaceError when the disk of `directory` has fewer than `need` bytes free."""
    free = shutil.disk_usage(directory).free
    if free < need:
        raise SpaceError(
            f"{directory} has {free >> 20} MiB free, the restore needs {need >> 20} MiB:"
            " free some, or set TMPDIR to a directory on a larger disk"
        )


def _raw_size(path: Path) -> int:
    """Return about how many bytes the file holds when decompressed.

    A gzip archive says so itself, modulo 4 GiB; for other formats a usual ratio is taken.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(6)
        if head.startswith(_GZIP) and size >= 18:
            file.seek(-4, 2)
            raw = int.from_bytes(file.read(4), "little")
            while raw < 2 * size - 1024 and size > _ISIZE_MODULUS // 8:
                raw += _ISIZE_MODULUS
            return raw
    return size * _USUAL_RATIO if head.startswith(_OTHERS) else size
