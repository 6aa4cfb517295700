"""Faults of binary logs: of one after the newest dump, as a job or time would leave it."""

import gzip
import os
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from nexoaudit.errors import DemoError
from nexoaudit_demo.places import Places

_MAGIC = 4
_HEADER = 19
_SERVER_AT = 5
_LENGTH_AT = 9
_KIND_AT = 4
_NEXT_AT = 13
_GTID = 162
_LEAST = 3
_CHECKSUM = 4

_TWO_DAYS = 48
_BEFORE_LAST = 2
"""How many logs are newer than the one that is lost: it lies after the newest dump."""


def remove(places: Places) -> str:
    """Let a log after the newest dump have been missed by the job, and so by the transfer."""
    name = _needed(places)
    for directory in (places.backups, places.offsite):
        path = directory / "binlog" / name
        if path.exists():
            made = path.stat().st_mtime
            path.unlink()
            os.utime(path.parent, (made, made))
    return f"{name} is at no location"


def cut_short(places: Places) -> str:
    """Let the copy job have copied only a part of a log, and the transfer what it found."""
    name = _needed(places)
    for directory in (places.backups, places.offsite):
        path = directory / "binlog" / name
        if path.exists():
            start, length = _largest_event(path.read_bytes())
            _rewrite(path, path.read_bytes()[: start + length // 2])
    return f"{name} was copied only to the middle of an event"


def cut_between(places: Places) -> str:
    """Let the copy job have copied a log only to the end of one of its events."""
    name = _needed(places)
    for directory in (places.backups, places.offsite):
        path = directory / "binlog" / name
        if path.exists():
            start, length = _largest_event(path.read_bytes())
            _rewrite(path, path.read_bytes()[: start + length])
    return f"{name} was copied only to the end of an event"


def flip(places: Places) -> str:
    """Let one bit of an event rot in the local copy."""
    name = _needed(places)
    path = places.backups / "binlog" / name
    data = bytearray(path.read_bytes())
    start, length = _largest_event(bytes(data))
    data[start + (_HEADER + length - _CHECKSUM) // 2] ^= 0x04
    _rewrite(path, bytes(data))
    return f"{path} has one bit flipped inside an event"


def lose_transaction(places: Places) -> str:
    """Let a log after the newest dump lack one transaction, without a trace in its events.

    As what a tool leaves that edits logs: places and checksums are those of a log without it.
    """
    name = _needed(places)
    for directory in (places.backups, places.offsite):
        path = directory / "binlog" / name
        if path.exists():
            _rewrite(path, without_one(path.read_bytes()))
    return f"{name} lacks a transaction, and fits together without it"


def foreign(places: Places) -> str:
    """Let a log after the newest dump be of another server, which numbers its logs alike."""
    path = places.backups / "binlog" / _needed(places)
    data = bytearray(path.read_bytes())
    for position, _, length in _events(bytes(data)):
        (server,) = struct.unpack_from("<I", data, position + _SERVER_AT)
        struct.pack_into("<I", data, position + _SERVER_AT, server + 1)
        end = position + length - _CHECKSUM
        struct.pack_into("<I", data, end, zlib.crc32(data[position:end]))
    _copy_over(path, bytes(data))
    return f"{path} is the log of that name of another server"


def foreign_among_renewed(places: Places) -> str:
    """Let the job be the guide's `cp`, which renews every time; one log is of another server."""
    said = foreign(places)
    renew(places, max(path.stat().st_mtime for path in _paths(places)))
    return said + ", and all have a new time"


def renew(places: Places, moment: float) -> None:
    """Give every local log a new time, as a plain `cp` does each hour."""
    for path in _paths(places):
        os.utime(path, (moment, moment))


def before_reset(places: Places) -> str:
    """Let a log after the newest dump be one of before a RESET MASTER, under a name used again."""
    names = _names(places)
    path = places.backups / "binlog" / names[-1 - _BEFORE_LAST]
    older = names[-1 - 10 * _BEFORE_LAST]
    _copy_over(path, path.with_name(older).read_bytes())
    return f"{path} is a log of long ago: its number was used again"


def start_late(places: Places) -> str:
    """Let the logs up to the one of the newest dump be gone, here and so off-site."""
    first = _of_newest_dump(places)
    return _drop(places, [name for name in _names(places) if name <= first], "were deleted")


def stop(places: Places) -> str:
    """Let the hourly job have stopped hours ago."""
    first = _of_newest_dump(places)
    return _drop(places, [name for name in _names(places) if name > first], "were never copied")


def keep_short(places: Places) -> str:
    """Let logs be kept for two days only, here and so off-site."""
    return _drop(places, _names(places)[:-_TWO_DAYS], "were deleted before their time")


def _needed(places: Places) -> str:
    """Return the name of a log that the newest dump needs, with others after it."""
    return _names(places)[-1 - _BEFORE_LAST]


def _of_newest_dump(places: Places) -> str:
    """Return the name of the log in which the newest dump was made, as it says itself."""
    dumps = sorted((places.backups / "database").glob("nexosupport_db_*.sql.gz"))
    found = re.search(rb"MASTER_LOG_FILE='([^']+)'", gzip.decompress(dumps[-1].read_bytes()))
    if found is None:
        raise DemoError(f"{dumps[-1]} does not say its place in the binary logs")
    return found[1].decode()


def _drop(places: Places, names: list[str], said: str) -> str:
    for name in names:
        for directory in (places.backups, places.offsite):
            path = directory / "binlog" / name
            if path.exists():
                path.unlink()
    return f"{len(names)} binary logs {said}"


def _copy_over(path: Path, data: bytes) -> None:
    """Replace the content of `path` as the next run of the hourly job would."""
    renewed = path.stat().st_mtime + 3600
    path.write_bytes(data)
    os.utime(path, (renewed, renewed))


def _paths(places: Places) -> list[Path]:
    return sorted((places.backups / "binlog").glob("mysql-bin.[0-9]*"))


def _names(places: Places) -> list[str]:
    names = [path.name for path in _paths(places)]
    if len(names) <= _BEFORE_LAST:
        raise DemoError(f"{places.backups} has too few binary logs: build a site first")
    return names


def without_one(data: bytes) -> bytes:
    """Return a log without a transaction of its middle; what follows moves up."""
    starts = [at for at, kind, _ in _events(data) if kind == _GTID]
    if len(starts) < _LEAST:
        raise DemoError("a binary log has too few transactions to lose one: build a larger site")
    begin, end = starts[len(starts) // 2 : len(starts) // 2 + 2]
    rest = bytearray(data[end:])
    for at, _, length in _events(bytes(rest), 0):
        (next_at,) = struct.unpack_from("<I", rest, at + _NEXT_AT)
        if next_at:
            struct.pack_into("<I", rest, at + _NEXT_AT, next_at - (end - begin))
        sum_at = at + length - _CHECKSUM
        struct.pack_into("<I", rest, sum_at, zlib.crc32(rest[at:sum_at]))
    return data[:begin] + rest


def _events(data: bytes, position: int = _MAGIC) -> Iterator[tuple[int, int, int]]:
    """Yield of each event where it begins, its kind and its length."""
    while position + _HEADER <= len(data):
        (length,) = struct.unpack_from("<I", data, position + _LENGTH_AT)
        yield position, data[position + _KIND_AT], length
        position += max(length, _HEADER)


def _largest_event(data: bytes) -> tuple[int, int]:
    """Return where the largest event begins, and its length."""
    at, _, length = max(_events(data), key=lambda event: event[2])
    return at, length


def _rewrite(path: Path, data: bytes) -> None:
    """Replace the content of `path`; its times stay."""
    found = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
