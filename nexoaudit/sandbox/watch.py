"""Keeps a hostile dump from taking the host with it: looks at its server, and kills it."""

import math
import os
import shutil
import signal
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from nexoaudit.errors import SandboxError
from nexoaudit.sandbox.server import Server
from nexoaudit.sandbox.space import FREE_FLOOR, SpaceError

_EVERY_S = 1.0
_LEAST_PAUSE = 20
"""A look that takes long, as into ten thousand tables, is followed by so many times its length."""


class ExcessError(SandboxError):
    """The server took more than the restore of any dump should."""


class OverdueError(SandboxError):
    """The server was at work for longer than it may."""


class Limits(NamedTuple):
    """What a server may take."""

    seconds: float = math.inf
    memory_bytes: int = 2 << 30
    disk_bytes: int = 1 << 30
    """However little SQL there was: an empty table alone takes about 100 KB."""
    disk_per_byte: int = 16
    """So many more for each byte of SQL. Real dumps need about 2.5."""
    free_bytes: int = FREE_FLOOR
    """What must stay free on its disk."""


class Watch:
    """Looks at one server, and kills it when it goes beyond a limit."""

    def __init__(self, watched: Server, limits: Limits) -> None:
        self._server = watched
        self._limits = limits
        self._begin = time.monotonic()
        self._error: SandboxError | None = None
        self._over = threading.Event()
        self.fed = 0
        """Bytes of SQL that the server was given so far; whoever gives them says so."""

    def check(self) -> None:
        """Look now, and raise why the server was killed, if it was.

        That is an ExcessError, an OverdueError or a SpaceError.
        """
        self._look()
        if self._error is not None:
            raise self._error

    def run(self) -> None:
        """Look again and again, until told to stop or the server had to be killed."""
        pause = _EVERY_S
        while self._error is None and not self._over.wait(pause):
            begin = time.monotonic()
            self._look()
            pause = max(_EVERY_S, _LEAST_PAUSE * (time.monotonic() - begin))

    def stop(self) -> None:
        """Make `run` return."""
        self._over.set()

    def _look(self) -> None:
        if self._error is not None:
            return
        with suppress(OSError):  # what cannot be seen now may be seen at the next look
            self._error = self._excess()
        if self._error is not None:
            # Our own child, for which nobody has waited yet: its number is still its own.
            os.kill(self._server.pid, signal.SIGKILL)

    def _excess(self) -> SandboxError | None:
        """Return what is wrong with the server, if anything is."""
        directory, limits = self._server.directory, self._limits
        seconds = time.monotonic() - self._begin
        if seconds > limits.seconds:
            return OverdueError(f"stopped after {round(seconds)} seconds")
        free = shutil.disk_usage(directory).free
        if free < limits.free_bytes:
            return SpaceError(
                f"stopped when {directory.parent.parent} had {free >> 20} MiB free:"
                " free some, or set TMPDIR to a directory on a larger disk"
            )
        memory = _memory(self._server.pid)
        if memory > limits.memory_bytes:
            return ExcessError(f"stopped when its server took {memory >> 20} MiB of memory")
        disk = occupied(directory, self._server.pid)
        if disk > limits.disk_bytes + limits.disk_per_byte * self.fed:
            return ExcessError(
                f"stopped when {self.fed >> 20} MiB of SQL had grown to {disk >> 20} MiB on disk"
            )
        return None


@contextmanager
def watched(running: Server, limits: Limits) -> Iterator[Watch]:
    """Yield the watch over a server: from now to the end it looks at it about every second.

    A thread of its own does that; the server must outlive it, and dies with the thread that
    started it, which is another one.
    """
    watch = Watch(running, limits)
    thread = threading.Thread(target=watch.run, name="watch", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.stop()
        thread.join()


def occupied(directory: Path, pid: int) -> int:
    """Return how many bytes all files below `directory` take on disk.

    Files that the process `pid` has open and that have no name any more count too, if we may see
    them: sorting writes such files.
    """
    found = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):
                entry = os.lstat(f"{folder}/{name}")
                found[entry.st_ino] = entry.st_blocks
    with suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208 - many, and often
            with suppress(OSError):
                entry = os.stat(f"/proc/{pid}/fd/{name}")  # noqa: PTH116
                if stat.S_ISREG(entry.st_mode) and entry.st_nlink == 0:
                    found[entry.st_ino] = entry.st_blocks
    return 512 * sum(found.values())


def _memory(pid: int) -> int:
    """Return how many bytes of memory a process took at most so far, and its swap now.

    What lasts less than the time between two looks counts too.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    taken = [line for line in status.splitlines() if line.startswith(("VmHWM:", "VmSwap:"))]
    return sum(int(line.split()[1]) << 10 for line in taken)
