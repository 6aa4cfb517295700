"""What kinds of backups lie below a directory: the first look, before there is a configuration."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.formats.names import compile_pattern, generalise
from nexoaudit.inventory.generations import generations
from nexoaudit.inventory.moment import moment_of
from nexoaudit.inventory.targets import SIDECAR
from nexoaudit.locations.directory import Found, list_directory, locate
from nexoaudit.locations.tree import survey
from nexoaudit.model.moments import LAST_MS

_MAX_DEPTH = 3
_EXAMPLES = 3
_ARCHIVE = re.compile(r"\.(tar|tar\.(gz|bz2|xz|zst)|tgz)$")
_DUMP = re.compile(r"\.sql(\.(gz|bz2|xz|zst))?$")
_ARCHIVE_KINDS = (
    ("config", re.compile(r"conf|etc[^a-z]")),
    ("logs", re.compile(r"(?<![a-z])logs?[^a-z]")),
    ("system", re.compile(r"system|full|image")),
    ("uploads", re.compile(r"file|upload|www|html|site|web|data")),
)


class Group(NamedTuple):
    """Files or trees whose names are one pattern."""

    pattern: str
    kind: str
    """The kind of component that such names belong to."""
    files: int
    """How many: a tree is one."""
    sidecars: int
    size: int
    oldest: datetime | None
    """In the zone of the scan; None when every file is empty."""
    newest: datetime | None
    times: tuple[datetime, ...]
    """Of every file that is not empty, oldest first: from its name, else its mtime."""
    timed: bool
    """Whether the names carry dates."""


class Scan(NamedTuple):
    """What lies below one directory."""

    root: Path
    groups: tuple[Group, ...]
    """Largest first, within a kind."""
    others: tuple[tuple[str, int], ...]
    """Top directories with files that no group accounts for, and how many."""
    examples: tuple[str, ...]
    """Some of those files."""


def scan(root: Path, zone: ZoneInfo, *, demonstration: bool = False) -> Scan:
    """Recognise the backups below `root` by their names, trees also by the files they share.

    The files of a demonstration are dated; times that the system keeps itself say nothing there.
    Raise LocationError when it cannot be listed.
    """
    trees = generations(root)
    files = {file.path: file for file in list_directory(root, trees.__contains__)}
    members: dict[str, list[str]] = {}
    for path, common in trees.items():
        members.setdefault(common, []).append(path)
        files[path] = _tree(root, files[path], demonstration=demonstration)
    for path in files:
        if path in trees:
            continue
        pattern = None if path.endswith(SIDECAR) else generalise(path)
        if pattern is not None and _kind(pattern) and path.count("/") < _MAX_DEPTH:
            members.setdefault(pattern, []).append(path)
    groups = [
        _group(pattern, [files[path] for path in paths], files, zone)
        for pattern, paths in members.items()
    ]
    groups.sort(key=lambda group: (-group.files, group.pattern))
    accounted = {path for paths in members.values() for path in paths}
    accounted |= {path + SIDECAR for path in accounted}
    unknown = [path for path in files if path not in accounted]
    others = Counter(_top(path) for path in unknown)
    return Scan(root, tuple(groups), tuple(sorted(others.items())), tuple(unknown[:_EXAMPLES]))


def _kind(pattern: str) -> str:
    """Return the kind of component that a pattern's names belong to; empty for none."""
    if pattern.endswith("/"):
        return "uploads"
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


def _group(pattern: str, group: list[Found], files: Mapping[str, Found], zone: ZoneInfo) -> Group:
    compiled = compile_pattern(pattern)
    moments = (
        moment_of(compiled, file.path, file.mtime_ms, zone)[0] for file in group if file.size
    )
    times = tuple(sorted(moment.astimezone(zone) for moment in moments))
    return Group(
        pattern,
        _kind(pattern),
        len(group),
        sum(1 for file in group if file.path + SIDECAR in files),
        sum(file.size for file in group),
        times[0] if times else None,
        times[-1] if times else None,
        times,
        compiled.timed,
    )


def _tree(root: Path, top: Found, *, demonstration: bool) -> Found:
    """Return a tree with its size, and the time of the run that made it as its own."""
    found = survey(locate(root, top.path), LAST_MS)
    if found is None:
        return top
    made_ms = found.newest_ms if demonstration else max(found.newest_ms, found.built_ms)
    return top._replace(size=found.size, mtime_ms=made_ms)


def _top(path: str) -> str:
    head, slash, _ = path.partition("/")
    return head if slash else "."
