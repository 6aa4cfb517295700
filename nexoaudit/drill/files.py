"""The test restore of files: every byte is read, a sample or all of it is put on disk."""

import tempfile
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from nexoaudit.drill.box import deadline_of
from nexoaudit.drill.extract import OnDisk, different, everything, extract, some
from nexoaudit.drill.folders import note_fewer
from nexoaudit.drill.holding import Opener, archive_at
from nexoaudit.drill.livetree import Copied, Live, note_live
from nexoaudit.drill.reading import Reading, Wanted
from nexoaudit.drill.record import Progress, Record, SourceError, StoppedError
from nexoaudit.drill.rights import few
from nexoaudit.drill.sample import Chosen
from nexoaudit.drill.source import fetch, is_here
from nexoaudit.drill.tree import Known, tree_at
from nexoaudit.locations.directory import locate
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Size, Span
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.process import Account
from nexoaudit.sandbox import private, space
from nexoaudit.sandbox.account import unprivileged

SAMPLE_BYTES = 64 << 20
"""How much of a backup is put on disk unless all of it is asked for."""

_BLOCK = 4096
"""What a file or directory takes on disk beside its bytes, at most."""


def _nothing_known(_path: str, _status: object) -> None:
    return None


class Task(NamedTuple):
    """How files are restored, and what they are held against."""

    kind: str = "files"
    """`files` or `config`."""
    wanted: Wanted = Wanted()
    live: Live | None = None
    known: Known = _nothing_known
    """Of a tree: which digests its files had when they were verified."""
    whole: bool = False
    """Everything is put on disk, not a sample."""
    rto_s: int = 0
    """0: any time."""
    before: Drill | None = None
    """The last good drill of the series, of an earlier point; None: there is nothing to compare
    with, or somebody accepted what was lost since."""


def drill_files(
    location: Location,
    copy: Copy,
    task: Task,
    *,
    now: datetime,
    parent: Path | None = None,
    progress: Progress | None = None,
) -> Drill:
    """Read all of `copy`, which lies at `location`, and restore it, or a sample of it.

    The sample, `SAMPLE_BYTES` at most, goes to a private directory below `parent` (default: the
    system's directory for temporary files), written by an unprivileged user, compared, removed.
    An archive that lies elsewhere, or is encrypted, is fetched into such a directory first.
    `progress` is told how many more bytes of the copy were read, and with 0 that work goes on.

    A bad backup or a missing tool is an outcome, never an error: `fail` with a reason code when
    it would not bring the files back, `unverified` when that could not be found out.
    """
    record = Record(progress=progress)
    now_ms = millis(now)
    with suppress(StoppedError), ExitStack() as stack:
        opener = opening(record, location, copy, task, stack, parent)
        restoring = Restoring(record, opener, task, now_ms)
        restoring.read()
        if restoring.has_some:
            _restore(restoring, record, parent)
        restoring.compare()
    record.measures["rto_ms"] = Span(task.rto_s * 1000)
    record.note_duration(task.rto_s)
    return record.drill(task.kind, copy, now_ms)


def opening(
    record: Record,
    location: Location,
    copy: Copy,
    task: Task,
    stack: ExitStack,
    parent: Path | None,
) -> Opener:
    """Return what opens the copy, fetched and decrypted by the step `fetch` if need be.

    What is fetched lies below `parent` until `stack` is closed.
    Raise StoppedError when it cannot be had; the record says why.
    """
    path = locate(Path(location.path), copy.path)
    if copy.path.endswith("/") and not location.remote:
        return tree_at(path, task.known)
    if is_here(location, copy):
        return archive_at(path)
    with record.step("fetch"):
        if copy.path.endswith("/"):
            raise SourceError("drill.unsupported", "it is a tree, which is not one file")
        private.sweep(parent)
        folder = stack.enter_context(private.directory(None, parent))
        deadline_s = deadline_of(task.rto_s)
        fetched = fetch(location, copy, folder, deadline_s=deadline_s, progress=record.progress)
    record.measures |= {
        "fetched_bytes": Size(fetched.fetched),
        "fetch_ms": Span(fetched.took_ms),
    }
    return archive_at(fetched.path)


def _restore(restoring: "Restoring", record: Record, parent: Path | None) -> None:
    with ExitStack() as stack:
        with record.step("restore"):
            private.sweep(parent)
            account = unprivileged()
            restoring.require_room(parent or Path(tempfile.gettempdir()))
            room = stack.enter_context(private.directory(account, parent))
            restoring.put(room, account)
        restoring.check(room)


class Restoring:
    """One restore on its way, step by step; each raises StoppedError, the record says why."""

    def __init__(self, record: Record, opener: Opener, task: Task, now_ms: int) -> None:
        self._record = record
        self._opener = opener
        self._task = task
        self._reading = Reading(task.wanted, SAMPLE_BYTES, now_ms)
        self._whole = task.whole
        self.chosen: dict[str, Chosen] = {}

    @property
    def top(self) -> str:
        """The directory that everything lies in once it is restored; or nothing."""
        return self._reading.top

    @property
    def has_some(self) -> bool:
        """Whether there is anything to put on disk."""
        return bool(self._reading.files if self._whole else self.chosen)

    def read(self) -> None:
        """Read it all."""
        record, reading = self._record, self._reading
        with record.step("read"), self._opener(record.progress) as holding:
            reading.read(holding, record)
            if not reading.broken:
                note_fewer(record, self._task.before, deep=self._task.wanted.only_code)
            record.sha256 = holding.sha256
            self.chosen = reading.chosen()
            # Of what cannot be read to its end only single files can be restored.
            self._whole = self._whole and not reading.broken

    def require_room(self, directory: Path) -> None:
        """Raise SpaceError when a disk has no room for what will be restored."""
        need = 2 * SAMPLE_BYTES
        if self._whole:
            need = self._reading.bytes + _BLOCK * self._reading.members
        space.require(directory, need + space.FREE_FLOOR)

    def put(self, room: Path, account: Account | None) -> None:
        """Put the files into the directory `room`, as `account` (None: as ourselves).

        Raise SandboxError when that fails; OSError of what they are read from passes through.
        """
        with self._opener(lambda _size: self._record.beat()) as holding:
            pieces = everything(holding) if self._whole else some(holding, self.chosen)
            extract(pieces, room, account)

    def check(self, room: Path) -> None:
        """Compare what lies in `room` with what was read."""
        with self._record.step("check"):
            if self._whole:
                self._check_all(room)
                return
            if wrong := list(different(room, self.chosen)):
                self._record.problem("drill.sample_differs", ", ".join(wrong))
            self._record.measures |= {
                "sampled_files": len(self.chosen),
                "sampled_bytes": Size(sum(member.size for member in self.chosen.values())),
            }

    def compare(self) -> None:
        """Compare with the live files, if the task names some."""
        live = self._task.live
        if live is None or self._reading.broken:
            return
        with self._record.step("live"):
            copied = Copied(self._reading.index, self.top)
            note_live(self._record, live, copied, read=None if self._whole else self.chosen)

    def _check_all(self, room: Path) -> None:
        reading, record = self._reading, self._record
        found = OnDisk(room, reading.index)
        if found.wrong:
            record.problem("drill.sample_differs", few(found.wrong))
        if lacking := len(reading.index) - found.right - len(found.wrong):
            record.problem("drill.not_restored", f"{lacking} files are not on disk")
        if reading.sparse:
            record.problem("drill.sparse", f"{reading.sparse} files with holes were left out")
        record.measures |= {
            "restored_files": found.right,
            "restored_bytes": Size(found.bytes),
        }
