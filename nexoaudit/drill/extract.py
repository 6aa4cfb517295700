"""Restores chosen members with tar, unprivileged, and reads them back from disk."""

import hashlib
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from nexoaudit import process
from nexoaudit.drill.sample import Chosen
from nexoaudit.errors import SandboxError
from nexoaudit.formats.archive import Archive
from nexoaudit.formats.paths import normal
from nexoaudit.formats.stream import Stream
from nexoaudit.process import Account

_CHUNK = 1 << 20


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


def extract(
    archive: Path,
    chosen: Mapping[str, Chosen],
    room: Path,
    account: Account | None,
    beat: Callable[[], None] = lambda: None,
) -> None:
    """Read `archive` once more and let tar write the chosen members into the directory `room`.

    tar gets nothing but plain files with clean paths, and runs as `account` (None: as ourselves).
    `beat` is called as bytes are read.
    Raise SandboxError with its words when it fails; OSError of the archive passes through.
    """
    command = [
        process.find("tar", "tar"),
        "--extract",
        "--file=-",
        f"--directory={room}",
        "--no-same-owner",
        "--no-same-permissions",
    ]
    with tempfile.TemporaryFile() as words, archive.open("rb", buffering=0) as file:
        handle = process.start(
            process.guarded(command, account),
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            cwd=room,
            stdin=process.PIPE,
            stderr=words,
        )
        try:
            _feed(handle, Archive(Stream(file, lambda _: beat())), chosen)
            failed = handle.wait() != 0
        except (BrokenPipeError, tarfile.TarError):
            failed = True
        finally:
            process.stop(handle)
        if failed:
            words.seek(0)
            text = words.read(_CHUNK).decode(errors="replace").strip() or "tar ended early"
            raise SandboxError(f"the sample could not be restored: {text.splitlines()[-1]}")


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


def _feed(handle: process.Handle, archive: Archive, chosen: Mapping[str, Chosen]) -> None:
    """Write the chosen members to the program's input, in the order of the archive."""
    left = len(chosen)
    with tarfile.open(
        fileobj=handle.stdin, mode="w|", format=tarfile.GNU_FORMAT, encoding="utf-8"
    ) as out:
        for member in archive if left else ():
            path = normal(member.name)
            if member.kind != "file" or path not in chosen:
                continue
            info = tarfile.TarInfo(path)
            info.size, info.mode = member.size, 0o600
            out.addfile(info, Pieces(archive.content()))  # type: ignore[arg-type]
    if handle.stdin is not None:
        handle.stdin.close()
