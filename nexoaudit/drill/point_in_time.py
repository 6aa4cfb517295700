"""The test restore to a moment: a dump, the binary logs after it, both sides of the moment."""

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from secrets import randbelow
from typing import NamedTuple

from nexoaudit.drill import boundary, exact
from nexoaudit.drill.boundary import Boundary
from nexoaudit.drill.box import Box, boxed, deadline_of
from nexoaudit.drill.database import Backup
from nexoaudit.drill.examine import Origin, count
from nexoaudit.drill.logs import Chain, Log
from nexoaudit.drill.onward import PER_SECOND, Onward, Replay, end, require_start, write_second
from nexoaudit.drill.record import Progress, Record, StoppedError, outcome_of
from nexoaudit.drill.restore import restore
from nexoaudit.drill.source import streaming
from nexoaudit.drill.terms import Terms
from nexoaudit.model.binlog import Position
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Span
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.model.snapshot import Snapshot
from nexoaudit.sandbox.replay import OPTIONS

KIND = "point-in-time"


class Start(NamedTuple):
    """Where a point-in-time restore begins: a dump, and its place in the binary logs."""

    location: Location
    copy: Copy
    position: Position


class Wish(NamedTuple):
    """What is asked of a point-in-time restore."""

    until_s: int = 0
    """The moment, in seconds since 1970; 0: one between two transactions."""
    due_ms: int = 0
    """The newest log must have been written then or later."""
    pick: Callable[[int], int] = randbelow
    """Chooses: it is asked for a number below the one it is given."""
    snapshot: Snapshot | None = None
    """Restore to its place and compare; where it has none in the logs, to a chosen moment."""


def drill_point_in_time(  # noqa: PLR0913 - what comes from where, each by name
    start: Start,
    location: Location,
    logs: Sequence[Log],
    terms: Terms,
    *,
    component: str,
    wish: Wish | None = None,
    now: datetime,
    parent: Path | None = None,
    progress: Progress | None = None,
) -> Drill:
    """Restore a dump, replay the binary logs after it up to a moment, and say what came of it.

    `logs` are those at one location, in any order; older ones than the dump are passed over.
    `component` is theirs, `terms` are those of the database. `now`, `parent` and `progress` are
    those of `drill_database`, and so are the limits and what is left behind: nothing.

    Every transaction before the moment must be there afterwards, and none of a later one. What is
    wrong with dump or logs is an outcome, never an error.
    """
    record = Record(progress=progress)
    onward = Onward(location, tuple(logs), start.position)
    with suppress(StoppedError), ExitStack() as stack:
        if not start.position.log:
            end(record, "drill.pitr_unprovable", start.copy.path)
        box = stack.enter_context(
            boxed(
                record,
                need=lambda: Backup(start.location, start.copy, terms, onward).room,
                deadline_s=deadline_of(terms.rto_s),
                parent=parent,
                options=OPTIONS,
            )
        )
        _Drill(box, wish or Wish(), terms, now).run(start, onward)
    record.measures["rto_ms"] = Span(terms.rto_s * 1000)
    record.note_duration(terms.rto_s)
    result = record.drill(KIND, start.copy, millis(now))
    return result._replace(component=component, of=start.copy.component)


class _Drill:
    """One test restore to a moment on its way."""

    def __init__(self, box: Box, wish: Wish, terms: Terms, now: datetime) -> None:
        self._box = box
        self._record = box.record
        self._wish = wish
        self._terms = terms
        self._now = now
        self._place: Boundary | None = None
        """Where in the logs the snapshot was taken."""

    def run(self, start: Start, onward: Onward) -> None:
        """Do every step; raise StoppedError when one cannot be done."""
        box, replay, snapshot = self._box, Replay(self._box, onward), self._wish.snapshot
        with box.step("logs"):
            chain = replay.bring(millis(self._now))
            self._require_more(chain)
        if snapshot is not None:
            self._place = exact.place(self._record, chain, snapshot)
        with box.step("restore"):
            self._restore(start)
        with box.step("replay"):
            replay.apply(self._limit)
        with box.step("check"):
            replay.check()
        if snapshot is not None and self._place is not None:
            with box.step("exact"):
                exact.compare(self._record, box.admin, snapshot, self._terms.expect)
        with box.connect() as session:
            count(box, session, self._terms, Origin(0, self._now, replay.database))

    def _require_more(self, chain: Chain) -> None:
        """Stop when nothing happened after the dump; note logs that came too late."""
        if chain.written_ms < self._wish.due_ms:
            newest, written = chain.logs[-1].path, write_second(chain.written_ms // PER_SECOND)
            self._record.problem("drill.logs_late", f"{newest} of {written} is the newest")
        if len(chain.transactions) == chain.first:
            said = "the logs hold no transaction after the dump"
            end(self._record, "drill.nothing_since", said)

    def _restore(self, start: Start) -> None:
        """Load the dump; stop when not all of it came back, or when it is another one."""
        box, record, copy = self._box, self._record, start.copy
        known = set(record.problems)
        with streaming(
            start.location, copy, deadline_s=box.left_s, progress=record.progress
        ) as source:
            restored = restore(box, source)
        require_start(record, copy.sha256, restored.database)
        if outcome_of([code for code in record.problems if code not in known]) != "pass":
            raise StoppedError

    def _limit(self, chain: Chain, databases: Collection[str]) -> Boundary:
        """Return where to stop; end the drill where no moment has something on either side."""
        found, until_s = chain.transactions, self._wish.until_s
        if self._place is not None:
            return self._place
        if not until_s:
            chosen = boundary.choose(found, chain.first, databases, self._wish.pick)
            if chosen is None:
                said = "all that follows the dump is of one second"
                end(self._record, "drill.no_boundary", said)
            return chosen
        given = boundary.at(found, chain.first, until_s)
        if given.stop == chain.first:
            said = "nothing lies between the dump and the moment"
            end(self._record, "drill.no_boundary", said)
        if given.stop == len(found):
            said = f"the newest transaction is of {write_second(found.through[-1])}"
            end(self._record, "drill.until_unreached", said)
        return given
