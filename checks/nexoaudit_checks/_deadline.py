"""The deadline of the whole process: one line and exit code 3, whatever hangs.

No `except` on the way has a say in it. The alarm interrupts everything but a system call on a
dead mount; for that a thread does the same a moment later. Whoever comes first writes.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable

from nexoaudit_checks._output import unknown, write

_MARGIN_S = 0.25
_answering = threading.Lock()
_disarm = threading.Event()


def arm(name: str, seconds: int) -> None:
    """End this process `seconds` from now, in the name of the check `name`.

    A later call replaces an earlier one. Only for a process of our own.
    """
    global _disarm  # noqa: PLW0603 - there is one deadline, as there is one process
    _disarm.set()
    _disarm = threading.Event()

    def expire(*_: object) -> None:
        if _answering.acquire(blocking=False):
            write(unknown(name, f"no answer within {seconds} s"))
            os._exit(3)

    signal.signal(signal.SIGALRM, expire)
    # A daemon that blocks signals hands that on to what it starts.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    signal.setitimer(signal.ITIMER_REAL, seconds)
    late = seconds + _MARGIN_S
    # Where no thread may be started, the alarm has to do.
    with contextlib.suppress(RuntimeError):
        threading.Thread(target=_watch, args=(_disarm, late, expire), daemon=True).start()


def claim() -> None:
    """Return when the caller is the one who answers; never, when the deadline already does."""
    _answering.acquire()


def _watch(disarm: threading.Event, seconds: float, expire: Callable[[], None]) -> None:
    if not disarm.wait(seconds):
        expire()
