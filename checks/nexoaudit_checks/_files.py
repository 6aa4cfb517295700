"""Files that match a pattern, as backups: their times, and what cannot count as one."""

import bz2
import glob
import lzma
import os
import stat
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from nexoaudit.formats.names import time_in_name
from nexoaudit.model.moments import file_ms, millis

SIDECAR = ".sha256"
QUIET_MS = 10 * 60_000
"""A file without a checksum file that changed this recently may still be being written."""
FUTURE_MS = 5 * 60_000
_DAY_MS = 86_400_000
_HOLLOW_SIZE = 128
"""An archive of nothing is smaller, even with a name in its header."""
_OPENERS: tuple[tuple[bytes, Callable[[bytes], bytes]], ...] = (
    (b"\x1f\x8b", lambda data: zlib.decompressobj(31).decompress(data)),
    (b"BZh", bz2.decompress),
    (b"\xfd7zXZ", lzma.decompress),
)


class File(NamedTuple):
    """One file that may be a backup."""

    path: Path
    name: str
    """As it is shown: relative to the part of the pattern that has no wildcard."""
    size: int
    time_ms: int
    by_name: bool
    """Whether that time is in its name; else it is the time of modification."""
    mtime_ms: int
    guarded: bool
    """Whether a checksum file lies beside it, and so whether it is finished."""

    @property
    def sidecar(self) -> Path:
        """Where its checksum file is, or would be."""
        return self.path.with_name(self.path.name + SIDECAR)

    def finished(self, now_ms: int) -> bool:
        """Return whether nobody writes it any more; a time in the future is no excuse."""
        return self.guarded or not recent(self.mtime_ms, now_ms)


class Matches(NamedTuple):
    """What a pattern found."""

    files: tuple[File, ...]
    """Newest first; checksum files are left out."""
    reason: str = ""
    """Reason code when there are none."""
    detail: str = ""
    """Why there are none, as the system says it, or what there is instead."""


def recent(mtime_ms: int, now_ms: int) -> bool:
    """Return whether something changed within the quiet time."""
    return -FUTURE_MS <= now_ms - mtime_ms < QUIET_MS


def match(pattern: str, zone: tzinfo | None = None) -> Matches:
    """Return the files of a shell pattern (`**` too); `zone` is of the times in names, None: local.

    Files that vanish meanwhile are left out.
    """
    base = _base(pattern)
    files: list[File] = []
    strange = trouble = ""
    # Not pathlib's: that one has no absolute patterns and matches hidden files.
    for found in glob.glob(pattern, recursive=True):  # noqa: PTH207
        path = Path(found)
        if found.endswith(SIDECAR):
            continue
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        except OSError as error:
            trouble = f"{found}: {error.strerror}"
            continue
        if stat.S_ISREG(status.st_mode):
            files.append(_file(path, found.removeprefix(base), status, zone))
        elif not stat.S_ISDIR(status.st_mode):
            strange = found
    if files:
        return Matches(tuple(sorted(files, key=lambda file: (file.time_ms, file.name))[::-1]))
    if strange:
        return Matches((), "path.not_regular", strange)
    trouble = trouble or _trouble(Path(base or "."))
    return Matches((), "path.not_listed" if trouble else "path.nothing", trouble)


def hollow(file: File) -> bool:
    """Return whether a file is empty, or a compressed nothing: the trace of a job that failed."""
    if file.size == 0:
        return True
    if file.size > _HOLLOW_SIZE:
        return False
    try:
        data = file.path.read_bytes()
    except OSError:
        return False
    for magic, opened in _OPENERS:
        if data.startswith(magic):
            try:
                return opened(data) == b""
            except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
                return False
    return False


def _file(path: Path, name: str, status: os.stat_result, zone: tzinfo | None) -> File:
    mtime_ms = file_ms(status.st_mtime_ns)
    named_ms = _named_ms(path.name, zone)
    by_name = named_ms is not None
    time_ms = mtime_ms if named_ms is None else named_ms
    # A name that only has a day: within that day the clock time is that of modification.
    if named_ms is not None and _midnight(named_ms, zone) and 0 <= mtime_ms - named_ms < _DAY_MS:
        time_ms = mtime_ms
    guarded = path.with_name(path.name + SIDECAR).is_file()
    return File(path, name, status.st_size, time_ms, by_name, mtime_ms, guarded)


def _named_ms(name: str, zone: tzinfo | None) -> int | None:
    """Return the time in a name; without a zone it is the machine's own, summer time and all."""
    found = time_in_name(name, zone or UTC)
    if found is None:
        return None
    if zone is None:
        found = found.replace(tzinfo=None).astimezone(UTC)
    return millis(found)


def _midnight(time_ms: int, zone: tzinfo | None) -> bool:
    moment = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone)
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)


def _base(pattern: str) -> str:
    """Return the directory before the first wildcard, with its slash."""
    fixed = len(pattern)
    if glob.has_magic(pattern):
        fixed = min(pattern.find(char) for char in "*?[" if char in pattern)
    return pattern[: pattern.rfind("/", 0, fixed) + 1]


def _trouble(directory: Path) -> str:
    """Return why a directory cannot be listed; nothing when it can."""
    try:
        with os.scandir(directory):
            return ""
    except OSError as error:
        return f"{directory}: {error.strerror}"
