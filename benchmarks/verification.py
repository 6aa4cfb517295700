"""Verification of a dump against the three shell passes it replaces, and its memory."""

import argparse
import gzip
import hashlib
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nexoaudit.verification import verify
from nexoaudit.verification.inside import About
from nexoaudit.verification.many import Task, verify_many

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
_COPIES = 16
_WORDS = ("lorem", "ipsum", "dolor", "consectetur", "soporte", "incidencia", "cerrada", "usuario")
_ONE = """\
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from nexoaudit.verification import verify
from nexoaudit.verification.inside import About
path = Path(sys.argv[1])
about = About("database", 0, "mtime", ZoneInfo("UTC"), datetime.now(UTC))
found = verify(path, about, sidecar=Path(sys.argv[1] + ".sha256"), expects_sidecar=True)
assert not found.problems, found
status = Path("/proc/self/status").read_text()  # ru_maxrss would be that of our parent, too
print(status.partition("VmHWM:")[2].split()[0])
"""


LAYOUTS = {"a line for each row": (b"\n", b",\n"), "one-line INSERTs": (b" ", b",")}
"""As mariadb-dump of 10.11 and later, and as mysqldump and older ones write them."""
_HUGE = 10_000
"""MB of SQL in the file whose read must need no more memory than that of a small one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=150, help="size of the SQL text")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--huge", action="store_true", help=f"also read {_HUGE} MB of SQL")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nexoaudit-bench-"))
    try:
        for number, (name, layout) in enumerate(LAYOUTS.items()):
            dump = folder / f"dump{number}.sql.gz"
            make(dump, sql(options.megabytes, layout))
            size = dump.stat().st_size / 1e6
            print(f"{options.megabytes} MB of SQL, {name}; {size:.1f} MB compressed")
            compare(dump, options.runs)
            side_by_side(dump, options.runs)
        if options.huge:
            memory(dump, folder / "huge.sql.gz")
    finally:
        shutil.rmtree(folder)


def make(path: Path, pieces: Iterable[bytes], level: int = 6) -> None:
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=level) as file:
        for piece in pieces:
            file.write(piece)
    record(path)


def record(path: Path) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    Path(f"{path}.sha256").write_text(f"{digest}  {path.name}\n", encoding="ascii")


def sql(megabytes: int, layout: tuple[bytes, bytes]) -> Iterator[bytes]:
    """Yield a dump in INSERTs of about 1 MB."""
    first, between = layout
    yield _HEADER
    chance = random.Random(20261123)
    for table in range(1, max(2, megabytes // 20 + 1)):
        yield b"CREATE TABLE `t%d` (\n  `id` int(11) NOT NULL\n) ENGINE=InnoDB;\n" % table
        for _ in range(min(20, megabytes)):
            body = between.join(rows(chance, 1_000_000))
            yield b"INSERT INTO `t%d` VALUES" % table + first + body + b";\n"
    yield _TRAILER


def repeated(megabytes: int) -> Iterator[bytes]:
    """Yield a dump of that size whose rows come again and again."""
    yield _HEADER
    body = b",".join(list(rows(random.Random(1), 20_000)) * 50)
    yield b"CREATE TABLE `t` (\n  `id` int(11) NOT NULL\n) ENGINE=InnoDB;\n"
    for _ in range(megabytes):
        yield b"INSERT INTO `t` VALUES " + body + b";\n"
    yield _TRAILER


def rows(chance: random.Random, total: int) -> Iterator[bytes]:
    """Yield rows of `total` bytes in all; one text in 20 has a quote, one in 40 a bracket."""
    size = 0
    while size < total:
        words = " ".join(chance.choices(_WORDS, k=chance.randrange(2, 14)))
        if chance.random() < 0.05:
            words += " d\\'altres" if chance.random() < 0.5 else " (sic)"
        key, time_s = chance.randrange(10**7), 1_700_000_000 + chance.randrange(10**7)
        line = f"({key},'{words}','u{key}@example.com','{chance.getrandbits(64):x}',{time_s},NULL)"
        size += len(line) + 2
        yield line.encode()


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
        About("database", 0, "mtime", ZoneInfo("UTC"), datetime.now(UTC)),
        sidecar=Path(f"{dump}.sha256"),
        expects_sidecar=True,
    )


def side_by_side(dump: Path, runs: int) -> None:
    """Read copies with one process and with two, which have to be started first.

    What two cores give at that moment is measured as well: on a busy machine it is not twice.
    `chrt -r 1` as root keeps both to this benchmark; without it, the processor time is the figure
    to go by: what it grows by with two readers is what they cost each other.
    """
    times: dict[str, list[float]] = {"one": [], "two": [], "hash one": [], "hash two": []}
    used: dict[int, float] = {}
    for _ in range(runs):
        for workers, name in ((1, "one"), (2, "two")):
            start, before = time.perf_counter(), cpu_s()
            tasks = (task(number, dump) for number in range(_COPIES))
            for _task, found in verify_many(tasks, workers=workers, watcher=Unwatched()):
                assert not found.problems, found
            times[name].append(time.perf_counter() - start)
            used[workers] = cpu_s() - before
        for at_once, name in ((1, "hash one"), (2, "hash two")):
            start = time.perf_counter()
            for _ in range(2 // at_once):
                hashing = [
                    subprocess.Popen(["sha256sum", *[dump] * _COPIES], stdout=subprocess.DEVNULL)
                    for _ in range(at_once)
                ]
                for process in hashing:
                    process.wait()
            times[name].append(time.perf_counter() - start)
    one, two, hash_one, hash_two = (statistics.median(taken) for taken in times.values())
    print(
        f"{_COPIES} copies: {one:.2f} s, two at once {two:.2f} s   {one / two:4.2f} x"
        f" (sha256sum: {hash_one / hash_two:4.2f} x); processor {used[1]:.2f} and {used[2]:.2f} s"
    )


def cpu_s() -> float:
    """Return the processor time of this process and of its children that have ended."""
    return sum(
        sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


class Unwatched:
    """Nobody looks."""

    def begin(self, number: int) -> None:
        """Ignore it."""

    def advance(self, size: int) -> None:
        """Ignore it."""


def task(number: int, dump: Path) -> Task:
    sidecar = Path(f"{dump}.sha256")
    now = datetime.now(UTC)
    about = About("database", 0, "mtime", ZoneInfo("UTC"), now)
    return Task(number, dump, about, sidecar, True)


def memory(dump: Path, huge: Path) -> None:
    make(huge, repeated(_HUGE), level=1)
    start = time.perf_counter()
    peak = child(huge) / 1024
    print(
        f"peak memory {child(dump) / 1024:.1f} MiB;"
        f" of {_HUGE} MB of SQL {peak:.1f} MiB, in {time.perf_counter() - start:.1f} s"
    )


if __name__ == "__main__":
    main()
