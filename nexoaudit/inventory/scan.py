"""What kinds of backups lie below a directory: the first look, before there is a configuration."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.formats.names import compile_pattern, generalise, point_time
from nexoaudit.inventory.sweep import SIDECAR
from nexoaudit.locations.directory import list_directory

_MAX_DEPTH = 3
_ARCHIVE = re.compile(r"\.(tar|tar\.(gz|bz2|xz|zst)|tgz)$")
_DUMP = re.compile(r"\.sql(\.(gz|bz2|xz|zst))?$")
_ARCHIVE_KINDS = (
    ("config", re.compile(r"conf|etc[^a-z]")),
    ("logs", re.compile(r"(?<![a-z])logs?[^a-z]")),
    ("system", re.compile(r"system|full|image")),
    ("uploads", re.compile(r"file|upload|www|html|site|web|data")),
)


class Group(NamedTuple):
    """Files whose names are one pattern."""

    pattern: str
    kind: str
    """The kind of component that such names belong to."""
    files: int
    sidecars: int
    size: int
    oldest: datetime | None
    """From the names, in the zone of the scan; None when the names carry no time."""
    newest: datetime | None
    times: tuple[datetime, ...]


class Scan(NamedTuple):
    """What lies below one directory."""

    root: Path
    groups: tuple[Group, ...]
    """Largest first, within a kind."""
    others: tuple[tuple[str, int], ...]
    """Top directories with files that no group accounts for, and how many."""


def scan(root: Path, zone: ZoneInfo) -> Scan:
    """Recognise the backups below `root` by their names.

    Raise LocationError when it cannot be listed.
    """
    sizes: dict[str, int] = {file.path: file.size for file in list_directory(root)}
    members: dict[str, list[str]] = {}
    for path in sizes:
        pattern = None if path.endswith(SIDECAR) else generalise(path)
        if pattern is not None and _kind(pattern) and path.count("/") < _MAX_DEPTH:
            members.setdefault(pattern, []).append(path)
    groups = [_group(pattern, paths, sizes, zone) for pattern, paths in members.items()]
    groups.sort(key=lambda group: (-group.files, group.pattern))
    accounted = {path for paths in members.values() for path in paths}
    accounted |= {path + SIDECAR for path in accounted}
    others = Counter(_top(path) for path in sizes if path not in accounted)
    return Scan(root, tuple(groups), tuple(sorted(others.items())))


def _kind(pattern: str) -> str:
    """Return the kind of component that a pattern's names belong to; empty for none."""
    name = PurePosixPath(re.sub(r"\{time:[^}]*\}", "T", pattern)).name.lower()
    if pattern.endswith("{number}"):
        return "binlog" if "bin" in name else ""
    if _DUMP.search(name):
        return "database"
    if _ARCHIVE.search(name):
        words = pattern.lower()
        for kind, regex in _ARCHIVE_KINDS:
            if regex.search(name.rpartition(".tar")[0] + "."):
                return kind
        for kind, regex in _ARCHIVE_KINDS:
            if regex.search(words):
                return kind
    return ""


def _group(pattern: str, paths: list[str], sizes: dict[str, int], zone: ZoneInfo) -> Group:
    times = tuple(sorted(_times(pattern, paths, zone)))
    return Group(
        pattern,
        _kind(pattern),
        len(paths),
        sum(1 for path in paths if path + SIDECAR in sizes),
        sum(sizes[path] for path in paths),
        times[0] if times else None,
        times[-1] if times else None,
        times,
    )


def _times(pattern: str, paths: list[str], zone: ZoneInfo) -> Iterable[datetime]:
    compiled = compile_pattern(pattern)
    for path in paths:
        moment = point_time(compiled, path, zone)
        if moment is not None:
            yield moment.astimezone(zone)


def _top(path: str) -> str:
    head, slash, _ = path.partition("/")
    return head if slash else "."
