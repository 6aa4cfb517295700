"""A location that is a directory on this machine, or mounted on it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nexoaudit.errors import LocationError


class Found(NamedTuple):
    """One regular file below a directory."""

    path: str
    """Relative to the directory, with `/` between its parts."""
    size: int
    mtime_ms: int
    ctime_ms: int
    mode: int
    device: int
    inode: int


def list_directory(root: Path) -> Iterator[Found]:
    """Yield every regular file below `root`, directories in order of name; links are not followed.

    Raise LocationError when any part cannot be listed: half a listing would make copies vanish.
    """
    if not root.is_dir():
        raise LocationError("location.missing", f"{root} is not a directory")
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(root / below) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            raise LocationError(
                "location.unreadable", f"{root / below}: {error.strerror}"
            ) from error
        for entry in entries:
            path = f"{below}{entry.name}"
            try:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(f"{path}/")
                elif entry.is_file(follow_symlinks=False):
                    yield _found(path, entry.stat(follow_symlinks=False))
            except FileNotFoundError:
                continue  # gone since the directory was read
            except OSError as error:
                raise LocationError(
                    "location.unreadable", f"{root / path}: {error.strerror}"
                ) from error


def _found(path: str, stat: os.stat_result) -> Found:
    return Found(
        path,
        stat.st_size,
        stat.st_mtime_ns // 1_000_000,
        stat.st_ctime_ns // 1_000_000,
        stat.st_mode & 0o7777,
        stat.st_dev,
        stat.st_ino,
    )
