"""The format description event: the first of a binary log, which says who wrote it, and how."""

import re
import struct
import zlib
from typing import NamedTuple

CRC_RESIDUE = 0x2144DF1C
"""The CRC32 of anything followed by its own CRC32."""
IN_USE = 1
FLAGS_AT = 17
HEAD_SIZE = 19 + 57
"""Header, format, server version and time; the lengths of other events' headers follow."""
LARGEST = 4096
_PLAIN_SIZE = 110
"""Servers that know no checksums describe fewer kinds of events than fill this."""
_FORMAT = struct.Struct("<H50s")
_NUMBERS = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})")


class Description(NamedTuple):
    """How a binary log was written."""

    server: str
    """Version of the server."""
    engine: str
    """`MariaDB` or `MySQL`."""
    in_use: bool
    """Copied while the server had it open, or left so by a crash."""
    checksums: bool
    """Each event ends with its CRC32."""
    problem: str
    """`binlog.checksum`, `binlog.corrupt` or empty."""
    detail: str = ""


def describe(event: bytes) -> Description:
    """Return what a whole format description event says.

    The event's own checksum is there even when those of all others are turned off.
    """
    _format, name = _FORMAT.unpack_from(event, 19)
    server = name.partition(b"\0")[0].decode("utf-8", "backslashreplace")
    engine = "MariaDB" if "MariaDB" in server else "MySQL"
    in_use = bool(event[FLAGS_AT] & IN_USE)
    closed = bytearray(event)
    closed[FLAGS_AT] &= ~IN_USE  # the server sets and clears it without a new checksum
    if zlib.crc32(closed) != CRC_RESIDUE:
        known = not _predates_checksums(server, engine, len(event))
        problem = "binlog.checksum" if known else ""
        detail = "the checksum of the format description is wrong" if known else ""
        return Description(server, engine, in_use, False, problem, detail)
    algorithm = event[-5]
    if algorithm > 1:
        detail = f"checksums are of the unknown kind {algorithm}"
        return Description(server, engine, in_use, False, "binlog.corrupt", detail)
    return Description(server, engine, in_use, algorithm == 1, "")


def _predates_checksums(server: str, engine: str, size: int) -> bool:
    """Tell whether a server wrote no checksums because it is older than MySQL 5.6.1."""
    match = _NUMBERS.match(server)
    if match is None or engine != "MySQL" or size > _PLAIN_SIZE:
        return False
    return tuple(map(int, match.groups())) < (5, 6, 1)
