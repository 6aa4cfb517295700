"""A location that is a directory on this machine, or mounted on it."""

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from nexoaudit.errors import LocationError
from nexoaudit.model.moments import file_ms

_ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2})")


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
        directory = root / below
        entries = _entries(directory)
        while entries:
            entry = entries.pop()  # each holds a status, and there may be millions
            status = _status(directory, entry)
            if status is None:
                continue
            path = f"{below}{entry.name}"
            if stat.S_ISDIR(status.st_mode):
                path += "/"
                if not is_tree(write_path(path)):
                    pending.append((path, is_open and bool(status.st_mode & stat.S_IXOTH)))
                    continue
            elif not stat.S_ISREG(status.st_mode):
                continue
            found = _found(path, status)
            yield found if is_open else found._replace(mode=found.mode & ~stat.S_IRWXO)


def _lets_in(root: Path) -> bool:
    """Return whether everybody may pass through `root` and all directories above it."""
    whole = root.resolve()
    return all(path.stat().st_mode & stat.S_IXOTH for path in (whole, *whole.parents))


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    """Return what is in a directory, the last by name first."""
    try:
        with os.scandir(directory) as scan:
            return sorted(scan, key=lambda entry: entry.name, reverse=True)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return []  # deeper than any program can name a file: no copy lies there
        raise LocationError("location.unreadable", f"{directory}: {error.strerror}") from error


def _status(directory: Path, entry: os.DirEntry[str]) -> os.stat_result | None:
    """Return the status of what an entry is; None for one that is gone by now."""
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return None
        place = directory / entry.name
        raise LocationError("location.unreadable", f"{place}: {error.strerror}") from error


def _unescaped(match: re.Match[str]) -> str:
    if match[1] == "\\":
        return "\\"
    return bytes([int(match[1][1:], 16)]).decode("utf-8", "surrogateescape")


def _found(path: str, status: os.stat_result) -> Found:
    return Found(
        write_path(path),
        status.st_size,
        file_ms(status.st_mtime_ns),
        file_ms(status.st_ctime_ns),
        stat.S_IMODE(status.st_mode),
        status.st_dev,
        status.st_ino,
    )
