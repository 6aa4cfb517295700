"""Faults of binary logs: one in the middle of the kept ones, as a job or time would leave it."""

import os
import struct
from pathlib import Path

from nexoaudit.errors import DemoError
from nexoaudit_demo.places import Places

_MAGIC = 4
_HEADER = 19
_LENGTH_AT = 9
_CHECKSUM = 4

_BEFORE_LAST = 2
"""How many logs are newer than the one that is lost: it lies after the newest dump."""


def remove(places: Places) -> str:
    """Let a log after the newest dump have been missed by the job, and so by the transfer."""
    names = _names(places)
    name = names[-1 - _BEFORE_LAST]
    for directory in (places.backups, places.offsite):
        path = directory / "binlog" / name
        if path.exists():
            made = path.stat().st_mtime
            path.unlink()
            os.utime(path.parent, (made, made))
    return f"{name} is at no location"


def cut_short(places: Places) -> str:
    """Let the copy job have copied only a part of a log, and the transfer what it found."""
    name = _middle(places)
    for directory in (places.backups, places.offsite):
        path = directory / "binlog" / name
        if path.exists():
            start, length = _largest_event(path.read_bytes())
            _rewrite(path, path.read_bytes()[: start + length // 2])
    return f"{name} was copied only to the middle of an event"


def cut_between(places: Places) -> str:
    """Let the copy job have copied a log only to the end of one of its events."""
    name = _middle(places)
    for directory in (places.backups, places.offsite):
        path = directory / "binlog" / name
        if path.exists():
            start, length = _largest_event(path.read_bytes())
            _rewrite(path, path.read_bytes()[: start + length])
    return f"{name} was copied only to the end of an event"


def flip(places: Places) -> str:
    """Let one bit of an event rot in the local copy."""
    name = _middle(places)
    path = places.backups / "binlog" / name
    data = bytearray(path.read_bytes())
    start, length = _largest_event(bytes(data))
    data[start + (_HEADER + length - _CHECKSUM) // 2] ^= 0x04
    _rewrite(path, bytes(data))
    return f"{path} has one bit flipped inside an event"


def _middle(places: Places) -> str:
    names = _names(places)
    return names[len(names) // 2]


def _names(places: Places) -> list[str]:
    names = sorted(path.name for path in (places.backups / "binlog").glob("mysql-bin.[0-9]*"))
    if len(names) <= _BEFORE_LAST:
        raise DemoError(f"{places.backups} has too few binary logs: build a site first")
    return names


def _largest_event(data: bytes) -> tuple[int, int]:
    """Return where the largest event begins, and its length."""
    found, position = (0, 0), _MAGIC
    while position + _HEADER <= len(data):
        (length,) = struct.unpack_from("<I", data, position + _LENGTH_AT)
        if length > found[1]:
            found = position, length
        position += max(length, _HEADER)
    return found


def _rewrite(path: Path, data: bytes) -> None:
    """Replace the content of `path`; its times stay."""
    found = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
