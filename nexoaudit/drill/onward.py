"""The binary logs that lead on from a dump, replayed into the server that it was loaded into."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import NamedTuple, NoReturn

from nexoaudit.drill import boundary
from nexoaudit.drill.applied import Asked, note_applied, note_sent, read_applied
from nexoaudit.drill.boundary import Boundary
from nexoaudit.drill.box import Box
from nexoaudit.drill.covered import Covered, cover, restored_databases
from nexoaudit.drill.loading import FOREIGN, REFUSED, is_newer
from nexoaudit.drill.logs import Chain, Log, bring, logs_from
from nexoaudit.drill.record import Record, StoppedError
from nexoaudit.formats.gtidlist import write_gtid
from nexoaudit.model.binlog import Position
from nexoaudit.model.fact import Moment, Size, Span
from nexoaudit.model.location import Location
from nexoaudit.sandbox.load import DATABASE
from nexoaudit.sandbox.replay import Range, Replayed, begin_log, pause_log, replay
from nexoaudit.sandbox.server import last_error

_LOG_FACTOR = 3
"""A replay takes so many times the bytes of the logs: a copy, what they change, its own log."""
PER_SECOND = 1000
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

Limit = Callable[[Chain, Collection[str]], Boundary]
"""Says where to stop, of a chain and the databases that the dump brought back."""


class Onward(NamedTuple):
    """What leads on from a dump."""

    location: Location
    """Where the logs are."""
    logs: tuple[Log, ...]
    position: Position
    """The dump's place in them."""
    damaged: bool = False
    """The newest of what they hold is the damage: the replay stops before it."""

    @property
    def room(self) -> int:
        """Bytes of disk that the replay takes beside the dump."""
        return _LOG_FACTOR * sum(log.copy.size for log in logs_from(self.logs, self.position))

    @property
    def limit(self) -> Limit:
        """Where to stop: the last moment that tells two transactions apart, or the end."""
        return _before_the_newest if self.damaged else _at_the_end


class Replay:
    """One replay on its way: `bring`, load the dump, `apply`, `check`.

    The server must have been started with `sandbox.replay.OPTIONS`.
    """

    def __init__(self, box: Box, onward: Onward) -> None:
        self._box = box
        self._record = box.record
        self._onward = onward
        self._chain: Chain | None = None
        self._asked: Asked | None = None
        self.database = ""
        """The only database that was replayed; empty: all that the logs hold."""

    def bring(self, now_ms: int) -> Chain:
        """Bring the logs here and return them; record up to when they bring data back.

        Raise StoppedError when they do not lead on without a gap, SourceError when they cannot be
        had.
        """
        box, onward = self._box, self._onward
        pause_log(box.admin)
        logs = logs_from(onward.logs, onward.position)
        folder = box.server.directory / "logs"
        chain = bring(onward.location, logs, onward.position, folder, box)
        reach_ms = min(now_ms, chain.reach_ms)
        self._record.measures |= {
            "log_files": len(chain.logs),
            "log_bytes": Size(chain.size),
            "reach_ms": Moment(reach_ms),
            "exposed_ms": Span(now_ms - reach_ms),
        }
        self._chain = chain
        return chain

    def apply(self, limit: Limit | None = None) -> None:
        """Replay up to the limit; note what mariadb-binlog gave and what the server refused.

        By default that is `Onward.limit`. Raise StoppedError when it cannot be done; ValueError
        before `bring`.
        """
        box, record, chain = self._box, self._record, self._chain
        if chain is None:
            raise ValueError("no log was brought")
        known = restored_databases(box.admin)
        stop = (limit or self._onward.limit)(chain, known)
        covered = cover(chain, stop, known)
        if covered.harmed:
            end(record, "drill.cross_database", covered.harmed)
        own = box.server.data / begin_log(box.admin, box.server.user)
        if covered.filter:
            record.measures["left_out"] = ", ".join(covered.left_out)
        self.database = covered.filter
        self._asked = Asked(chain, stop, {covered.filter} if covered.filter else (), own)
        if stop.stop > chain.first:
            self._run(chain, stop, covered, self._asked)

    def check(self) -> None:
        """Note how what the server applied differs from what it had to apply.

        Raise SandboxError when its own log cannot be read.
        """
        if self._asked is not None:
            note_applied(self._record, self._asked, read_applied(self._asked.own))

    def _run(self, chain: Chain, limit: Boundary, covered: Covered, asked: Asked) -> None:
        box, record = self._box, self._record
        files, stop = chain.until(limit.stop)
        base = int(record.measures["raw_bytes"]) + chain.size
        begin_s = record.elapsed_s
        with box.connect() as session:
            done = replay(
                session,
                box.server,
                Range(files, chain.start, stop, covered.filter),
                deadline_s=box.left_s,
                check=lambda size: box.keep_on(base + size),
                admit=box.accounts.admit,
            )
        self._measure(chain, limit, done, record.elapsed_s - begin_s)
        if done.command:
            record.problem("drill.client_command", done.command)
        if done.error:
            self._note_error(chain, done, covered)
            raise StoppedError
        note_sent(record, asked, done.sent)

    def _measure(self, chain: Chain, limit: Boundary, done: Replayed, seconds: float) -> None:
        found, size = chain.transactions, chain.bytes_until(limit.stop)
        rows = sum(found.rows[index] for index in range(chain.first, limit.stop))
        self._record.measures |= {
            "until_ms": Moment(limit.until_s * PER_SECOND),
            "transactions": limit.stop - chain.first,
            "row_events": rows,
            "replayed_bytes": Size(size),
            "replayed_per_s": Size(round(size / max(seconds, 0.001))),
            "last_before": write_gtid(found.gtids[limit.stop - 1]),
            "accounts_left_out": done.left_out,
        }
        if limit.stop < len(found):
            self._record.measures["first_after"] = write_gtid(found.gtids[limit.stop])

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


def _at_the_end(chain: Chain, _databases: Collection[str]) -> Boundary:
    return boundary.last(chain.transactions, chain.first)


def _before_the_newest(chain: Chain, databases: Collection[str]) -> Boundary:
    found, first = chain.transactions, chain.first
    chosen = boundary.choose(found, first, databases, lambda count: count - 1)
    return chosen or boundary.last(found, first)


def require_start(record: Record, sha256: str, database: str) -> None:
    """End the drill when what was loaded is not what the logs lead on from.

    `sha256` is the digest of the dump whose place is known; empty: unknown. `database` is the one
    that was loaded.
    """
    if sha256 not in {"", record.sha256}:
        end(record, "drill.other_dump", f"its digest was {sha256}")
    if database == DATABASE:
        end(record, "drill.unnamed_database", "the logs name theirs")


def end(record: Record, reason: str, detail: str) -> NoReturn:
    """Note why the drill cannot go on and raise StoppedError."""
    record.problem(reason, detail)
    raise StoppedError


def write_second(seconds: int) -> str:
    """Return a moment, in seconds since 1970, as it is written in a detail."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
