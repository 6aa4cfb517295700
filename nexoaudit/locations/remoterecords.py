"""What our forced command says, record by record. It comes from a host that may be hostile."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from nexoaudit.errors import LocationError
from nexoaudit.locations.directory import Found, write_path
from nexoaudit.model.moments import LAST_MS

_RECORD = 1 << 16
"""Bytes of the longest record: a path has 4 KiB."""
_ENTRY = re.compile(
    rb"([df]) (\d{1,18}) (-?\d{1,12})\.(\d{3})\d* (-?\d{1,12})\.(\d{3})\d* ([0-7]{1,4})"
    rb" (\d{1,20}) (\d{1,20}) (.*)",
    re.DOTALL,
)
_STATE = re.compile(rb"(gone|link|refused) \./(.*)", re.DOTALL)
_SIZE = re.compile(rb"size (\d{1,18}) \./(.*)", re.DOTALL)
_DIGEST = re.compile(rb"([0-9a-f]{64})  \./(.*)", re.DOTALL)


class Answer(NamedTuple):
    """What the host says of one name."""

    name: bytes
    state: str
    """`gone`, `link` (it leads elsewhere), `refused`, or `size` and `digest`."""
    value: str = ""


def nonsense(host: str, what: bytes) -> LocationError:
    """Return the error for an answer that our forced command never gives."""
    shown = what[:60].decode("utf-8", "backslashreplace")
    return LocationError(
        "location.unreadable",
        f"{host} answers what nexoaudit-remote never says ({shown!r}): install the file of this"
        " release there anew, and see who changed it",
    )


def records(host: str, pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Yield the NUL-terminated records that `pieces` hold together.

    Raise LocationError when one is too long, when they are longer than `most` bytes altogether, or
    when the last one is not terminated.
    """
    rest = b""
    for piece in pieces:
        most -= len(piece)
        *whole, rest = (rest + piece).split(b"\0")
        yield from whole
        if len(rest) > _RECORD or most < 0:
            raise nonsense(host, rest)
    if rest:
        raise nonsense(host, rest)


def entries(host: str, told: Iterator[bytes]) -> Iterator[Found]:
    """Yield the files among the records of a listing, which has each directory before its files.

    Raise LocationError when a record is none of a listing's.
    """
    passage = next(told, b"")
    if passage not in {b"open", b"closed"}:
        raise nonsense(host, passage)
    folders: list[
        tuple[bytes, bool]
    ] = []  # those around the present one, and whether they are open
    for record in told:
        parts = _ENTRY.fullmatch(record)
        if parts is None:
            raise nonsense(host, record)
        path, mode = parts[10], int(parts[7], 8)
        above, _, leaf = path.rpartition(b"/")
        while folders and folders[-1][0] != above:
            folders.pop()
        if path == b"" and not folders:
            folders.append((b"", passage == b"open" and bool(mode & 1)))
            continue
        if not folders or leaf in {b"", b".", b".."} or path[:1] == b"/":
            raise nonsense(host, record)
        if parts[1] == b"d":
            folders.append((path, folders[-1][1] and bool(mode & 1)))
        else:
            yield _found(parts, mode if folders[-1][1] else mode & ~0o7)


def answer(host: str, record: bytes) -> Answer:
    """Return what one record of digests says; raise LocationError when it is none."""
    if parts := _DIGEST.fullmatch(record):
        return Answer(parts[2], "digest", parts[1].decode())
    if parts := _SIZE.fullmatch(record):
        return Answer(parts[2], "size", parts[1].decode())
    if parts := _STATE.fullmatch(record):
        return Answer(parts[2], parts[1].decode())
    raise nonsense(host, record)


def _found(parts: re.Match[bytes], mode: int) -> Found:
    return Found(
        write_path(parts[10].decode("utf-8", "surrogateescape")),
        int(parts[2]),
        _milliseconds(parts[3], parts[4]),
        _milliseconds(parts[5], parts[6]),
        mode,
        int(parts[8]),
        int(parts[9]),
    )


def _milliseconds(seconds: bytes, thousandths: bytes) -> int:
    return max(0, min(int(seconds) * 1000 + int(thousandths), LAST_MS))
