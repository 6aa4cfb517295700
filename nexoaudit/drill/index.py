"""What a backup holds, file by file, in little memory: to find a file of a restore or of a site."""

import hashlib
import struct
from typing import NamedTuple

_KEY = 8
_RECORD = struct.Struct(f">{_KEY}sqq16s")
_LIMIT = (1 << 63) - 1


class Entry(NamedTuple):
    """One file as the backup has it."""

    size: int
    mtime_s: int
    digest: bytes
    """The first 16 bytes of the SHA-256 of its content."""

    def has(self, sha256: bytes) -> bool:
        """Tell whether bytes of that digest are its content."""
        return sha256[: len(self.digest)] == self.digest


class Index:
    """Takes files while they stream by; then it finds them by path: about 40 bytes for each."""

    def __init__(self) -> None:
        self._records: list[bytes] = []
        self._data = b""

    def __len__(self) -> int:
        """How many paths there are, once settled."""
        return len(self._data) // _RECORD.size

    def add(self, path: str, size: int, mtime_ms: int, sha256: bytes) -> None:
        """Take one file; of several with one path the last counts, as for tar."""
        mtime_s = max(-_LIMIT, min(mtime_ms // 1000, _LIMIT))
        self._records.append(_RECORD.pack(_key(path), min(size, _LIMIT), mtime_s, sha256[:16]))

    def settle(self) -> None:
        """Make ready for finding; nothing may be added afterwards."""
        self._records.sort(key=lambda record: record[:_KEY])  # stable: the last stays last
        following = [*self._records[1:], b""]
        self._data = b"".join(
            record
            for record, after in zip(self._records, following, strict=bool(self._records))
            if record[:_KEY] != after[:_KEY]
        )
        self._records = []

    def find(self, path: str) -> Entry | None:
        """Return the file at `path`; None when the backup has none there."""
        wanted = _key(path)
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._key_at(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        if low == len(self) or self._key_at(low) != wanted:
            return None
        return Entry(*_RECORD.unpack_from(self._data, low * _RECORD.size)[1:])

    def _key_at(self, number: int) -> bytes:
        start = number * _RECORD.size
        return self._data[start : start + _KEY]


def _key(path: str) -> bytes:
    return hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=_KEY).digest()
