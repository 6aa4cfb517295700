"""Binary logs: the reader alone and the whole verification, against `sha256sum` of the same file.

All in one run on one machine; the figure is how many times faster than `sha256sum`.
"""

import argparse
import shutil
import statistics
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nexoaudit.formats.binlog import walk
from nexoaudit.formats.binlogfacts import Binlog
from nexoaudit.verification import verify
from nexoaudit.verification.inside import About

_BLOCK = 128 * 1024
_WRITE_ROWS = 23
_ROTATE = 4
_GTID, _GTID_LIST = 162, 163
_ROWS_A_TRANSACTION = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nexoaudit-bench-"))
    try:
        for size in (8192, 120):
            path = folder / f"mysql-bin.{size:06}"
            make(path, size, options.megabytes * 1_000_000 if size > 1000 else 40_000_000)
            compare(path, size, options.runs)
    finally:
        shutil.rmtree(folder)


def make(path: Path, size: int, total: int) -> None:
    """Write a log of row events of `size` bytes, each fourth after the id of a transaction."""
    offset, number = 4, 0
    with path.open("wb") as file:
        file.write(b"\xfebin")

        def put(kind: int, body: bytes) -> None:
            nonlocal offset
            offset += 19 + len(body) + 4
            head = struct.pack(
                "<IBIIIH", 1_795_000_000, kind, 1, 19 + len(body) + 4, offset & 0xFFFFFFFF, 0
            )
            file.write(head + body + struct.pack("<I", zlib.crc32(head + body)))

        put(15, struct.pack("<H50sIB", 4, b"10.11.19-MariaDB-log", 0, 19) + bytes(171) + b"\1")
        put(_GTID_LIST, struct.pack("<I", 0))
        row = bytes(range(256)) * (size // 256 + 1)
        while offset < total:
            number += 1
            put(_GTID, struct.pack("<QIB6x", number, 0, 0))
            for _ in range(_ROWS_A_TRANSACTION):
                put(_WRITE_ROWS, row[: size - 23])
        put(_ROTATE, struct.pack("<Q", 4) + b"mysql-bin.000002")


def compare(path: Path, size: int, runs: int) -> None:
    ways: dict[str, Callable[[], object]] = {
        "sha256sum": lambda: subprocess.run(["sha256sum", path], check=True, capture_output=True),
        "reader": lambda: read(path),
        "verify": lambda: whole(path),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    base = statistics.median(times["sha256sum"])
    megabytes = path.stat().st_size / 1e6
    for name, taken in times.items():
        median = statistics.median(taken)
        print(
            f"{size:5} byte events  {name:10} {median:6.3f} s  {megabytes / median:6.0f} MB/s"
            f"  {base / median:5.2f} x"
        )


def read(path: Path) -> Binlog:
    with path.open("rb", buffering=0) as file:
        found = walk(iter(lambda: file.read(_BLOCK), b""))
    assert not found.problem, found
    assert found.ending == "rotate", found
    return found


def whole(path: Path) -> None:
    found = verify(
        path,
        About("binlog", 0, "mtime", ZoneInfo("UTC"), datetime.now(UTC)),
        sidecar=None,
        expects_sidecar=False,
    )
    assert not set(found.problems) - {"time.future"}, found


if __name__ == "__main__":
    main()
