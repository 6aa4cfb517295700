"""The test restore to a moment: a dump, the binary logs after it, both sides of the moment."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbelow
from typing import NamedTuple, NoReturn

from nexoaudit.drill import boundary
from nexoaudit.drill.applied import Asked, note_applied, note_sent, read_applied
from nexoaudit.drill.boundary import Boundary
from nexoaudit.drill.box import Box, boxed, deadline_of
from nexoaudit.drill.covered import Covered, cover, restored_databases
from nexoaudit.drill.database import room_needed
from nexoaudit.drill.examine import Origin, count
from nexoaudit.drill.loading import FOREIGN, REFUSED, is_newer
from nexoaudit.drill.logs import Chain, Log, bring, logs_from
from nexoaudit.drill.record import Progress, Record, StoppedError, outcome_of
from nexoaudit.drill.restore import restore
from nexoaudit.drill.source import streaming
from nexoaudit.drill.terms import Terms
from nexoaudit.formats.gtidlist import write_gtid
from nexoaudit.model.binlog import Position
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Moment, Size, Span
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.sandbox.load import DATABASE
from nexoaudit.sandbox.replay import OPTIONS, Range, Replayed, begin_log, pause_log, replay
from nexoaudit.sandbox.server import last_error

KIND = "point-in-time"
_LOG_FACTOR = 3
"""A replay takes so many times the bytes of the logs: a copy, what they change, its own log."""
_PER_SECOND = 1000
_ENDED = {
    "lost": "drill.sandbox_failed",
    "space": "drill.no_space",
    "length": "drill.replay_failed",
    "reader": "drill.replay_failed",
}
_UNSAID = 1105
"""What the server says when a row event cannot be applied; its log says why."""
_ABSENT = frozenset({1049, 1146})
"""Errors of a database or table that is not there."""


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
    wanted = logs_from(logs, start.position)
    with suppress(StoppedError), ExitStack() as stack:
        if not start.position.log:
            _stop(record, "drill.pitr_unprovable", start.copy.path)
        box = stack.enter_context(
            boxed(
                record,
                need=lambda: _room(start, wanted, terms),
                deadline_s=deadline_of(terms.rto_s),
                parent=parent,
                options=OPTIONS,
            )
        )
        _Replay(box, wish or Wish(), terms, now).run(start, location, wanted)
    record.measures["rto_ms"] = Span(terms.rto_s * 1000)
    record.note_duration(terms.rto_s)
    result = record.drill(KIND, start.copy, millis(now))
    return result._replace(component=component, of=start.copy.component)


def _room(start: Start, logs: Sequence[Log], terms: Terms) -> int:
    size = sum(log.copy.size for log in logs)
    return room_needed(start.location, start.copy, terms) + _LOG_FACTOR * size


class _Replay:
    """One test restore to a moment on its way."""

    def __init__(self, box: Box, wish: Wish, terms: Terms, now: datetime) -> None:
        self._box = box
        self._record = box.record
        self._wish = wish
        self._terms = terms
        self._now = now

    def run(self, start: Start, location: Location, logs: Sequence[Log]) -> None:
        """Do every step; raise StoppedError when one cannot be done."""
        box = self._box
        with box.step("logs"):
            pause_log(box.admin)
            chain = bring(location, logs, start.position, box.server.directory / "logs", box)
            self._note_reach(chain)
        with box.step("restore"):
            self._restore(start)
        with box.step("replay"):
            asked = self._replay(chain)
        with box.step("check"):
            note_applied(self._record, asked, read_applied(asked.own))
        with box.connect() as session:
            database = next(iter(asked.databases), "")
            count(box, session, self._terms, Origin(0, self._now, database))

    def _note_reach(self, chain: Chain) -> None:
        """Record up to when the logs bring data back."""
        now_ms = millis(self._now)
        reach_ms = min(now_ms, chain.reach_ms)
        self._record.measures |= {
            "log_files": len(chain.logs),
            "log_bytes": Size(chain.size),
            "reach_ms": Moment(reach_ms),
            "exposed_ms": Span(now_ms - reach_ms),
        }
        if chain.written_ms < self._wish.due_ms:
            newest, written = chain.logs[-1].path, _moment(chain.written_ms)
            self._record.problem("drill.logs_late", f"{newest} of {written} is the newest")
        if len(chain.transactions) == chain.first:
            said = "the logs hold no transaction after the dump"
            _stop(self._record, "drill.nothing_since", said)

    def _restore(self, start: Start) -> None:
        """Load the dump; stop when not all of it came back, or when it is another one."""
        box, record, copy = self._box, self._record, start.copy
        known = set(record.problems)
        with streaming(
            start.location, copy, deadline_s=box.left_s, progress=record.progress
        ) as source:
            restored = restore(box, source)
        if copy.sha256 not in {"", record.sha256}:
            _stop(record, "drill.other_dump", f"its digest was {copy.sha256}")
        if restored.database == DATABASE:
            _stop(record, "drill.unnamed_database", "the logs name theirs")
        if outcome_of([code for code in record.problems if code not in known]) != "pass":
            raise StoppedError

    def _replay(self, chain: Chain) -> Asked:
        """Replay up to the moment; note what mariadb-binlog gave and what the server refused."""
        box, record = self._box, self._record
        known = restored_databases(box.admin)
        limit = self._boundary(chain, known)
        covered = cover(chain, limit, known)
        if covered.harmed:
            _stop(record, "drill.cross_database", covered.harmed)
        stop = chain.transactions.offset[limit.stop]
        wanted = Range(chain.until(limit.stop), chain.start, stop, covered.filter)
        own = box.server.data / begin_log(box.admin, box.server.user)
        base = int(record.measures["raw_bytes"]) + chain.size
        begin_s = record.elapsed_s
        with box.connect() as session:
            done = replay(
                session,
                box.server,
                wanted,
                deadline_s=box.left_s,
                check=lambda size: box.keep_on(base + size),
                admit=box.accounts.admit,
            )
        self._measure(chain, limit, done, record.elapsed_s - begin_s)
        if covered.filter:
            record.measures["left_out"] = ", ".join(covered.left_out)
        asked = Asked(chain, limit, {covered.filter} if covered.filter else (), own)
        if done.command:
            record.problem("drill.client_command", done.command)
        if done.error:
            self._note_error(chain, done, covered)
            raise StoppedError
        note_sent(record, asked, done.sent)
        return asked

    def _boundary(self, chain: Chain, databases: set[str]) -> Boundary:
        """Return where to stop; end the drill where no moment has something on either side."""
        found, until_s = chain.transactions, self._wish.until_s
        if not until_s:
            chosen = boundary.choose(found, chain.first, databases, self._wish.pick)
            if chosen is None:
                _stop(
                    self._record, "drill.no_boundary", "all that follows the dump is of one second"
                )
            return chosen
        given = boundary.at(found, chain.first, until_s)
        if given.stop == chain.first:
            _stop(self._record, "drill.no_boundary", "nothing lies between the dump and the moment")
        if given.stop == len(found):
            newest = _moment(found.through[-1] * _PER_SECOND)
            _stop(self._record, "drill.until_unreached", f"the newest transaction is of {newest}")
        return given

    def _measure(self, chain: Chain, limit: Boundary, done: Replayed, seconds: float) -> None:
        found, size = chain.transactions, chain.bytes_until(limit.stop)
        rows = sum(found.rows[index] for index in range(chain.first, limit.stop))
        self._record.measures |= {
            "until_ms": Moment(limit.until_s * _PER_SECOND),
            "transactions": limit.stop - chain.first,
            "row_events": rows,
            "replayed_bytes": Size(size),
            "replayed_per_s": Size(round(size / max(seconds, 0.001))),
            "last_before": write_gtid(found.gtids[limit.stop - 1]),
            "first_after": write_gtid(found.gtids[limit.stop]),
            "accounts_left_out": done.left_out,
        }

    def _note_error(self, chain: Chain, done: Replayed, covered: Covered) -> None:
        """Note what ended the replay before its time."""
        if done.error == "lost":
            self._box.look()
        reason = _ENDED.get(done.error, "drill.replay_failed")
        version = str(self._record.measures.get("server", ""))
        if done.error == "statement" and done.number in REFUSED:
            reason = "drill.not_replayable"
        elif done.number in FOREIGN and is_newer(chain.server, version):
            reason = "drill.engine_mismatch"
        elif done.number in _ABSENT and covered.left_out and not covered.filter:
            reason = "drill.several_databases"
        number = f"error {done.number}: " if done.number else ""
        more = f"; {last_error(self._box.server.directory)}" if done.number == _UNSAID else ""
        self._record.problem(reason, number + done.message + more)


def _stop(record: Record, reason: str, detail: str) -> NoReturn:
    record.problem(reason, detail)
    raise StoppedError


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms // _PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
