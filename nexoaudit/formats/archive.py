"""A tar archive, read as a stream.

A walker of our own, not `tarfile`: that one holds extended headers of any size in memory, needs
five times as long for a member, and cannot tell an archive that was cut between two members from
one that was closed.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nexoaudit.formats.tarheader import BLOCK, Header, HeaderError, parse_header, parse_pax

MAX_EXTENSION = 1024 * 1024
"""The longest extended header (a long name, a pax record) that is taken for real."""
_LONG = {b"L": "path", b"K": "linkpath"}
_EXTENSIONS = (b"L", b"K", b"x", b"X", b"g")
_KINDS = {
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "device",
    b"4": "device",
    b"5": "directory",
    b"6": "fifo",
    b"S": "sparse",
}
"""Every other type is a plain file, as POSIX says."""
_WITHOUT_CONTENT = {"hardlink", "symlink", "device", "directory", "fifo"}


class Member(NamedTuple):
    """One thing in an archive, as its header describes it; nothing in it is to be trusted."""

    name: str
    """As written: absolute, with `..`, whatever; bytes that are not UTF-8 are surrogate-escaped."""
    kind: str
    """`file`, `directory`, `symlink`, `hardlink`, `device`, `fifo` or `sparse` (a file with holes,
    whose content is what is stored: holes left out, map included)."""
    size: int
    """Bytes of content."""
    mtime_ms: int
    mode: int
    """Permission bits, set-user-id and the like included."""
    uid: int
    gid: int
    link: str
    """What a link points to."""
    owner: str = ""
    """Names of user and group: what they are called where the archive was made; empty: unknown."""
    group: str = ""


class Archive:
    """The members of the tar archive whose bytes are `blocks`, in one pass and bounded memory.

    Iterate to get the members; `content` gives the content of the one just got, as far as it is
    wanted. At the end `problems` says what was wrong: `tar.corrupt` (a header is), `tar.truncated`
    (cut inside a member), `tar.no_end` (cut between two), `tar.empty` (no members), or
    `tar.after_end` (more than padding behind the end; the archive itself is whole).
    """

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._buffer = b""
        self._position = 0
        self._left = 0
        self._padding = 0
        self._globals: dict[str, bytes] = {}
        self.members = 0
        self.problems: tuple[str, ...] = ()
        self.detail = ""
        """What is wrong, for a person."""

    def __iter__(self) -> Iterator[Member]:
        """Yield the members, in order. Afterwards all of `blocks` was read."""
        try:
            while (member := self._next()) is not None:
                self.members += 1
                yield member
        except HeaderError as error:
            self._stop("tar.corrupt", str(error))
        for _ in self._blocks:
            pass

    def content(self) -> Iterator[bytes]:
        """Yield the content of the member just got, in pieces; nothing is held.

        A member that is cut short ends early, and the iteration over members with `tar.truncated`.
        """
        while self._left:
            piece = self._piece(self._left)
            if not piece:
                return
            self._left -= len(piece)
            yield piece

    def _next(self) -> Member | None:
        """Read on to the next member; None at the end."""
        extra: dict[str, bytes] = dict(self._globals)
        while True:
            block = self._header()
            if not block:
                return None
            header = parse_header(block)
            if header.type not in _EXTENSIONS:
                return self._member(header, extra)
            if not self._extension(header, extra):
                return None

    def _header(self) -> bytes:
        """Return the next header block; none at the end, `problems` set if it is not a good one."""
        block = b""
        if not self._skip():
            self._stop("tar.truncated", "the archive ends inside a member")
        elif len(block := self._take(BLOCK)) < BLOCK:
            self._cut(block)
        elif not block.strip(b"\0"):
            self._end()
        else:
            return block
        return b""

    def _extension(self, header: Header, extra: dict[str, bytes]) -> bool:
        if header.size > MAX_EXTENSION:
            raise HeaderError("an extended header is too long to be true")
        data = self._take(header.size)
        if len(data) < header.size:
            self._stop("tar.truncated", "the archive ends inside a header")
            return False
        self._padding = -header.size % BLOCK
        if header.type in _LONG:
            extra[_LONG[header.type]] = data.rstrip(b"\0")
        elif header.type == b"g":
            self._globals |= parse_pax(data)
            extra |= self._globals
        else:
            extra |= parse_pax(data)
        return True

    def _member(self, header: Header, extra: dict[str, bytes]) -> Member:
        header = header.extended(extra)
        kind = _KINDS.get(header.type, "file")
        if header.sparse:
            kind = "sparse"
        if header.type == b"\0" and header.name.endswith("/"):
            kind = "directory"
        size = 0 if kind in _WITHOUT_CONTENT else header.size
        while header.continued:
            block = self._take(BLOCK)
            header = header._replace(continued=len(block) == BLOCK and block[504] != 0)
        self._left, self._padding = size, -size % BLOCK
        return Member(
            header.name,
            kind,
            size,
            header.mtime_ms,
            header.mode,
            header.uid,
            header.gid,
            header.link if kind in {"symlink", "hardlink"} else "",
            header.owner,
            header.group,
        )

    def _cut(self, block: bytes) -> None:
        if block:
            self._stop("tar.truncated", "the archive ends inside a header")
        elif self.members:
            self._stop(
                "tar.no_end", "the archive has no end marker: it was cut between two members"
            )
        else:
            self._stop("tar.truncated", "the archive ends before its first member")

    def _end(self) -> None:
        if not self.members:
            self._stop("tar.empty", "the archive has no members")
        while rest := self._piece(BLOCK * 128):
            if not self.problems and rest.strip(b"\0"):
                self._stop("tar.after_end", "bytes follow the end of the archive")

    def _stop(self, problem: str, detail: str) -> None:
        self.problems = (problem,)
        self.detail = detail

    def _skip(self) -> bool:
        """Pass over what is left of the member; False when the archive ends before."""
        wanted = self._left + self._padding
        self._left = self._padding = 0
        while wanted:
            passed = len(self._buffer) - self._position
            if passed >= wanted:
                self._position += wanted
                break
            wanted -= passed
            self._buffer, self._position = next(self._blocks, b""), 0
            if not self._buffer:
                return False
        return True

    def _piece(self, most: int) -> bytes:
        """Return 1 to `most` bytes, or none at the end."""
        if self._position >= len(self._buffer):
            self._buffer, self._position = next(self._blocks, b""), 0
        piece = self._buffer[self._position : self._position + most]
        self._position += len(piece)
        return piece

    def _take(self, size: int) -> bytes:
        """Return `size` bytes, fewer only at the end."""
        data = self._piece(size)
        while len(data) < size and (more := self._piece(size - len(data))):
            data += more
        return data
