"""What lies beside the copies of a series and is none of them: orphans and strays."""

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from nexoaudit.formats.names import matches, time_in_name
from nexoaudit.inventory.moment import moment_of
from nexoaudit.inventory.targets import SIDECAR, Target
from nexoaudit.locations.directory import Found
from nexoaudit.model.moments import millis, moment
from nexoaudit.model.sighting import Stray

_NAMES = 5
_LEAST_PREFIX = 3
"""A shorter beginning of a name says nothing of whom it belongs to."""

_Key = tuple[str, str, str]
_File = tuple[int, str]


def strays(
    unmatched: Iterable[Found], targets: Iterable[Target], zone: ZoneInfo
) -> tuple[Stray, ...]:
    """Return per series its orphans and strays among files that are no copy and no sidecar of one.

    An orphan is a checksum file whose file is gone. A stray lies where the series' copies lie and
    begins with their name, but is not named like one: `site_20261101.sql.gz.old`.
    """
    by_folder: dict[str, list[Target]] = {}
    for target in targets:
        by_folder.setdefault(_split(target.pattern.text)[0], []).append(target)
    found: dict[_Key, list[_File]] = {}
    for file in unmatched:
        folder, name = _split(file.path)
        for target in by_folder.get(folder, ()):
            kind, moment = _kind(file, name, target, zone)
            if kind:
                key = kind, target.component, target.series
                found.setdefault(key, []).append((millis(moment), file.path))
                break
    return tuple(_stray(key, sorted(files)) for key, files in sorted(found.items()))


def _kind(file: Found, name: str, target: Target, zone: ZoneInfo) -> tuple[str, datetime]:
    """Return `orphan`, `stray` or nothing, and of when the file is."""
    base = file.path.removesuffix(SIDECAR)
    if base != file.path and matches(target.pattern, base, zone):
        return "orphan", moment_of(target.pattern, base, file.mtime_ms, zone)[0]
    changed = moment(file.mtime_ms)
    prefix = re.split(r"[{*]", _split(target.pattern.text)[1])[0]
    if len(prefix) < _LEAST_PREFIX or not name.startswith(prefix):
        return "", changed
    return "stray", time_in_name(name, zone) or changed


def _stray(key: _Key, files: list[_File]) -> Stray:
    names = tuple(path for _, path in files[:_NAMES])
    return Stray(*key, files=len(files), oldest_ms=max(0, files[0][0]), names=names)


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name
