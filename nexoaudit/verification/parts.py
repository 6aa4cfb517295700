"""Digests of the parts in which a file may have been uploaded, from those that were recorded."""

import importlib
from collections.abc import Callable, Sequence

from nexoaudit.model.prints import PART_BYTES, PartSums, Prints

Sizes = tuple[int, ...]
Again = Callable[[Sequence[int]], PartSums]
"""Gives the digests of parts of other sizes, at the cost of a read."""

WIDTHS = {"sha256": 32, "md5": 16, "crc64nvme": 8, "crc32c": 4, "crc32": 4}
"""Bytes of each kind of digest."""


class Recorded:
    """The digests that were recorded."""

    def __init__(self, prints: Prints) -> None:
        self._prints = prints

    def whole(self, name: str) -> bytes:
        """Return the digest of all bytes; empty when there is none."""
        return bytes.fromhex(getattr(self._prints, name))

    def parts(self, name: str, sizes: Sizes) -> bytes:
        """Return the digests of parts of these sizes in one; empty when they are not known."""
        if len(sizes) == 1:
            return self.whole(name)
        return self._several(name, sizes)

    def _several(self, name: str, sizes: Sizes) -> bytes:
        recorded = bytes.fromhex(getattr(self._prints, f"part_{name}", ""))
        if any(size % PART_BYTES for size in sizes[:-1]) or not recorded:
            return b""
        if max(sizes) <= PART_BYTES:
            return recorded
        return _combined(name, recorded, sizes)


class Reread(Recorded):
    """The digests of a read that is done now, for parts that were not recorded."""

    def __init__(self, prints: Prints, reread: Again) -> None:
        super().__init__(prints)
        self._reread = reread
        self._sums: dict[Sizes, PartSums] = {}

    def _several(self, name: str, sizes: Sizes) -> bytes:
        if recorded := super()._several(name, sizes):
            return recorded
        if sizes not in self._sums:
            self._sums[sizes] = self._reread(sizes)
        sums = self._sums[sizes]
        if sums.sha256 != self._prints.sha256:
            return b""
        return bytes.fromhex(getattr(sums, f"part_{name}", ""))


def _combined(name: str, recorded: bytes, sizes: Sizes) -> bytes:
    """Return the checks of parts that are made of whole recorded ones; empty for other digests."""
    try:
        library = importlib.import_module("awscrt.checksums")
    except ImportError:
        return b""
    combine = getattr(library, f"combine_{name}", None)
    if combine is None:
        return b""
    width = WIDTHS[name]
    values = [
        int.from_bytes(recorded[at : at + width], "big") for at in range(0, len(recorded), width)
    ]
    found, first = b"", 0
    for size in sizes:
        value, left = 0, size
        while left > 0:
            value = combine(value, values[first], min(left, PART_BYTES))
            left -= PART_BYTES
            first += 1
        found += value.to_bytes(width, "big")
    return found
