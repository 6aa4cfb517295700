"""The test restore of a database dump: a private server, the whole dump, counts and checks."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from nexoaudit.drill.box import Box, boxed, deadline_of
from nexoaudit.drill.examine import Origin, check, count
from nexoaudit.drill.onward import Onward, Replay, require_start
from nexoaudit.drill.record import Progress, Record, StoppedError
from nexoaudit.drill.restore import Restored, restore
from nexoaudit.drill.source import Source, is_here, streaming
from nexoaudit.drill.terms import Terms
from nexoaudit.locations.directory import locate
from nexoaudit.model.copy import Copy
from nexoaudit.model.dating import local_ms, moment_problems
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Size, Span
from nexoaudit.model.location import Location
from nexoaudit.model.moments import file_ms, millis
from nexoaudit.sandbox import space
from nexoaudit.sandbox.replay import OPTIONS


class Backup(NamedTuple):
    """What a database is restored from, and what is expected of it."""

    location: Location
    copy: Copy
    terms: Terms = Terms()
    onward: Onward | None = None
    """What is replayed after the dump; None: nothing."""
    fast: bool = False
    """Its rows are poured in, instead of executing every INSERT: see `drill.contents`."""

    @property
    def room(self) -> int:
        """Bytes of disk that the restore takes; OSError of a directory's file passes."""
        more = 0 if self.onward is None else self.onward.room
        return more + room_needed(self.location, self.copy, self.terms)

    @property
    def options(self) -> tuple[str, ...]:
        """More options of the server that it is restored into."""
        return () if self.onward is None else OPTIONS


def drill_database(
    location: Location,
    copy: Copy,
    terms: Terms,
    *,
    now: datetime,
    onward: Onward | None = None,
    parent: Path | None = None,
    progress: Progress | None = None,
) -> Drill:
    """Restore `copy`, which lies at `location`, into a private server and say what came of it.

    It is fetched, decrypted, verified and loaded in one pass, and lies nowhere but in the tables of
    that server. With `onward` the binary logs that lead on from it are replayed, and what is judged
    is the database as it is then. `now` must carry the site's zone: DATETIME columns are read in
    it. The server lives below `parent` (default: the system's directory for temporary files) and
    leaves nothing. `progress` is told how many more bytes were read where the copy lies, and with 0
    that work goes on. The server is killed when it takes more than `box.LIMITS`, or longer than the
    drill may.

    A bad dump or a missing tool is an outcome, never an error: `fail` with a reason code when the
    dump would not bring the database back, `unverified` when that could not be found out.
    """
    record = Record(progress=progress)
    with suppress(StoppedError):
        restore_alone(record, Backup(location, copy, terms, onward), now, parent)
    record.measures["rto_ms"] = Span(terms.rto_s * 1000)
    record.note_duration(terms.rto_s)
    return record.drill("database", copy, millis(now))


def restore_alone(record: Record, backup: Backup, now: datetime, parent: Path | None) -> None:
    """Restore a backup into a server of its own and examine it; the record has what came of it.

    Raise StoppedError when not every step could be done.
    """
    deadline_s = deadline_of(backup.terms.rto_s)
    with ExitStack() as stack:
        source: Source | None = None
        if not is_here(backup.location, backup.copy):
            with record.step("fetch"):
                source = stack.enter_context(_streamed(record, backup))
        box = stack.enter_context(
            boxed(
                record,
                need=lambda: backup.room,
                deadline_s=deadline_s,
                parent=parent,
                options=backup.options,
            )
        )
        load_into(box, backup, now=now, source=source)


def load_into(
    box: Box,
    backup: Backup,
    *,
    now: datetime,
    source: Source | None = None,
    loaded: Callable[[str], None] = lambda _database: None,
) -> str:
    """Load a backup into the server of `box` and examine it; return the name of the database.

    The server was started with the backup's `options`. `source` gives the dump's bytes if it was
    opened before. `loaded` is told the name of the database before anything is replayed. The name
    is empty when not all of the dump could be executed. Raise StoppedError when it cannot go on;
    the record says why.
    """
    record, copy = box.record, backup.copy
    with ExitStack() as stack:
        replay = None if backup.onward is None else Replay(box, backup.onward)
        if replay is not None:
            with box.step("logs"):
                replay.bring(millis(now))
        with box.step("restore"):
            source = source or stack.enter_context(_streamed(record, backup))
            restored = restore(box, source, fast=backup.fast)
            _note_source(record, backup.location, copy, source)
            _note_moment(record, copy, restored, now)
        point_ms = copy.time_ms
        if restored.whole:
            loaded(restored.database)
            if replay is not None:
                point_ms = max(point_ms, _replayed(box, backup, replay, restored.database))
        origin = Origin(point_ms, now, restored.database, restored.charsets)
        session = stack.enter_context(box.connect())
        objects = count(box, session, backup.terms, origin)
        if not restored.whole:
            return ""
        check(box, session, backup.terms, origin, objects)
    return restored.database


def _replayed(box: Box, backup: Backup, replay: Replay, database: str) -> int:
    """Replay what leads on from a dump; return up to when (ms) it brought the data back."""
    with box.step("replay"):
        require_start(box.record, backup.copy.sha256, database)
        replay.apply()
    with box.step("compare"):
        replay.check()
    return int(box.record.measures["reach_ms"])


def _streamed(record: Record, backup: Backup) -> AbstractContextManager[Source]:
    deadline_s = deadline_of(backup.terms.rto_s)
    return streaming(backup.location, backup.copy, deadline_s=deadline_s, progress=record.progress)


def room_needed(location: Location, copy: Copy, terms: Terms) -> int:
    """Return how many bytes of disk a dump takes; OSError of a directory's file passes."""
    if is_here(location, copy):
        return space.needed(locate(Path(location.path), copy.path))
    return space.taken(terms.raw_bytes or space.unpacked(copy.size))


def _note_source(record: Record, location: Location, copy: Copy, source: Source) -> None:
    """Record what fetching took, and note bytes that are not those which were verified."""
    if not is_here(location, copy):
        record.measures |= {
            "fetched_bytes": Size(source.fetched),
            "fetch_ms": Span(round(source.waited_s * 1000)),
        }
    if copy.sha256 in {"", record.sha256}:
        return
    if source.fetched == copy.size and _is_as_seen(location, copy):
        record.problem("drill.differs", "its digest was another one when it was verified")
    else:
        record.problem("drill.changed", "it is another file since it was seen last")


def _note_moment(record: Record, copy: Copy, restored: Restored, now: datetime) -> None:
    """Note a dump that was completed before the moment that it should be of."""
    if restored.ended is None:
        return
    found = moment_problems(
        kind="database",
        point_ms=copy.time_ms,
        time_source=copy.time_source,
        content_ms=local_ms(restored.ended, now.tzinfo or UTC, copy.time_ms),
        now_ms=millis(now),
    )
    if "time.content_before_name" in found:
        record.problem("drill.older_content", f"completed on {restored.ended:%Y-%m-%d %H:%M:%S}")


def _is_as_seen(location: Location, copy: Copy) -> bool:
    if location.remote:
        return True
    status = locate(Path(location.path), copy.path).stat()
    return file_ms(status.st_mtime_ns) == copy.mtime_ms
