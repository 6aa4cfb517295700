"""A location that is a directory on this machine, or mounted on it."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from nexoaudit.errors import LocationError

_ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2})")
LAST_MS = 253_402_300_799_000
"""The end of the year 9999: a file system may hold times that no calendar does."""


class Found(NamedTuple):
    """One regular file below a directory, or a directory that is listed as one thing."""

    path: str
    """Relative to the directory, with `/` between its parts; as `write_path` writes it.

    That of a directory that is listed as one thing ends in `/`."""
    size: int
    mtime_ms: int
    ctime_ms: int
    mode: int
    """Permission bits; those for everybody only where the directories above let them in."""
    device: int
    inode: int
    token: str = ""
    """Of an object: what changes whenever its bytes do."""
    tier: str = ""
    """Of an object: its storage class; empty: the standard one."""


def write_path(path: str) -> str:
    """Return the name of a file as text that UTF-8 can hold, in a way that `locate` reverses.

    A byte that is not UTF-8 becomes a backslash, an x and two digits; a backslash is doubled.
    """
    doubled = path.replace("\\", "\\\\")
    return doubled.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def read_path(written: str) -> str:
    """Return the name that `write_path` wrote so; bytes that are not UTF-8 are surrogates."""
    return _ESCAPED.sub(_unescaped, written)


def locate(root: Path, written: str) -> Path:
    """Return the path of the file that `write_path` wrote so."""
    return root / read_path(written)


def list_directory(
    root: Path, is_tree: Callable[[str], bool] = lambda _path: False
) -> Iterator[Found]:
    """Yield every regular file below `root`, directories in order of name; links are not followed.

    A directory of which `is_tree` is true (it is asked with the path as written, `/` at its end)
    is yielded instead of what is in it. Raise LocationError when any part cannot be listed: half a
    listing would make copies vanish.
    """
    if not root.is_dir():
        raise LocationError("location.missing", f"{root} is not a directory")
    pending = [("", _lets_in(root))]
    while pending:
        below, is_open = pending.pop()
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
                    path += "/"
                    found = _found(path, entry.stat(follow_symlinks=False))
                    if is_tree(found.path):
                        yield found if is_open else found._replace(mode=found.mode & ~stat.S_IRWXO)
                    else:
                        pending.append((path, is_open and bool(found.mode & stat.S_IXOTH)))
                elif entry.is_file(follow_symlinks=False):
                    found = _found(path, entry.stat(follow_symlinks=False))
                    yield found if is_open else found._replace(mode=found.mode & ~stat.S_IRWXO)
            except FileNotFoundError:
                continue  # gone since the directory was read
            except OSError as error:
                raise LocationError(
                    "location.unreadable", f"{root / path}: {error.strerror}"
                ) from error


def _lets_in(root: Path) -> bool:
    """Return whether everybody may pass through `root` and all directories above it."""
    whole = root.resolve()
    return all(path.stat().st_mode & stat.S_IXOTH for path in (whole, *whole.parents))


def _unescaped(match: re.Match[str]) -> str:
    if match[1] == "\\":
        return "\\"
    return bytes([int(match[1][1:], 16)]).decode("utf-8", "surrogateescape")


def _found(path: str, status: os.stat_result) -> Found:
    return Found(
        write_path(path),
        status.st_size,
        _milliseconds(status.st_mtime_ns),
        _milliseconds(status.st_ctime_ns),
        stat.S_IMODE(status.st_mode),
        status.st_dev,
        status.st_ino,
    )


def _milliseconds(nanoseconds: int) -> int:
    return max(0, min(nanoseconds // 1_000_000, LAST_MS))
