"""Checksums of every kind that stores know, taken while a file is read."""

import hashlib
import importlib
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from pathlib import Path
from typing import Protocol

from nexoaudit.model.prints import PART_BYTES, PartSums, Prints
from nexoaudit.verification.reading import ReadProblem, reading

_BLOCK = 1 << 20


class Digest(Protocol):
    """What the hashes of hashlib have in common, as far as it is used here."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take more bytes."""

    def digest(self) -> bytes:
        """Return the digest of all bytes so far."""


class _Crc:
    """A cyclic redundancy check with the manners of a hash."""

    def __init__(self, step: Callable[[bytes | memoryview, int], int], width: int) -> None:
        self._step = step
        self._width = width
        self._value = 0

    def update(self, data: bytes | memoryview, /) -> None:
        self._value = self._step(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._width, "big")


def digests() -> dict[str, Callable[[], Digest]]:
    """Return what makes each kind of digest here; without awscrt two of them are missing."""
    makers: dict[str, Callable[[], Digest]] = {
        "sha256": hashlib.sha256,
        "md5": lambda: hashlib.md5(usedforsecurity=False),
        "crc32": lambda: _Crc(zlib.crc32, 4),
    }
    try:
        fast = importlib.import_module("awscrt.checksums")
    except ImportError:
        return makers
    makers["crc32c"] = lambda: _Crc(fast.crc32c, 4)
    makers["crc64nvme"] = lambda: _Crc(fast.crc64nvme, 8)
    return makers


class _Kept:
    """One kind of digest: of all bytes, and of each part that was closed."""

    def __init__(self, new: Callable[[], Digest]) -> None:
        self._new = new
        self._part: Digest | None = None  # the first part is the whole so far
        self.whole = new()
        self.parts = bytearray()

    def update(self, piece: bytes | memoryview) -> None:
        self.whole.update(piece)
        if self._part is not None:
            self._part.update(piece)

    def close(self) -> None:
        self.parts += (self._part or self.whole).digest()
        self._part = self._new()


class Printer:
    """Takes the bytes of one file, in order and in blocks of any size, and keeps all its prints.

    `sizes` are those of the parts, by default `PART_BYTES` each; what follows the last of them is
    in the whole alone. It holds 56 bytes for each part. It can take the place of a SHA-256 of
    hashlib: `hexdigest` is that of all bytes so far.
    """

    def __init__(self, sizes: Iterable[int] = repeat(PART_BYTES)) -> None:
        makers = digests()
        crc64 = makers.pop("crc64nvme", None)  # never of parts
        self._crc64 = crc64() if crc64 is not None else None
        self._kept = {name: _Kept(new) for name, new in makers.items()}
        self._sizes = filter(None, sizes)  # no byte ever closes an empty part
        self._room = self._next()
        self._size = 0
        self._closed = 0

    def update(self, block: bytes | memoryview, /) -> None:
        """Take the next bytes of the file."""
        rest = memoryview(block)
        if self._crc64 is not None:
            self._crc64.update(rest)
        while rest:
            piece = rest if self._room is None else rest[: self._room]
            for kept in self._kept.values():
                kept.update(piece)
            rest = rest[len(piece) :]
            self._size += len(piece)
            if self._room is not None:
                self._room -= len(piece)
                if not self._room:
                    self._close()

    def hexdigest(self) -> str:
        """Return the SHA-256 of all bytes so far."""
        return self._kept["sha256"].whole.digest().hex()

    def prints(self) -> Prints:
        """Return the prints of all bytes, which ends the taking; parts must be of `PART_BYTES`."""
        parts = self._parts() if self._size > PART_BYTES else {}
        return Prints(
            size=self._size,
            **{name: self._whole(name) for name in ("sha256", "md5", "crc32", "crc32c")},
            crc64nvme=self._crc64.digest().hex() if self._crc64 is not None else "",
            **parts,
        )

    def sums(self) -> PartSums:
        """Return the digests of the parts, which ends the taking of bytes."""
        return PartSums(self.hexdigest(), **self._parts())

    def _whole(self, name: str) -> str:
        return self._kept[name].whole.digest().hex() if name in self._kept else ""

    def _parts(self) -> dict[str, str]:
        if self._size > self._closed and self._room is not None:
            self._close()
        return {f"part_{name}": kept.parts.hex() for name, kept in self._kept.items()}

    def _close(self) -> None:
        for kept in self._kept.values():
            kept.close()
        self._closed = self._size
        self._room = self._next()

    def _next(self) -> int | None:
        return next(self._sizes, None)


def prints_of(path: Path) -> Prints | None:
    """Read the file at `path` and return its prints; None when it cannot be read."""
    printer = Printer()
    try:
        with reading(path) as (file, _):
            while block := file.read(_BLOCK):
                printer.update(block)
    except ReadProblem:
        return None
    return printer.prints()


def reread(
    path: Path,
    sizes: Sequence[int],
    *,
    drop_cache: bool = False,
    progress: Callable[[int], None] | None = None,
) -> PartSums:
    """Read the file at `path` again and return the digests of parts of these sizes, in bytes.

    What cannot be read has none. `prove` compares the digest of the whole with the recorded one,
    so that a file that was replaced meanwhile proves nothing. With `drop_cache` what was read
    leaves the page cache; `progress` is called with the number of bytes read since its last call.
    """
    printer = Printer(sizes)
    try:
        with reading(path, drop_cache=drop_cache) as (file, _):
            while block := file.read(_BLOCK):
                printer.update(block)
                if progress is not None:
                    progress(len(block))
    except ReadProblem:
        return PartSums()
    return printer.sums()
