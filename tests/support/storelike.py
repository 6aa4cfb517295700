"""What a store says of an object, computed from its bytes by other means than our own."""

import hashlib
import zlib
from collections.abc import Callable
from functools import cache

from awscrt import checksums

from nexoaudit.model.stored import Checksum, Stored

MIB = 1 << 20

ALGORITHMS: dict[str, Callable[[bytes], bytes]] = {
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "md5": lambda data: hashlib.md5(data).digest(),
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "crc32c": lambda data: checksums.crc32c(data).to_bytes(4, "big"),
    "crc64nvme": lambda data: checksums.crc64nvme(data).to_bytes(8, "big"),
}


def cut(data: bytes, part: int) -> list[bytes]:
    """Return the parts of an upload in parts of `part` bytes."""
    return [data[at : at + part] for at in range(0, len(data), part)] or [b""]


@cache
def full(data: bytes, algorithm: str) -> str:
    return ALGORITHMS[algorithm](data).hex()


@cache
def composite(data: bytes, algorithm: str, part: int) -> str:
    digest = ALGORITHMS[algorithm]
    return digest(b"".join(digest(piece) for piece in cut(data, part))).hex()


def stored(data: bytes, *told: Checksum, part: int = 0, sizes_told: bool = True) -> Stored:
    """Return what a store tells of `data` that was uploaded in parts of `part` bytes."""
    sizes = tuple(len(piece) for piece in cut(data, part)) if part else ()
    return Stored(
        "db.sql.gz",
        size=len(data),
        checksums=told,
        part_sizes=sizes if sizes_told else (),
        parts=len(sizes) or 1,
    )
