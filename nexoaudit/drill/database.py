"""The test restore of a database dump: a private server, the whole dump, exact counts, checks."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from nexoaudit.drill import freshness
from nexoaudit.drill.integrity import note_references, note_views
from nexoaudit.drill.loading import note_loading, note_reading
from nexoaudit.drill.objects import Objects, count_rows, find_objects
from nexoaudit.drill.record import Progress, Record, StoppedError, outcome_of
from nexoaudit.drill.tables import named, note_tables
from nexoaudit.drill.versions import Deployed, note_versions
from nexoaudit.errors import SandboxError
from nexoaudit.formats.stream import Stream
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Moment, Size, Span
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Expect
from nexoaudit.sandbox import space
from nexoaudit.sandbox.confinement import Accounts, confine
from nexoaudit.sandbox.load import SYSTEM, Loaded, load
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.script import Script
from nexoaudit.sandbox.server import Server, Session, server
from nexoaudit.sandbox.watch import Limits, Watch, watched

MAX_TABLES = 300
"""So many tables, the largest, are recorded one by one."""

LEAST_DEADLINE_S = 3600.0
MOST_RTOS = 3
"""A restore that takes longer than so many RTOs, and the above in seconds, is stopped."""

_GRACE_S = 60.0
_DAY_MS = 86_400_000

LIMITS = Limits()
"""What the server may take of the host, beside the time."""


def drill_database(  # noqa: PLR0913 - what must come back, each by name
    dump: Path,
    copy: Copy,
    *,
    expect: Expect,
    rto_s: int,
    now: datetime,
    deployed: Sequence[Deployed] = (),
    parent: Path | None = None,
    progress: Progress | None = None,
) -> Drill:
    """Restore the file `dump`, the bytes of `copy`, into a private server and say what came of it.

    `now` must carry the site's zone: DATETIME columns are read in it. `deployed` is the code that
    must fit what comes back. The server lives below
    `parent` (default: the system's directory for temporary files) and leaves nothing. `progress`
    is told how many more bytes of the file were read, and with 0 that work goes on. The server is
    killed when it takes more than `LIMITS`, or longer than the drill may.

    A bad dump or a missing tool is an outcome, never an error: `fail` with a reason code when the
    dump would not bring the database back, `unverified` when that could not be found out.
    """
    drill = _DatabaseDrill(expect, rto_s, now, deployed, progress)
    with suppress(StoppedError):
        drill.run(dump, copy.time_ms, parent)
    record = drill.record
    record.measures["rto_ms"] = Span(rto_s * 1000)
    record.note_duration(rto_s)
    return record.drill("database", copy, millis(now), drill.sha256)


class _Sandbox(NamedTuple):
    """Where the dump goes, and what keeps it there."""

    server: Server
    accounts: Accounts
    watch: Watch


class _DatabaseDrill:
    """One test restore on its way."""

    def __init__(
        self,
        expect: Expect,
        rto_s: int,
        now: datetime,
        deployed: Sequence[Deployed],
        progress: Progress | None,
    ) -> None:
        self.record = Record(progress=progress)
        self._progress = progress
        self.sha256 = ""
        self._expect = expect
        self._now = now
        self._deployed = deployed
        self._deadline_s = max(LEAST_DEADLINE_S, MOST_RTOS * rto_s)

    def run(self, dump: Path, point_ms: int, parent: Path | None) -> None:
        """Do every step that can be done; the record has what came of it."""
        with ExitStack() as stack:
            with self.record.step("sandbox"):
                file = stack.enter_context(dump.open("rb", buffering=0))
                space.require(parent or Path(tempfile.gettempdir()), space.needed(dump))
                private = stack.enter_context(server(parent=parent))
                confined, admin = confine(private)
                stack.callback(admin.close)
                box = _Sandbox(confined, Accounts(admin), self._watch(stack, confined))
            stream = Stream(file, self._progress)
            with self._step("restore", box):
                loaded = self._restore(box, stream)
            with self._step("count", box):
                session = stack.enter_context(self._connect(confined))
                objects = self._count(session, loaded.database)
            if not loaded.error:
                with self._step("check", box):
                    self._check(session, box.accounts, objects, point_ms)

    def _watch(self, stack: ExitStack, confined: Server) -> Watch:
        limits = LIMITS._replace(seconds=self._deadline_s - self.record.elapsed_s)
        return stack.enter_context(watched(confined, limits))

    @contextmanager
    def _step(self, name: str, box: _Sandbox) -> Iterator[None]:
        """Do a step, and put its failure down to the dump when that broke its own sandbox."""
        with self.record.step(name):
            try:
                yield
            except SandboxError:
                box.watch.check()
                box.accounts.check()
                raise
            box.watch.check()

    def _connect(self, confined: Server, *, several: bool = False) -> Session:
        return confined.connect(timeout_s=self._deadline_s + _GRACE_S, several=several)

    def _restore(self, box: _Sandbox, stream: Stream) -> Loaded:
        script = Script(stream)

        def check() -> None:
            box.watch.fed = stream.raw_size
            self._keep_to_deadline()

        with self._connect(box.server, several=True) as session:
            version = str(ask(session, "SELECT VERSION()")[0][0])
            loaded = load(
                session,
                script,
                box.server.data,
                check=check,
                admit=box.accounts.admit,
            )
        script.skim()
        self.sha256 = stream.sha256
        self.record.measures |= {
            "raw_bytes": Size(stream.raw_size),
            "statements": loaded.statements,
            "server": version,
        }
        note_reading(self.record, script, stream)
        if loaded.error == "lost":
            box.watch.check()
        note_loading(self.record, loaded, script, version)
        if loaded.error == "lost" or outcome_of(self.record.problems) == "unverified":
            self._keep_to_deadline()
            raise StoppedError
        return loaded

    def _keep_to_deadline(self) -> None:
        if self.record.elapsed_s > self._deadline_s:
            self.record.problem(
                "drill.rto_exceeded", f"stopped after {round(self.record.elapsed_s)} seconds"
            )
            raise StoppedError

    def _count(self, session: Session, database: str) -> Objects:
        objects = find_objects(session)
        rows = count_rows(session, objects.tables, self.record)
        found = named(rows, database)
        self.record.measures |= {
            "tables": len(objects.tables),
            "views": len(objects.views),
            "triggers": objects.triggers,
            "routines": objects.routines,
            "events": objects.events,
            "rows": sum(rows.values()),
            "definers": ", ".join(objects.definers),
        }
        largest = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MAX_TABLES]
        self.record.measures |= {f"rows.{name}": count for name, count in largest}
        note_tables(self.record, found, self._expect)
        return objects

    def _check(self, session: Session, accounts: Accounts, objects: Objects, point_ms: int) -> None:
        for definer in objects.definers:
            user, _, host = definer.rpartition("@")
            accounts.admit(user, host)
        ours = [view for view in objects.views if view.schema != SYSTEM]
        note_views(self.record, session, ours)
        note_references(self.record, session)
        note_versions(self.record, session, self._deployed, point_ms)
        now_ms = millis(self._now)
        limit_ms = min(now_ms, point_ms + _DAY_MS) if point_ms else now_ms
        newest = freshness.newest(session, limit_ms, self._now.tzinfo or UTC, self.record.beat)
        if newest is not None:
            self.record.measures |= {"newest_ms": Moment(newest.ms), "newest_in": newest.column}
