"""Faults of the incremental trees: a rotation that fails, and rot that generations share."""

import os
import shutil
from pathlib import Path

from nexoaudit.errors import DemoError
from nexoaudit_demo import disk
from nexoaudit_demo.calendar import DAY
from nexoaudit_demo.places import Places

_FROZEN_DAYS = 4
"""How long ago the last rotation was that did not fail."""


def nest(places: Places) -> str:
    """Let the rotation have failed for days, as the guide's script does from its third run on.

    `previous` holds what it held then, and inside it the generation that was moved there; since
    then `current` is overwritten in place. The transfer carried it off-site.
    """
    for base in (places.backups / "incremental", places.offsite / "incremental"):
        current, previous = base / "current", base / "previous"
        if not (current.is_dir() and previous.is_dir()):
            raise DemoError(f"{base} has no two generations: build a site first")
        run = int(current.stat().st_mtime)
        _leave(previous, run - _FROZEN_DAYS * DAY)
        moved = previous / "current"
        shutil.copytree(previous, base / "moved", symlinks=True, copy_function=os.link)
        (base / "moved").rename(moved)
        disk.date(moved, run - (_FROZEN_DAYS - 1) * DAY)
        disk.date(previous, run - (_FROZEN_DAYS - 1) * DAY)
        disk.date(base, run - (_FROZEN_DAYS - 2) * DAY)
    return f"previous stands still since {_FROZEN_DAYS} days, and a generation lies inside it"


def rot(places: Places) -> str:
    """Let one bit rot in a file that both local generations share."""
    base = places.backups / "incremental"
    shared = [
        path
        for path in sorted((base / "current/uploads").rglob("*"))
        if path.is_file() and (base / "previous" / path.relative_to(base / "current")).exists()
    ]
    if not shared:
        raise DemoError(f"{base} has no generations that share a file: build a site first")
    path = shared[len(shared) // 2]
    found = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    with path.open("r+b") as file:  # the inode stays the one that both share
        file.write(data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    return f"{path} has one bit flipped, and so has every generation that shares it"


def _leave(tree: Path, moment: int) -> None:
    """Let a tree be as it was at `moment`: without what is newer."""
    for path in sorted(tree.rglob("*"), reverse=True):
        if path.stat().st_mtime <= moment:
            continue
        if path.is_dir():
            disk.date(path, moment)
        else:
            path.unlink()
    for path in (tree, *tree.rglob("*")):
        if path.is_dir() and path.stat().st_mtime > moment:
            disk.date(path, moment)
