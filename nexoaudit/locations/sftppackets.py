"""The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02), as far as reading needs them.

They come from a host that may be hostile: whatever is cut, too long or out of place is a
`PacketError`, never an IndexError or a lot of memory.
"""

import struct
from typing import NamedTuple

INIT, VERSION, OPEN, CLOSE, READ, LSTAT, FSTAT = 1, 2, 3, 4, 5, 7, 8
OPENDIR, READDIR, STAT = 11, 12, 17
STATUS, HANDLE, DATA, NAME, ATTRS = 101, 102, 103, 104, 105
END, NO_FILE, DENIED = 1, 2, 3
"""Codes of a STATUS: end of file or directory, no such file, permission denied."""

LONGEST = 1 << 18
"""Bytes of the longest packet that a server sends: OpenSSH's limit."""
_NAMES = 1 << 16
_FOR_READING = struct.pack(">II", 1, 0)
"""OPEN's flag SSH_FXF_READ, and no attributes."""


class PacketError(ValueError):
    """Bytes that are no packet of the kind that was asked for."""


class Attributes(NamedTuple):
    """What is said of one file; what was not said is negative."""

    size: int = -1
    mode: int = -1
    """With the bits that tell a file from a directory."""
    mtime_s: int = -1


class Packet(NamedTuple):
    """One answer."""

    kind: int
    number: int
    """That of the request."""
    body: bytes

    @property
    def status(self) -> int:
        """The code of a STATUS; -1: it is none."""
        return _Body(self.body).number() if self.kind == STATUS else -1


class _Body:
    """Reads values one after another."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def number(self, size: int = 4) -> int:
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        found = self._body[self._at : self._at + size]
        if len(found) != size:
            raise PacketError("a packet is cut")
        self._at += size
        return found

    def string(self) -> bytes:
        return self.take(self.number())

    def attributes(self) -> Attributes:
        flags = self.number()
        size = self.number(8) if flags & 1 else -1
        if flags & 2:
            self.take(8)  # numbers of user and group
        mode = self.number() if flags & 4 else -1
        mtime_s = -1
        if flags & 8:
            self.number()
            mtime_s = self.number()
        if flags & 0x8000_0000:
            for _ in range(min(self.number(), _NAMES)):
                self.string()
                self.string()
        return Attributes(size, mode, mtime_s)


def request(kind: int, number: int, *values: bytes | int) -> bytes:
    """Return a packet; `values` are strings, numbers of 64 bits and, last of a READ, 32 bits."""
    parts = [struct.pack(">BI", kind, number)]
    for value in values:
        if isinstance(value, bytes):
            parts.append(struct.pack(">I", len(value)) + value)
        else:
            parts.append(struct.pack(">Q", value))
    if kind == OPEN:
        parts.append(_FOR_READING)
    if kind == READ:
        parts[-1] = parts[-1][4:]
    body = b"".join(parts)
    return struct.pack(">I", len(body)) + body


def parse(body: bytes) -> Packet:
    """Return the packet of these bytes, which its length stood before."""
    reading = _Body(body)
    return Packet(reading.number(1), reading.number(), body[5:])


def string(packet: Packet, kind: int) -> bytes:
    """Return what a packet of `kind`, HANDLE or DATA, holds."""
    if packet.kind != kind:
        raise PacketError(f"an answer is of kind {packet.kind} instead of {kind}")
    return _Body(packet.body).string()


def attributes(packet: Packet) -> Attributes:
    """Return what an ATTRS says."""
    if packet.kind != ATTRS:
        raise PacketError(f"an answer is of kind {packet.kind} instead of {ATTRS}")
    return _Body(packet.body).attributes()


def names(packet: Packet) -> list[tuple[bytes, Attributes]]:
    """Return the names that a NAME holds, `.` and `..` left out."""
    if packet.kind != NAME:
        raise PacketError(f"an answer is of kind {packet.kind} instead of {NAME}")
    reading = _Body(packet.body)
    found = []
    for _ in range(min(reading.number(), _NAMES)):
        name = reading.string()
        reading.string()  # what `ls -l` would print
        told = reading.attributes()
        if not name or b"/" in name or b"\0" in name:
            raise PacketError("a name in a directory is none")
        if name not in {b".", b".."}:
            found.append((name, told))
    return found
