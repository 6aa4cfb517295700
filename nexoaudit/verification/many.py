"""Verify many copies, several at once."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from pathlib import Path
from typing import NamedTuple, Protocol

from nexoaudit.errors import NexoError
from nexoaudit.model.verification import Verification
from nexoaudit.verification.inside import About
from nexoaudit.verification.members import NOT_COMPARED, Comparing
from nexoaudit.verification.reading import ReadProblem
from nexoaudit.verification.verify import unread, verify
from nexoaudit.verification.workers import Reporter, Workers

_LOOK_S = 0.1
"""How often the reports of the workers are looked at."""
_MOST = 2
"""Workers, unless more are asked for: backups are read beside what the machine is there for."""

_DETAIL_LENGTH = 300


class Task(NamedTuple):
    """One copy to be read: the arguments of `verify`, which can be pickled."""

    number: int
    """By which the one who gives the task knows it."""
    path: Path
    about: About
    sidecar: Path | None
    expects_sidecar: bool
    earlier: str = ""
    drop_cache: bool = False
    prints: bool = False
    comparing: Comparing = NOT_COMPARED
    passphrase_file: Path | None = None


class Watcher(Protocol):
    """Someone who watches copies being read."""

    def begin(self, number: int) -> None:
        """The read of this task's copy begins."""

    def advance(self, size: int) -> None:
        """`size` more bytes have been read."""


Done = tuple[Task, Verification]


def usual_workers() -> int:
    """Return how many workers suit this machine."""
    return min(_MOST, len(os.sched_getaffinity(0)))


def verify_many(
    tasks: Iterable[Task], *, workers: int, watcher: Watcher
) -> Generator[Done, None, None]:
    """Yield each task with what its read found, in the order in which the reads end.

    Reads begin in the order of `tasks`, which are taken one by one. With one worker all is done
    in this process. A copy whose reader fails or dies, of hunger for memory or otherwise, is
    `file.reader_died`; the others are not touched by it. Close the iterator to end all work.
    """
    queue = iter(tasks)
    if workers == 1:
        yield from _here(queue, watcher)
        return
    while lost := (yield from _beside(queue, workers, watcher)):
        # One of these killed the worker: read by itself, only the culprit does it again.
        for task in lost:
            if (yield from _beside(iter([task]), 1, watcher)):
                yield task, _died(task, "the process that read it was killed")


def read(task: Task) -> Verification:
    """Verify the copy of one task in this process, reporting through its pipe if it has one."""
    reporter = Reporter(task.number)
    found = _verify(task, reporter.advance)
    reporter.finish()
    return found


def _here(tasks: Iterator[Task], watcher: Watcher) -> Iterator[Done]:
    for task in tasks:
        watcher.begin(task.number)
        yield task, _verify(task, watcher.advance)


def _beside(
    tasks: Iterator[Task], workers: int, watcher: Watcher
) -> Generator[Done, None, list[Task]]:
    """Yield what the workers find; return what was under way when one of them died."""
    pending: dict[Future[Verification], Task] = {}
    lost: list[Task] = []
    with Workers(workers) as pool:
        while not lost:
            # One more than there are workers, so that none waits for us.
            while len(pending) <= workers and (task := next(tasks, None)) is not None:
                pending[pool.submit(read, task)] = task
            if not pending:
                break
            done, _ = wait(pending, _LOOK_S, FIRST_COMPLETED)
            for number, size in pool.reports():
                watcher.advance(size) if size else watcher.begin(number)
            for future in done:
                task = pending.pop(future)
                if isinstance(future.exception(), BrokenExecutor):
                    lost.append(task)
                else:
                    yield task, future.result()
    return [*lost, *pending.values()]


def _verify(task: Task, advance: Callable[[int], None]) -> Verification:
    try:
        return verify(
            task.path,
            task.about,
            sidecar=task.sidecar,
            expects_sidecar=task.expects_sidecar,
            earlier=task.earlier,
            drop_cache=task.drop_cache,
            prints=task.prints,
            comparing=task.comparing,
            passphrase_file=task.passphrase_file,
            progress=advance,
        )
    except (NexoError, OSError):
        raise  # of whoever watches: what is wrong with a copy is a finding
    except Exception as error:  # noqa: BLE001 - no file may end the audit of all others
        return _died(task, f"{type(error).__name__}: {error}")


def _died(task: Task, detail: str) -> Verification:
    return unread(task.path, ReadProblem("reader_died", detail[:_DETAIL_LENGTH]), task.earlier)
