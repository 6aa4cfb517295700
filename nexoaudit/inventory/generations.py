"""Recognising trees that are generations of one another, before there is a configuration."""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from nexoaudit.errors import LocationError
from nexoaudit.formats.names import generalise
from nexoaudit.locations.directory import write_path
from nexoaudit.locations.tree import Walk

_MAX_DEPTH = 3
_LOOKED_AT = 5000
"""Files of a tree that are looked at to see whether another one shares some."""
_GUIDE = {"current", "previous"}
_NUMBERED = re.compile(r"(.*[._-])[0-9]{1,5}")


def generations(root: Path) -> Mapping[str, str]:
    """Return by path (as written, `/` at its end) the series pattern of each tree below `root`.

    Generations are known by names that differ only in a date or a number, and by files that they
    share; `current` and `previous`, alone in their directory, by their names: on the first day
    there is but one. Raise LocationError when a directory cannot be listed.
    """
    found: dict[str, str] = {}
    pending = [""]
    while pending:
        below = pending.pop()
        folders, files = _list(root, below)
        chosen = _guide(folders, files) or _alike(root / below, folders)
        for name, pattern in chosen.items():
            found[write_path(f"{below}{name}/")] = write_path(f"{below}{pattern}/")
        if below.count("/") < _MAX_DEPTH - 1:
            pending += [f"{below}{name}/" for name in folders if name not in chosen]
    return {path: pattern for path, pattern in found.items() if _usable(pattern)}


def _list(root: Path, below: str) -> tuple[list[str], list[str]]:
    folders: list[str] = []
    files: list[str] = []
    try:
        with os.scandir(root / below) as entries:
            for entry in entries:
                (folders if entry.is_dir(follow_symlinks=False) else files).append(entry.name)
    except NotADirectoryError as error:
        raise LocationError("location.missing", f"{root} is not a directory") from error
    except FileNotFoundError as error:
        if below:
            return [], []
        raise LocationError("location.missing", f"{root} is not a directory") from error
    except OSError as error:
        raise LocationError("location.unreadable", f"{root / below}: {error.strerror}") from error
    return sorted(folders), files


def _guide(folders: list[str], files: list[str]) -> dict[str, str]:
    names = set(folders)
    if files or "current" not in names or not names <= _GUIDE:
        return {}
    return dict.fromkeys(folders, "*")


def _alike(parent: Path, folders: list[str]) -> dict[str, str]:
    """Return the folders of one pattern that share files with another of it, and the pattern."""
    groups: dict[str, list[str]] = {}
    for name in folders:
        numbered = _NUMBERED.fullmatch(name)
        pattern = generalise(name) or (f"{numbered[1]}{{number}}" if numbered else None)
        if pattern is not None:
            groups.setdefault(pattern, []).append(name)
    return {
        name: pattern
        for pattern, names in groups.items()
        if len(names) > 1 and _share(parent / names[-2], parent / names[-1])
        for name in names
    }


def _share(one: Path, other: Path) -> bool:
    """Return whether a file of one tree is, under the same name, the same inode in the other."""
    looked_at = 0
    for node in Walk(one):
        if not stat.S_ISREG(node.status.st_mode):
            continue
        looked_at += 1
        if looked_at > _LOOKED_AT:
            break
        if node.status.st_nlink < 2:
            continue
        try:
            status = (other / node.path).lstat()
        except OSError:
            continue
        if os.path.samestat(status, node.status):
            return True
    return False


def _usable(pattern: str) -> bool:
    """Return whether a pattern means what it should: a directory may be called `{` or `*`."""
    literal = re.sub(r"\{time:[^{}]*\}|\{number\}|\*/$", "", pattern)
    return not set(literal) & set("{}*")
