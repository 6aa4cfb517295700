"""Opening a copy with care: it may be anything, and may change while it is read."""

import errno
import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ESTALE}
_REFUSED = {errno.EACCES, errno.EPERM}
_ODD = {errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.EISDIR}


_DROP_EVERY = 8 << 20


class ReadProblem(Exception):  # noqa: N818 - not an error of ours: a finding on its way up
    """A file could not be read; carries the reason code."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        """`unreadable`, `vanished`, `changed`, `not_regular`, `read_error` or `reader_died`."""


class _Passing(io.FileIO):
    """A file whose bytes leave the page cache behind the reader."""

    _read = 0
    _dropped = 0

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size) or b""
        self._read += len(block)
        if not block or self._read - self._dropped >= _DROP_EVERY:
            with suppress(OSError):  # a file system that does not know it
                os.posix_fadvise(self.fileno(), 0, self._read, os.POSIX_FADV_DONTNEED)
            self._dropped = self._read
        return block


@contextmanager
def reading(
    path: Path | str, folder: int | None = None, *, drop_cache: bool = False
) -> Iterator[tuple[io.FileIO, os.stat_result]]:
    """Open the regular file `path` for one read and give it with its status.

    With `folder`, the descriptor of a directory, `path` is a name in it. With `drop_cache` what
    was read leaves the page cache: for reading in the background.

    A symbolic link, FIFO, socket, device or directory is refused and never waited for. Raise
    ReadProblem for whatever goes wrong, also for an OSError inside the block.
    """
    try:
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW
        opened = _Passing if drop_cache else io.FileIO
        with opened(os.open(path, flags, dir_fd=folder), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ReadProblem("not_regular", "it is not a regular file")
            yield file, status
    except OSError as error:
        raise ReadProblem(_code(error), error.strerror or str(error)) from error


def within(size: int, progress: Callable[[int], None] | None) -> Callable[[int], None]:
    """Return a `progress` that ends the read of a file that grows: it might never catch up."""
    left = size

    def advance(read: int) -> None:
        nonlocal left
        left -= read
        if left < 0:
            raise ReadProblem("changed", "the file grew while it was read")
        if progress is not None:
            progress(read)

    return advance


def disturbance(
    path: Path | str, file: io.FileIO, before: os.stat_result, folder: int | None = None
) -> str:
    """Return `vanished`, `changed` or nothing: what became of the file while it was read."""
    now = os.fstat(file.fileno())
    try:
        named = os.stat(path, dir_fd=folder, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return "vanished"
    if _identity(named) != _identity(before):
        return "changed"
    form = (before.st_size, before.st_mtime_ns)
    return "" if form == (now.st_size, now.st_mtime_ns) else "changed"


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _code(error: OSError) -> str:
    for code, numbers in (("vanished", _GONE), ("unreadable", _REFUSED), ("not_regular", _ODD)):
        if error.errno in numbers:
            return code
    return "read_error"
