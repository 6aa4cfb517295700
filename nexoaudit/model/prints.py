"""Checksums of one file's bytes, of the kinds that stores know: taken in one read."""

from typing import NamedTuple

PART_BYTES = 8 << 20
"""The part size of which checksums are kept: the one most clients upload with."""


class Prints(NamedTuple):
    """What a store's own checksums can be compared with, long after the file itself is gone.

    Each digest in hexadecimal, big-endian. Those of parts of `PART_BYTES` bytes (the last one may
    be shorter) stand one after another without a separator.
    """

    size: int
    """Bytes."""
    sha256: str
    md5: str
    crc32: str
    crc32c: str
    crc64nvme: str
    part_md5: str = ""
    part_sha256: str = ""
    part_crc32: str = ""
    part_crc32c: str = ""
