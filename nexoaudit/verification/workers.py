"""Processes that read copies side by side, and end with the one who started them."""

import multiprocessing
import os
import signal
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")

_REPORT = struct.Struct("<QQ")
_REPORT_S = 0.1
"""How often a worker says how far it is."""
_FIRST_VICTIM = "900"
"""Where memory runs out, the kernel is to kill a reader, not the auditor or the database."""


class Workers:
    """A pool of processes as an executor, with reports of how far each is; a context.

    Left by an exception, it ends them in the middle of their work; they also end, busy or idle,
    when the process that made them is killed. A signal from the terminal is the maker's alone.
    """

    def __init__(self, count: int) -> None:
        context = multiprocessing.get_context("spawn")  # a thread of the maker may hold a lock
        self._reports, reporter = context.Pipe(duplex=False)
        line, self._lifeline = context.Pipe(duplex=False)
        self._theirs = (reporter, line)
        self._pool = ProcessPoolExecutor(count, context, _begin, self._theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._lifeline.close()
        self._pool.shutdown(cancel_futures=True)
        for end in (self._lifeline, self._reports, *self._theirs):
            end.close()

    def submit(self, work: Callable[..., T], *arguments: Any) -> Future[T]:
        """Have `work` done; where a worker has died, the future fails as all others do."""
        try:
            return self._pool.submit(work, *arguments)
        except BrokenProcessPool as error:
            failed: Future[T] = Future()
            failed.set_exception(error)
            return failed

    def reports(self) -> Iterator[tuple[int, int]]:
        """Yield what the workers have reported since the last time."""
        while self._reports.poll():
            number, size = _REPORT.unpack(self._reports.recv_bytes())
            yield number, size


class Reporter:
    """How a worker reports the bytes that it has read of task `number`; 0 bytes: it begins."""

    _pipe: Connection | None = None

    def __init__(self, number: int) -> None:
        self._number = number
        self._size = 0
        self._due = 0.0
        self._send()

    def advance(self, size: int) -> None:
        """Take `size` more bytes."""
        self._size += size
        if time.monotonic() >= self._due:
            self._send()

    def finish(self) -> None:
        """Report what was not reported yet."""
        if self._size:
            self._send()

    def _send(self) -> None:
        if Reporter._pipe is not None:
            Reporter._pipe.send_bytes(_REPORT.pack(self._number, self._size))
        self._size = 0
        self._due = time.monotonic() + _REPORT_S


def _begin(reporter: Connection, line: Connection) -> None:
    """Prepare a new worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Reporter._pipe = reporter
    threading.Thread(target=_end_with, args=(line,), daemon=True).start()
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_VICTIM, encoding="ascii")


def _end_with(line: Connection) -> None:
    """End this process when the other end of `line` is closed, in whatever way."""
    with suppress(EOFError, OSError):
        line.recv_bytes()
    os._exit(1)
