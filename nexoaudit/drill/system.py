"""The test restore of a whole system: database, files and configuration in one sandbox."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from nexoaudit.drill.asking import Names, named_files, note_named_files, plant
from nexoaudit.drill.box import Box, boxed, deadline_of
from nexoaudit.drill.database import Backup, load_into
from nexoaudit.drill.files import Restoring, Task, opening
from nexoaudit.drill.health import System, furnish, made, note_health
from nexoaudit.drill.onward import Onward
from nexoaudit.drill.record import Progress, Record, StoppedError
from nexoaudit.drill.terms import Terms
from nexoaudit.drill.unsaved import note_unsaved
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import INTERNAL, Drill, Used
from nexoaudit.model.drilling import Drilling
from nexoaudit.model.fact import Fact, Size, Span
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.process import Account
from nexoaudit.sandbox import private
from nexoaudit.sandbox.account import unprivileged

PARTS = ("database", "config", "files")
"""What a system is made of."""

_KEPT = ("files", "bytes", "restored_files", "restored_bytes", "fetched_bytes", "fetch_ms")
"""Measures of a part that are the system's too, under the part's name."""


class Part(NamedTuple):
    """One backup that the system is restored from."""

    name: str
    """One of `PARTS`."""
    location: Location
    copy: Copy
    terms: Terms = Terms()
    """For the database."""
    onward: Onward | None = None
    """For the database: what is replayed after the dump; None: nothing."""
    task: Task = Task()
    """For the others; always all of it is restored."""


class Plan(NamedTuple):
    """What is restored together, and what is asked of it."""

    parts: tuple[Part, ...]
    asked: Drilling
    saved: frozenset[str] = frozenset()
    """Which of `unsaved.NAMES` are known to be in a backup that is no part of it."""
    left_out: tuple[str, ...] = ()
    """Components that a system of the site has and that no part is of."""
    rto_s: int = 0


def drill_system(
    plan: Plan,
    *,
    now: datetime,
    parent: Path | None = None,
    progress: Progress | None = None,
) -> Drill:
    """Restore all parts of `plan` into one sandbox and say whether that is a system that serves.

    Nothing but the parts' own copies is used. What belongs to a system and is in none of them is
    named. The rows that name files are held against the files, and the owner's command must show
    what was planted in the database. `parent` and `progress` are those of `drill_database`.

    A bad backup or a missing tool is an outcome, never an error.
    """
    system = _SystemDrill(plan, now, parent, progress)
    with suppress(StoppedError):
        system.run()
    record = system.record
    record.measures = {
        name: value for name, value in record.measures.items() if not name.startswith(INTERNAL)
    } | {"rto_ms": Span(plan.rto_s * 1000)}
    record.note_duration(plan.rto_s)
    copy = next((part.copy for part in plan.parts), _NOTHING)
    return record.drill("system", copy, millis(now))._replace(component="", used=tuple(system.used))


_NOTHING = Copy("", "", "", "", 0, "", 0, 0, finished=False, seen_ms=0)


class _SystemDrill:
    """One test restore on its way."""

    def __init__(
        self, plan: Plan, now: datetime, parent: Path | None, progress: Progress | None
    ) -> None:
        self.record = Record(progress=progress)
        self.used: list[Used] = []
        self._plan = plan
        self._parts: Mapping[str, Part] = {part.name: part for part in plan.parts}
        self._now = now
        self._parent = parent
        self._database = ""
        self._named: Names | None = None
        """Files that rows named before binary logs were replayed."""

    def run(self) -> None:
        """Do every step that can be done; the record has what came of it."""
        lacking = [name for name in PARTS if name not in self._parts]
        if lacking:
            self.record.problem("drill.part_missing", ", ".join(lacking))
        if self._plan.left_out:
            self.record.problem("drill.part_left_out", ", ".join(self._plan.left_out))
        self.record.measures["serving"] = 0
        with ExitStack() as stack:
            box = self._restore_database(stack) if "database" in self._parts else None
            account = unprivileged() if box is None else _owner(box.server.directory)
            with self.record.step("sandbox.files"):
                root = stack.enter_context(private.directory(account, self._parent))
            roots = {}
            for name in ("config", "files"):
                roots[name] = made(root / name, account)
                if name in self._parts:
                    roots[name] = self._restore_files(self._parts[name], roots[name], account)
            self._find_unsaved(box, roots["config"])
            if box is not None and self._database:
                furnish(root, account)
                self._ask(
                    box,
                    System(
                        box.server, self._database, root, roots["files"], roots["config"], account
                    ),
                )

    def _restore_database(self, stack: ExitStack) -> Box | None:
        """Return the server that the database came back in; None when it did not."""
        part, record = self._parts["database"], self.record
        backup = Backup(part.location, part.copy, part.terms, part.onward)
        box = stack.enter_context(
            boxed(
                record,
                need=lambda: backup.room,
                deadline_s=deadline_of(part.terms.rto_s),
                parent=self._parent,
                options=backup.options,
            )
        )

        def loaded(database: str) -> None:
            if part.onward is not None:
                self._named = named_files(box, self._plan.asked.reconcile, database)

        with suppress(StoppedError):
            self._database = load_into(box, backup, now=self._now, loaded=loaded)
            self._use(part, record.sha256)
        return box

    def _restore_files(self, part: Part, room: Path, account: Account | None) -> Path:
        """Restore a part below the directory `room`; return the directory that is its top."""
        record = Record(progress=self.record.progress)
        task = part.task._replace(whole=True, live=None)
        top = room
        with suppress(StoppedError), ExitStack() as stack:
            opener = opening(record, part.location, part.copy, task, stack, self._parent)
            restoring = Restoring(record, opener, task, millis(self._now))
            restoring.read()
            with record.step("restore"):
                restoring.require_room(room)
                restoring.put(room, account)
            restoring.check(room)
            self._use(part, record.sha256)
            top = room / restoring.top if part.name == "files" else room
        self.record.join(record, part.name)
        self._measure(part.name, record)
        return top

    def _find_unsaved(self, box: Box | None, config: Path) -> None:
        unread = {"config", "database"} & self._parts.keys() - {used.part for used in self.used}
        if unread:
            return  # what could not be read may hold it, and why it could not is told already
        with self.record.step("unsaved"):
            if box is None or not self._database:
                note_unsaved(self.record, self._plan.saved, config, None)
                return
            with box.connect() as session:
                note_unsaved(self.record, self._plan.saved, config, session)

    def _ask(self, box: Box, system: System) -> None:
        asked, record = self._plan.asked, self.record
        if "files" in self._parts:
            with _going_on(), box.step("reconcile"):
                self._reconcile(box, system)
        if not asked.health:
            with record.step("serve"):
                record.problem("drill.no_health", "no health command: set [drill] health")
            return
        nonce, planted = secrets.token_hex(16), False
        with _going_on(), box.step("plant"):
            planted = plant(box, asked.plant, nonce, system.database)
        if not planted:
            return
        with box.step("serve"):
            serves = note_health(record, system, asked.health, nonce, asked.deadline_s)
        record.measures["serving"] = int(serves)

    def _reconcile(self, box: Box, system: System) -> None:
        asked = self._plan.asked.reconcile
        if not asked:
            said = "no question: set [[drill.reconcile]]"
            self.record.problem("drill.no_reconcile", said)
            return
        names = named_files(box, asked, system.database)
        note_named_files(self.record, names, system.files, self._named)

    def _use(self, part: Part, sha256: str) -> None:
        copy = part.copy
        self.used.append(
            Used(part.name, copy.component, copy.location, copy.path, sha256, copy.time_ms)
        )

    def _measure(self, name: str, part: Record) -> None:
        measures: dict[str, Fact] = self.record.measures
        for key in _KEPT:
            if key in part.measures:
                measures[f"{name}.{key}"] = part.measures[key]
        for key, kind in (("files", int), ("bytes", Size)):
            measures[key] = kind(int(measures.get(key, 0)) + int(part.measures.get(key, 0)))


@contextmanager
def _going_on() -> Iterator[None]:
    """Go on after a step that could not be done: the record says why."""
    with suppress(StoppedError):
        yield


def _owner(directory: Path) -> Account | None:
    """Return whom a private directory belongs to; None when that is we."""
    found = directory.stat()
    return None if found.st_uid == os.geteuid() else Account(found.st_uid, found.st_gid)
