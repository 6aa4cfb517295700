"""A running program that is spoken to and listened to at once, for as long as patience lasts."""

import os
import select
import time
from collections.abc import Iterable, Iterator
from typing import IO

from nexoaudit.errors import LocationError
from nexoaudit.process import Handle, ended, stop

CHUNK = 1 << 16
_COMPLAINTS = 1 << 14
"""Bytes kept of standard error: whatever else a hostile host says there is dropped."""


class Patience:
    """How long one call may still wait for the other side. What we do meanwhile costs nothing."""

    def __init__(self, seconds: float, overdue: LocationError) -> None:
        """Grant so many seconds; `overdue` is raised when they are spent."""
        self.left = seconds
        self._overdue = overdue

    def spend(self, seconds: float) -> None:
        """Take that much; raise the error when nothing is left."""
        self.left -= seconds
        if self.left <= 0:
            raise self._overdue


class Channel:
    """Both directions of a running program: those for which it was given pipes."""

    def __init__(self, handle: Handle, feed: Iterable[bytes] | None = None) -> None:
        """Speak to `handle`. `feed` is all that it is told, made as it is taken; None: `tell`."""
        self._handle = handle
        self._feed: Iterator[bytes] | None = None if feed is None else iter(feed)
        self._outgoing = memoryview(b"")
        self._heard = b""
        self._complaints = bytearray()
        self._input = _ready(handle.stdin)
        self._output = _ready(handle.stdout)
        self._errors = _ready(handle.stderr)

    @property
    def complaints(self) -> str:
        """What the program said on standard error so far, its beginning."""
        return self._complaints.decode("utf-8", "backslashreplace")

    @property
    def alive(self) -> bool:
        """Whether the program runs."""
        return self._handle.poll() is None

    def some(self, patience: Patience) -> bytes:
        """Return the next bytes that the program says, b"" after the last."""
        if self._heard:
            heard, self._heard = self._heard, b""
            return heard
        while self._output >= 0:
            began = time.monotonic()
            try:
                data = os.read(self._output, CHUNK)
            except BlockingIOError:
                self._wait(patience)
                continue
            patience.spend(time.monotonic() - began)
            if not data:
                self._output = -1
            return data
        return b""

    def exactly(self, count: int, patience: Patience) -> bytes:
        """Return the next `count` bytes; fewer when it says no more."""
        pieces, held = [], 0
        while held < count and (piece := self.some(patience)):
            pieces.append(piece)
            held += len(piece)
        heard = b"".join(pieces)
        self._heard = heard[count:]
        return heard[:count]

    def line(self, most: int, patience: Patience) -> bytes:
        """Return all up to the next line feed; what is there when `most` bytes or all have none."""
        heard = b""
        while b"\n" not in heard and len(heard) < most and (piece := self.some(patience)):
            heard += piece
        end = heard.find(b"\n") + 1
        if not end:
            return heard
        self._heard = heard[end:]
        return heard[:end]

    def tell(self, data: bytes) -> None:
        """Say `data` to the program, now or while its answers are waited for."""
        self._outgoing = memoryview(bytes(self._outgoing) + data)
        self._speak()

    def ended(self, patience: Patience) -> int:
        """Wait for the end of a program that has said all, and return its exit code."""
        while self._errors >= 0:
            self._wait(patience)
        code = ended(self._handle, patience.left)
        while code is None:
            patience.spend(patience.left)
        return code

    def deafen(self) -> None:
        """Hear no more of it; it must be able to do without."""
        if self._handle.stdout is not None:
            self._handle.stdout.close()
        self._output = -1

    def close(self) -> None:
        """Kill the program if it still runs."""
        stop(self._handle)

    def _wait(self, patience: Patience) -> None:
        """Wait until the program says something or can be told more; see to everything else."""
        poll = select.poll()
        if self._input >= 0 and self._pending():
            poll.register(self._input, select.POLLOUT)
        for descriptor in (self._output, self._errors):
            if descriptor >= 0:
                poll.register(descriptor, select.POLLIN)
        began = time.monotonic()
        ready = [descriptor for descriptor, _ in poll.poll(max(1.0, patience.left * 1000))]
        if self._errors in ready:
            self._listen()
        if self._input in ready:
            self._speak()
        patience.spend(time.monotonic() - began)

    def _pending(self) -> bool:
        """Return whether there is more to say; close the program's input after the last of it."""
        while not self._outgoing:
            following = None if self._feed is None else next(self._feed, None)
            if following is None:
                if self._feed is not None:
                    self._hush()
                return False
            self._outgoing = memoryview(following)
        return True

    def _speak(self) -> None:
        if self._input < 0:
            return
        try:
            self._outgoing = self._outgoing[os.write(self._input, self._outgoing[:CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:  # it listens no more: its exit code will say why
            self._hush()

    def _hush(self) -> None:
        if self._handle.stdin is not None:
            self._handle.stdin.close()
        self._input = -1

    def _listen(self) -> None:
        data = os.read(self._errors, CHUNK)
        if not data:
            self._errors = -1
        self._complaints += data[: _COMPLAINTS - len(self._complaints)]


def _ready(stream: IO[bytes] | None) -> int:
    if stream is None:
        return -1
    os.set_blocking(stream.fileno(), False)
    return stream.fileno()
