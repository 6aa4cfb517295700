"""Where a drill takes what one copy holds from, wherever it lies, decrypted by gpg."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from nexoaudit.drill.raw import Raw, opened, translated
from nexoaudit.drill.record import Progress, SourceError
from nexoaudit.errors import SecretError
from nexoaudit.formats.names import SEALED, unsealed
from nexoaudit.formats.openpgp import read_framing
from nexoaudit.formats.stream import Readable
from nexoaudit.locations.directory import locate, read_path
from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Location
from nexoaudit.sandbox import space
from nexoaudit.sandbox.gpg import Decryption, decrypting

_BLOCK = 1 << 18
_LOOK = 64 << 20
"""After so many bytes it is seen whether the disk still has room."""
_GPG = {
    "sealed.key": "drill.wrong_key",
    "sealed.altered": "drill.altered",
    "stream.bomb": "drill.unreadable",
    "stream.unsupported": "drill.unsupported",
    "file.reader_died": "drill.sandbox_failed",
}
"""What it means for a drill when gpg is not satisfied."""


class Given(NamedTuple):
    """What a source gave, once all of it was read and found to be good."""

    size: int
    """Bytes of the content: of the dump or archive as it was before it was encrypted."""
    fetched: int
    """Bytes that were read at the location."""
    cipher: str = ""
    """What it was encrypted with; empty: it was not."""


class Source:
    """The content of one copy as a file that is read once, to its end; then `end` must be asked.

    What was read before counts for nothing until then. `read` and `end` raise SourceError,
    OverdueError, and OSError of a directory's own files.
    """

    def __init__(
        self, file: Readable, raw: Raw, gpg: Decryption | None, progress: Progress | None
    ) -> None:
        self._file = file
        self._raw = raw
        self._gpg = gpg
        self._progress = progress
        self._told = 0
        self._size = 0
        self.waited_s = 0.0
        """For so long whoever reads had to wait for the bytes."""

    @property
    def fetched(self) -> int:
        """Bytes that were read at the location so far."""
        return self._raw.taken

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes of the content; none at its end, or where it broke off."""
        begin = time.monotonic()
        with translated():
            block = self._file.read(size) or b""
        self.waited_s += time.monotonic() - begin
        self._size += len(block)
        if self._progress is not None and self._raw.taken > self._told:
            fetched = self._raw.taken - self._told
            self._told += fetched
            self._progress(fetched)
        return block

    def end(self) -> Given:
        """Take what is left and return what was given; raise what is wrong with it."""
        while self.read(_BLOCK):
            pass
        if self._gpg is None:
            return Given(self._size, self._raw.taken)
        with translated():
            outcome = self._gpg.end()
        if not outcome.okay:
            raise SourceError(_GPG[outcome.problem], outcome.detail)
        return Given(self._size, self._raw.taken, outcome.cipher)


class Fetched(NamedTuple):
    """The content of one copy as a file on this machine."""

    path: Path
    size: int
    sha256: str
    """Digest of the content; empty: nothing was copied, so that nobody read it."""
    took_ms: int
    fetched: int
    """Bytes that were read at the location; 0: nothing was copied."""
    cipher: str = ""
    """What it was encrypted with; empty: it was not."""


@contextmanager
def streaming(
    location: Location, copy: Copy, *, deadline_s: float, progress: Progress | None = None
) -> Iterator[Source]:
    """Give the content of `copy`, which lies at `location`, without ever holding it on a disk.

    A copy that is encrypted is decrypted by gpg with the passphrase in the location's
    `passphrase_file`. All of it must be read within `deadline_s` seconds. `progress` is told how
    many more bytes were read at the location, always by the thread that reads.

    Raise SourceError with one of these reasons: `drill.unreachable` (what lies elsewhere could not
    be fetched), `drill.archived` (it must be restored from an archive first), `drill.no_key`
    (nothing here opens it), `drill.unsupported`, `drill.sandbox_failed`, which say nothing about
    the copy; `drill.wrong_key` (the passphrase does not open it), `drill.altered` (it is not as it
    was encrypted) and `drill.unreadable`, which do. ToolError and SandboxError when gpg cannot run;
    OSError of a directory's files passes through. Everything has ended when the context does.
    """
    with ExitStack() as stack:
        with translated():
            file = stack.enter_context(opened(location, copy, deadline_s))
            raw = Raw(file, deadline_s)
            gpg = _decryption(location, copy, raw, stack) if is_sealed(copy) else None
        yield Source(raw if gpg is None else gpg, raw, gpg, progress)


def fetch(
    location: Location,
    copy: Copy,
    folder: Path,
    *,
    deadline_s: float,
    progress: Progress | None = None,
) -> Fetched:
    """Bring the content of `copy`, which lies at `location`, into a file of mode 0600.

    Its name in the private directory `folder` is that of the copy, without what encryption added.
    What lies in the open in a directory of this machine is not copied: the path is its own, and no
    byte was read. A file is whole, as it was encrypted, or it is not there. `progress` and errors
    are those of `streaming`; SpaceError when the disk is too full.
    """
    begin = time.monotonic()
    if is_here(location, copy):
        path = locate(Path(location.path), copy.path)
        return Fetched(path, path.stat().st_size, "", 0, 0)
    path = folder / unsealed(PurePosixPath(read_path(copy.path)).name)
    with streaming(location, copy, deadline_s=deadline_s, progress=progress) as source:
        digest, given = _write(source, path, copy.size)
    took_ms = round((time.monotonic() - begin) * 1000)
    return Fetched(path, given.size, digest, took_ms, given.fetched, given.cipher)


def is_here(location: Location, copy: Copy) -> bool:
    """Return whether a copy lies in the open in a directory of this machine."""
    return not location.remote and not is_sealed(copy)


def is_sealed(copy: Copy) -> bool:
    """Return whether gpg is needed to read a copy, as far as one can tell from here."""
    return bool(copy.sealed) or copy.path.endswith(SEALED)


def _decryption(location: Location, copy: Copy, raw: Raw, stack: ExitStack) -> Decryption | None:
    """Start gpg on what should be encrypted; None when that is not encrypted at all."""
    framing = read_framing(raw.head(), copy.size)
    if not framing.encrypted:
        return None  # whatever it is, the drill will see
    if not framing.symmetric:
        said = "only a private key opens it, and none is used here"
        raise SourceError("drill.no_key", said)
    if not location.passphrase_file:
        said = f"location {location.id} has no passphrase_file in the configuration"
        raise SourceError("drill.no_key", said)
    blocks = iter(partial(raw.read, _BLOCK), b"")
    try:
        return stack.enter_context(decrypting(blocks, Path(location.passphrase_file)))
    except SecretError as error:
        raise SourceError("drill.no_key", str(error)) from error


def _write(source: Source, path: Path, size: int) -> tuple[str, Given]:
    """Write what a source gives, of about `size` bytes, to the new file `path`, or leave none."""
    space.require(path.parent, size + space.FREE_FLOOR)
    digest, left = hashlib.sha256(), 0
    with ExitStack() as failed:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        failed.callback(path.unlink)
        with file:
            while block := source.read(_BLOCK):
                if left <= 0:
                    space.require(path.parent, space.FREE_FLOOR)
                    left = _LOOK
                left -= file.write(block)
                digest.update(block)
        given = source.end()
        failed.pop_all()
    return digest.hexdigest(), given
