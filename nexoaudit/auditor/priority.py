"""Work that must not be in anybody's way."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def background() -> Iterator[None]:
    """Use processor and disk only while nobody else wants them.

    Under SCHED_IDLE the kernel takes the disk priority for idle as well. An ordinary user cannot
    go back: the process stays in the background then. Where the system knows no such policy,
    nothing changes.
    """
    try:
        before = os.sched_getscheduler(0), os.sched_getparam(0)
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    except (AttributeError, OSError):
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):
            os.sched_setscheduler(0, *before)
