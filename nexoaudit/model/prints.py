"""Checksums of one file's bytes, of the kinds that stores know: taken in one read."""

from typing import NamedTuple

PART_BYTES = 8 << 20
"""The part size of which checksums are kept: the one most clients upload with."""


class Prints(NamedTuple):
    """What a store's own checksums can be compared with, long after the file itself is gone.

    Each digest in hexadecimal, big-endian; one that could not be made here is empty. Those of parts
    of `PART_BYTES` bytes (the last one may be shorter) stand one after another without a separator;
    of a file that is no longer than one part they are those of the whole, and left empty.
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


class PartSums(NamedTuple):
    """Digests of the parts of a file, of whatever sizes they were asked for, as in `Prints`."""

    sha256: str = ""
    """Of the whole file: whether these are the bytes that are meant; empty: it was not read."""
    part_md5: str = ""
    part_sha256: str = ""
    part_crc32: str = ""
    part_crc32c: str = ""
