"""Whether the machine has memory left for a sandbox."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nexoaudit.errors import SandboxError

NEEDED = 384 << 20
"""Bytes that a private server takes with what is done to it."""

MEMINFO = Path("/proc/meminfo")
LIMITS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)
"""What a container may take, and takes: files of both versions of control groups."""


class ScarceError(SandboxError):
    """There is too little memory for a sandbox."""


def require(need: int = NEEDED) -> None:
    """Raise ScarceError when fewer than `need` bytes are available, as far as one can tell."""
    free = min(_available(), default=need)
    if free < need:
        raise ScarceError(
            f"{free >> 20} MiB of memory are available, a test restore needs {need >> 20} MiB:"
            " run it at a quieter time"
        )


def _available() -> Iterator[int]:
    """Yield how many bytes may still be taken, by each who says so."""
    with suppress(OSError, ValueError, IndexError):
        for line in MEMINFO.read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                yield int(line.split()[1]) << 10
    for most, taken in LIMITS:
        with suppress(OSError, ValueError):  # `max` stands for no limit
            yield int(most.read_text("ascii")) - int(taken.read_text("ascii"))
