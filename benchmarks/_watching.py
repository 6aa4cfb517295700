"""What a restore takes: seconds, processor time, memory."""

import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_EVERY_S = 0.05


class Taken:
    """Filled in when what was measured is done."""

    seconds = 0.0
    cpu_s = 0.0
    """Of this process and of all that it started and that ended."""
    server_mib = 0
    """The most memory that any server of ours had."""


@contextmanager
def measured() -> Iterator[Taken]:
    """Measure what is done inside; servers must have ended with it."""
    taken, over = Taken(), threading.Event()
    thread = threading.Thread(target=_watch, args=(taken, over), daemon=True)
    thread.start()
    begin, cpu = time.perf_counter(), _cpu_s()
    try:
        yield taken
    finally:
        taken.seconds = taken.seconds or time.perf_counter() - begin
        taken.cpu_s = _cpu_s() - cpu
        over.set()
        thread.join()


def own_mib() -> int:
    """Return the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _watch(taken: Taken, over: threading.Event) -> None:
    while not over.wait(_EVERY_S):
        for task in Path("/proc/self/task").iterdir():
            with suppress(OSError):
                for pid in (task / "children").read_text().split():
                    taken.server_mib = max(taken.server_mib, _server_mib(Path("/proc", pid)))


def _server_mib(child: Path) -> int:
    if (child / "comm").read_text() != "mariadbd\n":
        return 0
    lines = (child / "status").read_text().splitlines()
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM:")), 0)
