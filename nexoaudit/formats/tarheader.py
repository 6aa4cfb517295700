"""The headers of tar archives: ustar, GNU and pax."""

import re
from typing import NamedTuple

BLOCK = 512
_WANTED = {"path", "linkpath", "uname", "gname", "size", "mtime", "uid", "gid"}
_OCTAL = re.compile(rb"[ \0]*([0-7]*)[ \0]*")
_DECIMAL = re.compile(rb"-?\d{1,20}(?:\.\d*)?")
_LIMIT = 1 << 63


class HeaderError(ValueError):
    """A header is not one."""


class Header(NamedTuple):
    """One 512-byte header, with what extended headers add to it."""

    name: str
    type: bytes
    size: int
    """Bytes that follow, padding not counted."""
    mtime_ms: int
    mode: int
    uid: int
    gid: int
    link: str
    sparse: bool = False
    continued: bool = False
    """Blocks with more of the map of a sparse file follow."""
    owner: str = ""
    """The names of user and group, where the archive has them."""
    group: str = ""

    def extended(self, records: dict[str, bytes]) -> "Header":
        """Return the header with the values of extended headers in place of its own.

        Raise HeaderError for a value that is not a number where one is needed.
        """
        if not records:
            return self

        def text(key: str, otherwise: str) -> str:
            return decode(records[key]) if key in records else otherwise

        header = self._replace(
            name=text("path", self.name),
            link=text("linkpath", self.link),
            owner=text("uname", self.owner),
            group=text("gname", self.group),
        )
        if "mtime" in records:
            header = header._replace(mtime_ms=_decimal(records["mtime"], 1000))
        if "uid" in records:
            header = header._replace(uid=_decimal(records["uid"], 1))
        if "gid" in records:
            header = header._replace(gid=_decimal(records["gid"], 1))
        if "size" in records:
            header = header._replace(size=_decimal(records["size"], 1))
        if not 0 <= header.size < _LIMIT:
            raise HeaderError("a size is impossible")
        return header._replace(sparse="GNU.sparse" in records or header.sparse)


def parse_header(block: bytes) -> Header:
    """Parse a block of 512 bytes; raise HeaderError when it is no header."""
    stored = _number(block[148:156])
    unsigned = sum(block) - sum(block[148:156]) + 8 * 32
    if stored != unsigned and stored != unsigned - 256 * _negative(block):
        raise HeaderError("a header's checksum is wrong, or this is not a tar archive")
    size = _number(block[124:136])
    if not 0 <= size < _LIMIT:
        raise HeaderError("a size is impossible")
    name = _string(block[:100])
    ustar = block[257:263] == b"ustar\0"
    if ustar and block[345] and block[156:157] not in b"LK":
        name = _string(block[345:500]) + "/" + name
    kind = block[156:157]
    named = block[257:262] == b"ustar"  # POSIX's headers and GNU's
    return Header(
        name,
        kind,
        size,
        _number(block[136:148]) * 1000,
        _number(block[100:108]) & 0o7777,
        _number(block[108:116]),
        _number(block[116:124]),
        _string(block[157:257]),
        sparse=kind == b"S",
        continued=kind == b"S" and block[482] != 0,
        owner=_string(block[265:297]) if named else "",
        group=_string(block[297:329]) if named else "",
    )


def parse_pax(data: bytes) -> dict[str, bytes]:
    """Return the records of a pax header that matter here; raise HeaderError for rubbish.

    Records of GNU's sparse format are reported as `GNU.sparse`, their file name as `path`.
    """
    records: dict[str, bytes] = {}
    position = 0
    while position < len(data) and data[position] != 0:
        space = data.find(b" ", position, position + 20)
        digits = data[position:space] if space > 0 else b""
        end = position + (int(digits) if digits.isdigit() else 0)
        if not position < space < end <= len(data) or data[end - 1] != 0x0A:
            raise HeaderError("a pax header is malformed")
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not equals:
            raise HeaderError("a pax header is malformed")
        name = decode(key)
        if name in _WANTED:
            records[name] = value
        elif name.startswith("GNU.sparse."):
            records.setdefault("GNU.sparse", b"")
            if name == "GNU.sparse.name":
                records["GNU.sparse"] = value
        position = end
    if real_name := records.get("GNU.sparse"):
        records["path"] = real_name
    return records


def decode(name: bytes) -> str:
    """Return a name as text; bytes that are not UTF-8 are surrogate-escaped."""
    return name.decode("utf-8", "surrogateescape")


def _string(field: bytes) -> str:
    return decode(field.partition(b"\0")[0])


def _number(field: bytes) -> int:
    """Parse an octal field, or GNU's binary form of it."""
    if field[0] in {0o200, 0o377}:
        return int.from_bytes(field[1:], "big", signed=field[0] == 0o377)
    match = _OCTAL.fullmatch(field.partition(b"\0")[0] if field[0] else field)
    if match is None:
        raise HeaderError("a header's number is malformed, or this is not a tar archive")
    return int(match[1] or b"0", 8)


def _decimal(value: bytes, factor: int) -> int:
    if not _DECIMAL.fullmatch(value):
        raise HeaderError("a pax header's number is malformed")
    whole, _, fraction = value.partition(b".")
    thousandths = int((fraction + b"000")[:3]) if factor == 1000 else 0
    number = int(whole) * factor
    return number - thousandths if value.startswith(b"-") else number + thousandths


def _negative(block: bytes) -> int:
    """Count the bytes that old tars summed as negative."""
    return sum(byte > 127 for byte in block[:148] + block[156:])
