"""Verification of a dump against the three shell passes it replaces, and its memory."""

import argparse
import gzip
import hashlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nexoaudit.verification import verify

_HEADER = (
    b"/*M!999999\\- enable the sandbox mode */ \n"
    b"-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)\n"
    b"--\n-- Host: localhost    Database: shop\n"
    b"-- ------------------------------------------------------\n"
    b"/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;\n"
)
_TRAILER = (
    b"/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n\n-- Dump completed on 2026-11-23  2:00:37\n"
)
_WORDS = ("lorem", "ipsum", "dolor", "consectetur", "soporte", "incidencia", "cerrada", "usuario")
_ONE = """\
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from nexoaudit.verification import verify
path = Path(sys.argv[1])
found = verify(path, kind="database", sidecar=Path(sys.argv[1] + ".sha256"), expects_sidecar=True,
               point_ms=0, time_source="mtime", zone=ZoneInfo("UTC"), now=datetime.now(UTC))
assert not found.problems, found
status = Path("/proc/self/status").read_text()  # ru_maxrss would be that of our parent, too
print(status.partition("VmHWM:")[2].split()[0])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=150, help="size of the SQL text")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-memory", action="store_true", help="skip the file ten times as large")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nexoaudit-bench-"))
    try:
        dump = folder / "dump.sql.gz"
        make(dump, options.megabytes)
        size = dump.stat().st_size / 1e6
        print(f"dump: {options.megabytes} MB of SQL, {size:.1f} MB compressed")
        compare(dump, options.runs)
        if not options.no_memory:
            memory(dump, options.megabytes, folder / "large.sql.gz")
    finally:
        shutil.rmtree(folder)


def make(path: Path, megabytes: int, level: int = 6) -> None:
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=level) as file:
        for piece in sql(megabytes):
            file.write(piece)
    record(path)


def record(path: Path) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    Path(f"{path}.sha256").write_text(f"{digest}  {path.name}\n", encoding="ascii")


def sql(megabytes: int) -> Iterator[bytes]:
    """Yield a dump of one row a line, in INSERTs of about 1 MB, as mariadb-dump 10.11 writes it."""
    yield _HEADER
    chance = random.Random(20261123)
    for table in range(1, max(2, megabytes // 20 + 1)):
        yield b"CREATE TABLE `t%d` (\n  `id` int(11) NOT NULL\n) ENGINE=InnoDB;\n" % table
        for _ in range(min(20, megabytes)):
            yield b"INSERT INTO `t%d` VALUES\n" % table + rows(chance) + b";\n"
    yield _TRAILER


def rows(chance: random.Random) -> bytes:
    lines: list[str] = []
    size = 0
    while size < 1_000_000:
        words = " ".join(chance.choices(_WORDS, k=chance.randrange(2, 14)))
        key, time_s = chance.randrange(10**7), 1_700_000_000 + chance.randrange(10**7)
        line = f"({key},'{words}','u{key}@example.com','{chance.getrandbits(64):x}',{time_s},NULL)"
        lines.append(line)
        size += len(line) + 2
    return ",\n".join(lines).encode()


def compare(dump: Path, runs: int) -> None:
    checks: dict[str, Callable[[], object]] = {
        "shell": lambda: shell(dump),
        "verify, process": lambda: child(dump),
        "verify, in process": lambda: inside(dump),
    }
    times: dict[str, list[float]] = {name: [] for name in checks}
    for _ in range(runs):
        for name, check in checks.items():
            start = time.perf_counter()
            check()
            times[name].append(time.perf_counter() - start)
    base = statistics.median(times["shell"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:20} {median:6.2f} s   {base / median:4.1f} x")


def shell(dump: Path) -> None:
    for command in (
        f"sha256sum -c {dump.name}.sha256",
        f"gzip -t {dump.name}",
        f"zcat {dump.name} | tail -1",
    ):
        subprocess.run(command, shell=True, check=True, cwd=dump.parent, capture_output=True)


def child(dump: Path) -> int:
    """Verify in a process of its own; return its peak memory in KiB."""
    run = subprocess.run([sys.executable, "-c", _ONE, dump], check=True, capture_output=True)
    return int(run.stdout)


def inside(dump: Path) -> None:
    verify(
        dump,
        kind="database",
        sidecar=Path(f"{dump}.sha256"),
        expects_sidecar=True,
        point_ms=0,
        time_source="mtime",
        zone=ZoneInfo("UTC"),
        now=datetime.now(UTC),
    )


def memory(dump: Path, megabytes: int, large: Path) -> None:
    make(large, 10 * megabytes, level=1)
    print(
        f"peak memory {child(dump) / 1024:.1f} MiB; "
        f"of a file 10 times as large {child(large) / 1024:.1f} MiB"
    )


if __name__ == "__main__":
    main()
