"""Progress of long work, on the terminal's standard error; silent where there is no terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from nexoaudit.auditor.rolling import Rolled
from nexoaudit.model.sighting import Sighting
from nexoaudit.wording.values import write_size

_NAME_WIDTH = 44


class AuditBar:
    """Shows which copy is being read, the rate, and the time left."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task: TaskID | None = None

    def start(self, copies: int, size: int) -> None:
        """Begin a bar over `size` bytes; no bar when there is nothing to read."""
        if copies:
            self._task = self._bar.add_task("", total=size)

    def copy(self, sighting: Sighting) -> None:
        """Show the name of the copy that is being read."""
        if self._task is not None:
            self._bar.update(self._task, description=_short(sighting.path))

    def advance(self, size: int) -> None:
        """Move on by `size` bytes."""
        if self._task is not None:
            self._bar.advance(self._task, size)


@contextmanager
def audit_bar() -> Iterator[AuditBar]:
    """Give a progress bar for one audit, removed at its end."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        yield AuditBar(bar)


def rolled(done: Rolled) -> str:
    """Return what a night's reading did, without a full stop."""
    said = f"{done.copies:,} copies read again, {write_size(done.size)}"
    if done.bad:
        said += f", {done.bad:,} of them not sound"
    if done.left:
        said += f"; {done.left:,} more wait for the next time"
    return said


def _short(path: str) -> str:
    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return shown if len(shown) <= _NAME_WIDTH else "..." + shown[-_NAME_WIDTH + 3 :]
