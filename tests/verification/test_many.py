"""Copies read side by side, and what becomes of them when a reader dies."""

import gzip
import lzma
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nexoaudit.verification.inside import About
from nexoaudit.verification.many import Task, usual_workers, verify_many

DATA = Path(__file__).parents[1] / "formats" / "data"
SHOP = (DATA / "shop.sql").read_bytes()
LONG = 3 << 30
"""Bytes of a sparse file whose read takes seconds."""


class Watched:
    def __init__(self, act: Callable[[int], None] = lambda number: None) -> None:
        self.act = act
        self.begun: list[int] = []
        self.bytes = 0

    def begin(self, number: int) -> None:
        self.begun.append(number)
        self.act(number)

    def advance(self, size: int) -> None:
        self.bytes += size


def task(number: int, path: Path) -> Task:
    about = About("database", 0, "mtime", ZoneInfo("UTC"), datetime.now(UTC))
    return Task(number, path, about, None, False)


def dumps(folder: Path, count: int) -> list[Task]:
    tasks = []
    for number in range(count):
        path = folder / f"{number}.sql.gz"
        path.write_bytes(gzip.compress(SHOP + b"\n" * number))
        tasks.append(task(number, path))
    return tasks


def long(folder: Path, number: int) -> Task:
    path = folder / "long.sql"
    with path.open("wb") as file:
        file.truncate(LONG)
    return task(number, path)


def kill_readers(*_: int) -> None:
    for child in multiprocessing.active_children():
        if child.pid:
            os.kill(child.pid, signal.SIGKILL)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_each_copy_is_read_once_and_watched(tmp_path: Path, workers: int) -> None:
    tasks = dumps(tmp_path, 7)
    watcher = Watched()
    found = dict(verify_many(tasks, workers=workers, watcher=watcher))
    assert sorted(watcher.begun) == list(range(7))
    assert 0 in watcher.begun[:workers]
    assert watcher.bytes == sum(each.path.stat().st_size for each in tasks)
    assert [found[each].raw_size for each in tasks] == [len(SHOP) + n for n in range(7)]
    assert {result.problems for result in found.values()} == {()}
    assert not multiprocessing.active_children()


def test_nothing_to_read(tmp_path: Path) -> None:
    assert list(verify_many([], workers=2, watcher=Watched())) == []
    assert usual_workers() in {1, 2}


def test_a_reader_that_dies_costs_its_copy_and_no_other(tmp_path: Path) -> None:
    tasks = dumps(tmp_path, 6)
    tasks.insert(2, long(tmp_path, 99))
    watcher = Watched(lambda number: kill_readers() if number == 99 else None)
    found = {done.number: result for done, result in verify_many(tasks, workers=2, watcher=watcher)}
    died = found.pop(99)
    assert (died.problems, died.sha256, died.size) == (("file.reader_died",), "", LONG)
    assert "killed" in died.detail
    assert sorted(found) == list(range(6))
    assert {result.problems for result in found.values()} == {()}
    assert watcher.begun.count(99) == 2  # once beside others, once by itself
    assert not multiprocessing.active_children()


def test_a_reader_killed_for_its_neighbour_gets_another_chance(tmp_path: Path) -> None:
    killed: list[int] = []

    def once(number: int) -> None:
        if number == 99 and not killed:
            killed.append(number)
            kill_readers()

    tasks = [long(tmp_path, 99), *dumps(tmp_path, 2)]
    with tasks[0].path.open("r+b") as file:
        file.truncate(256 << 20)
    found = {
        done.number: done_well
        for done, done_well in verify_many(tasks, workers=2, watcher=Watched(once))
    }
    assert found[99].problems == ("dump.not_sql",)
    assert (found[0].problems, found[1].problems) == ((), ())


def test_a_reader_that_runs_out_of_memory_costs_its_copy_and_no_other(tmp_path: Path) -> None:
    hungry = tmp_path / "hungry.sql.xz"
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 192 << 20}]
    hungry.write_bytes(lzma.compress(SHOP, filters=filters))
    tasks = [task(99, hungry), *dumps(tmp_path, 1)]

    def limited() -> dict[int, tuple[str, ...]]:
        return {
            done.number: found.problems
            for done, found in verify_many(tasks, workers=1, watcher=Watched())
        }

    assert limited() == {99: (), 0: ()}
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (100 << 20), before[1]))
    try:
        found = limited()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert found == {99: ("file.reader_died",), 0: ()}


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_ends_the_readers_at_once(tmp_path: Path, workers: int) -> None:
    def interrupt(number: int) -> None:
        if number == 99:
            raise KeyboardInterrupt

    opened = len(list(Path("/proc/self/fd").iterdir()))
    tasks = [*dumps(tmp_path, 2), long(tmp_path, 99)]
    found = []
    with (
        pytest.raises(KeyboardInterrupt),
        closing(verify_many(tasks, workers=workers, watcher=Watched(interrupt))) as reads,
    ):
        found.extend(reads)
    assert not multiprocessing.active_children()
    assert len(list(Path("/proc/self/fd").iterdir())) <= opened + 1  # the resource tracker's
    assert all(done.number != 99 for done, _ in found)


def test_readers_end_with_whoever_started_them(tmp_path: Path) -> None:
    paths = [long(tmp_path, 0).path] * 2
    program = tmp_path / "main.py"
    program.write_text(
        "import multiprocessing, sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from zoneinfo import ZoneInfo\n"
        "from nexoaudit.verification.inside import About\n"
        "from nexoaudit.verification.many import Task, verify_many\n"
        "class Watcher:\n"
        "    def begin(self, number): print('begun', *(c.pid for c in"
        " multiprocessing.active_children()), flush=True)\n"
        "    def advance(self, size): pass\n"
        "def task(number, path):\n"
        "    about = About('database', 0, 'mtime', ZoneInfo('UTC'), datetime.now(UTC))\n"
        "    return Task(number, Path(path), about, None, False)\n"
        "if __name__ == '__main__':\n"
        "    tasks = [task(n, path) for n, path in enumerate(sys.argv[1:])]\n"
        "    list(verify_many(tasks, workers=2, watcher=Watcher()))\n"
    )
    with subprocess.Popen(
        [sys.executable, program, *paths], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        readers = [int(word) for word in run.stdout.readline().split()[1:]]
        run.kill()
    assert readers
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in readers):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
