"""Restores members with tar, unprivileged, and reads them back from disk."""

import errno
import hashlib
import os
import stat
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from nexoaudit import process
from nexoaudit.drill.holding import Holding
from nexoaudit.drill.index import Index
from nexoaudit.drill.sample import Chosen
from nexoaudit.errors import SandboxError
from nexoaudit.formats.archive import Member
from nexoaudit.formats.hostile import Hostility
from nexoaudit.formats.paths import normal
from nexoaudit.locations.tree import Walk
from nexoaudit.process import Account
from nexoaudit.sandbox.space import SpaceError

_CHUNK = 1 << 20
_TYPES = {
    "file": tarfile.REGTYPE,
    "directory": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
}
_REFUSED = {"hostile_member", "device_member", "link_outside"}


class Piece(NamedTuple):
    """One member as it is given to tar."""

    info: tarfile.TarInfo
    content: Iterator[bytes]


class Pieces:
    """The content of one member as a file that can be read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Return `size` bytes, fewer only at the end."""
        parts, wanted = [], size
        while wanted:
            self._rest = self._rest or next(self._pieces, b"")
            if not self._rest:
                break
            parts.append(self._rest[:wanted])
            self._rest = self._rest[wanted:]
            wanted -= len(parts[-1])
        return b"".join(parts)


def extract(pieces: Iterable[Piece], room: Path, account: Account | None) -> None:
    """Let tar write `pieces` into the directory `room`.

    It runs as `account` (None: as ourselves), and sets neither owners nor modes.
    Raise SandboxError with its words when it fails, SpaceError when the disk was full; OSError of
    what the pieces come from passes through.
    """
    command = [
        process.find("tar", "tar"),
        "--extract",
        "--file=-",
        f"--directory={room}",
        "--no-same-owner",
        "--no-same-permissions",
        "--delay-directory-restore",
    ]
    with tempfile.TemporaryFile() as words:
        handle = process.start(
            [*process.POLITE, *process.guarded(command, account)],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            cwd=room,
            stdin=process.PIPE,
            stderr=words,
        )
        try:
            _feed(handle, pieces)
            failed = handle.wait() != 0
        except (BrokenPipeError, tarfile.TarError):
            failed = True
        finally:
            process.stop(handle)
        if failed:
            words.seek(0)
            text = words.read(_CHUNK).decode(errors="replace").strip() or "tar ended early"
            if os.strerror(errno.ENOSPC) in text:
                raise SpaceError(
                    f"the disk of {room.parent} was full before all files were there:"
                    " free some, or set TMPDIR to a directory on a larger disk"
                )
            raise SandboxError(f"the files could not be restored: {text.splitlines()[-1]}")


def some(holding: Holding, chosen: Mapping[str, Chosen]) -> Iterator[Piece]:
    """Yield the chosen files, in the order in which they lie there."""
    for member in holding:
        if member.kind == "file" and normal(member.name) in chosen:
            yield _piece(member, holding)


def everything(holding: Holding) -> Iterator[Piece]:
    """Yield all that may be restored: files, directories, and links that do not lead out.

    Members that would write elsewhere, devices and files with holes are left out.
    """
    hostility = Hostility()
    for member in holding:
        refused = hostility.reason(member) in _REFUSED
        if member.kind in _TYPES and normal(member.name) and not refused:
            yield _piece(member, holding)


def different(room: Path, chosen: Mapping[str, Chosen]) -> Iterator[str]:
    """Yield the path of each chosen member that does not lie in `room` with its own bytes."""
    for member in chosen.values():
        try:
            with (room / member.path).open("rb", buffering=0) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            digest = ""
        if digest != member.sha256:
            yield member.path


class OnDisk:
    """Compares all that was restored with what was read: `wrong` paths, and how many were right."""

    def __init__(self, room: Path, index: Index) -> None:
        self.right = 0
        self.bytes = 0
        self.wrong: list[str] = []
        for node in Walk(room):
            entry = index.find(node.path) if stat.S_ISREG(node.status.st_mode) else None
            if entry is None:
                continue
            descriptor = os.open(node.name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=node.folder)
            with os.fdopen(descriptor, "rb", buffering=0) as file:
                if entry.has(hashlib.file_digest(file, "sha256").digest()):
                    self.right += 1
                    self.bytes += entry.size
                else:
                    self.wrong.append(node.path)


def _piece(member: Member, holding: Holding) -> Piece:
    info = tarfile.TarInfo(normal(member.name))
    info.type = _TYPES[member.kind]
    info.size = member.size
    info.mtime = max(0, member.mtime_ms // 1000)
    # Whoever restores must be able to read, enter and remove it all.
    always = 0o700 if member.kind == "directory" else 0o600
    info.mode = member.mode & 0o700 | always
    info.linkname = normal(member.link) if member.kind == "hardlink" else member.link
    return Piece(info, holding.content() if member.kind == "file" else iter(()))


def _feed(handle: process.Handle, pieces: Iterable[Piece]) -> None:
    """Write the pieces to the program's input."""
    with tarfile.open(
        fileobj=handle.stdin, mode="w|", format=tarfile.GNU_FORMAT, encoding="utf-8"
    ) as out:
        for piece in pieces:
            out.addfile(piece.info, Pieces(piece.content))  # type: ignore[arg-type]
    if handle.stdin is not None:
        handle.stdin.close()
