"""Working files that backup jobs left behind: no series accounts for them, no pruning matches."""

import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import NamedTuple

from nexoaudit.formats.names import Pattern, compile_pattern, matches, point_time
from nexoaudit.locations.directory import write_path

_OLD = timedelta(days=1)
"""No job works on one point for longer."""
_ENDING = re.compile(r"(\.(tar|sql|gz|bz2|xz|zst|tgz|zip|gpg))+$")
_UNFINISHED = re.compile(r"\.(tmp|temp|part|partial|tar|sql)$")
"""Endings of files that a job was still to rename, to compress or to delete."""
_RSYNC = re.compile(r"\.(.+)\.\w{6}")
"""rsync's name for a file that it has not finished: a dot before it, six characters after it."""


class _Stem(NamedTuple):
    """What the names of a series begin with, before the ending of its archives."""

    directory: str
    """Relative to the location, with its slash; empty for the location itself."""
    pattern: Pattern


def leftovers(root: Path, patterns: Iterable[str], zone: tzinfo, now: datetime) -> tuple[str, ...]:
    """Return the paths below `root`, in order, of what jobs left there more than a day ago.

    Those are directories named like a point without the ending of its archive, and unfinished
    files of such a name. `patterns` are the series' own; what one of them matches is no leftover,
    nor is what has no time in its name. A directory that cannot be listed has none: the listing
    of the location says that.
    """
    compiled = [compile_pattern(text) for text in patterns]
    found = {
        path
        for stem in filter(None, map(_stem, compiled))
        for path in _beside(root, stem, zone, now)
        if not any(matches(pattern, path, zone) for pattern in compiled)
    }
    return tuple(sorted(write_path(path) for path in found))


def _stem(series: Pattern) -> _Stem | None:
    directory, slash, name = series.text.rpartition("/")
    if not series.timed or "{" in directory or "*" in directory:
        return None
    stem = _ENDING.sub("", name)
    return _Stem(directory + slash, compile_pattern(f"{directory}{slash}{stem}*"))


def _beside(root: Path, stem: _Stem, zone: tzinfo, now: datetime) -> Iterator[str]:
    try:
        with os.scandir(root / stem.directory) as scan:
            entries = list(scan)
    except OSError:
        return
    for entry in entries:
        name = _point_name(entry)
        if not name:
            continue
        try:
            made = point_time(stem.pattern, stem.directory + name, zone)
        except ValueError:
            continue
        if made is not None and now - made > _OLD:
            yield stem.directory + entry.name


def _point_name(entry: os.DirEntry[str]) -> str:
    """Return the name to find a point's time in; empty for what is no working file."""
    if entry.is_dir(follow_symlinks=False):
        return entry.name
    if not entry.is_file(follow_symlinks=False):
        return ""
    unfinished = _RSYNC.fullmatch(entry.name)
    if unfinished:
        return unfinished[1]
    return entry.name if _UNFINISHED.search(entry.name) else ""
