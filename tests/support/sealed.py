"""What tests of encrypted copies share."""

import gzip
import hashlib
import io
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nexoaudit.model.moments import millis

SHOP = (Path(__file__).parents[1] / "formats" / "data" / "shop.sql").read_bytes()
PLAIN = gzip.compress(SHOP, mtime=0)
COMPLETED = datetime(2026, 11, 23, 8, 55, 17, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
POINT = millis(COMPLETED - timedelta(seconds=30))
ABOUT: dict[str, Any] = {
    "kind": "database",
    "expected_sha256": "",
    "point_ms": POINT,
    "time_source": "name",
    "zone": ZoneInfo("UTC"),
    "now": NOW,
}
NOISE = gzip.compress(SHOP + b"-- " + random.Random(7).randbytes(3_000_000).hex().encode(), 1)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def flip(data: bytes, at: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def programs(folder: Path) -> set[int]:
    """Return the processes that are gpg or an agent of its with a home below `folder`."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            name = (process / "comm").read_text()
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if name.startswith("gpg") and os.fsencode(folder) in command:
            found.add(int(process.name))
    return found


class Source(io.RawIOBase):
    """Gives its bytes in pieces, and calls `happens` with the number of each before it."""

    def __init__(self, data: bytes, happens: Callable[[int], object]) -> None:
        self._file = io.BytesIO(data)
        self._happens = happens
        self._reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self._happens(self._reads)
        self._reads += 1
        return self._file.read(min(size or 0, 70_000))
