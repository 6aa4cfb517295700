"""Binary logs on their way into the sandbox: each is walked, and must continue the one before."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from nexoaudit.drill.record import Record, StoppedError
from nexoaudit.drill.source import Source, streaming
from nexoaudit.formats.binlog import Walker
from nexoaudit.formats.binlogfacts import Binlog
from nexoaudit.formats.gtidlist import write_gtid
from nexoaudit.formats.names import unsealed
from nexoaudit.formats.stream import Stream
from nexoaudit.formats.transactions import Transactions
from nexoaudit.model.binlog import LogFile, Position, break_between, log_number
from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Location
from nexoaudit.process import Account
from nexoaudit.sandbox.template import give

_BROKEN = "drill.log_broken"
_FOREIGN = "drill.log_foreign"
_BREAKS = {
    "binlog.foreign": (_FOREIGN, "was written by another server than {before}"),
    "binlog.older": (_FOREIGN, "is older than {before}"),
    "binlog.transactions": (
        _FOREIGN,
        "begins with other transactions than those {before} ends with",
    ),
    "binlog.link": (_FOREIGN, "is not the log that {before} names as the next one"),
    "binlog.left_open": (_BROKEN, "follows {before}, which was copied while it was being written"),
    "binlog.unclosed": (_BROKEN, "follows {before}, which was cut off"),
}


class Work(Protocol):
    """A drill that needs the logs, such as a `Box`."""

    @property
    def record(self) -> Record:
        """What it finds."""
        ...

    @property
    def left_s(self) -> float:
        """Seconds that are left for it."""
        ...


class Log(NamedTuple):
    """One binary log at its location."""

    number: int
    copy: Copy

    @property
    def name(self) -> str:
        """The server's own name of it, as far as the copy has kept it."""
        return unsealed(self.copy.path.rpartition("/")[2])


class Chain(NamedTuple):
    """Logs that lead from a dump onwards without a gap, as files in the sandbox."""

    files: tuple[Path, ...]
    logs: tuple[LogFile, ...]
    transactions: Transactions
    first: int
    """Index of the first transaction that the dump does not hold."""
    start: int
    """Where in the first log it begins."""
    server: str
    """Version of the server that wrote the newest one."""
    written_ms: int
    """When the newest one was last written to."""

    @property
    def size(self) -> int:
        """Bytes of all logs."""
        return sum(log.end for log in self.logs)

    @property
    def reach_ms(self) -> int:
        """Up to when everything is there: no log holds what happened after it was written."""
        return min(self.logs[-1].last_ms, self.written_ms)

    def until(self, stop: int) -> tuple[tuple[Path, ...], int]:
        """Return the files that hold what lies before index `stop`, and where to end in the last.

        That is where the transaction with this index begins; behind the newest: where that ends.
        """
        found = self.transactions
        if stop < len(found):
            return self.files[: found.log[stop] + 1], found.offset[stop]
        return self.files[: found.log[stop - 1] + 1], found.end[stop - 1]

    def bytes_until(self, stop: int) -> int:
        """Return how many bytes of the logs lie before the transaction with index `stop`."""
        found = self.transactions
        last, end = found.log[stop - 1], found.end[stop - 1]
        return sum(log.end for log in self.logs[:last]) + end - self.start


def logs_from(logs: Sequence[Log], start: Position) -> tuple[Log, ...]:
    """Return the logs from that of a dump on, by number; of one number the first counts."""
    wanted: dict[int, Log] = {}
    for log in sorted(logs, key=lambda log: log.number):
        if log.number >= log_number(start.log):
            wanted.setdefault(log.number, log)
    return tuple(wanted.values())


def bring(
    location: Location, logs: Sequence[Log], start: Position, folder: Path, work: Work
) -> Chain:
    """Fetch `logs`, in order and the first of them that of a dump, into the new directory `folder`.

    It and its files are given to the owner of the directory above it. What was walked is what lies
    there; of a log that was still being written all whole events. Note what keeps the logs from
    being replayed without a loss and raise StoppedError; SourceError when they cannot be had.
    """
    record, room = work.record, folder.parent.stat()
    account = Account(room.st_uid, room.st_gid) if os.geteuid() == 0 else None
    folder.mkdir(mode=0o700)
    give(folder, account)
    fail = _Failing(record)
    _note_gap(logs, start, fail)
    found = Transactions()
    files: list[Path] = []
    chain: list[LogFile] = []
    unchecked = server = ""
    for log in logs:
        path = folder / f"{log.number:06}"
        with streaming(
            location, log.copy, deadline_s=work.left_s, progress=record.progress
        ) as source:
            binlog = _copy(log, source, path, found, fail)
        give(path, account)
        known = _log_file(log, binlog)
        _note_break(chain[-1] if chain else None, known, fail)
        if not binlog.checksums:
            unchecked = unchecked or log.name
        files.append(path)
        chain.append(known)
        server = binlog.server
    written_ms = logs[-1].copy.mtime_ms
    last = chain[-1]
    if not last.in_use and not last.ending:
        fail(_BROKEN, f"{last.path} was cut off between two events: it has no end")
    if found.malformed:
        fail(_BROKEN, "an event is not what its kind must be")
    if unchecked:
        record.problem("drill.logs_unchecked", f"{unchecked} holds no checksums")
    first = _first(found, chain[0], start, fail)
    _note_lost(found, chain, fail)
    return Chain(tuple(files), tuple(chain), found, first, start.offset, server, written_ms)


class _Failing:
    """Notes one thing that ends the drill."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def __call__(self, reason: str, detail: str) -> None:
        """Note it and raise StoppedError."""
        self._record.problem(reason, detail)
        raise StoppedError


Fail = Callable[[str, str], None]


def _note_gap(logs: Sequence[Log], start: Position, fail: Fail) -> None:
    first = log_number(start.log)
    if not logs:
        fail("drill.log_missing", f"there is no log from {start.log} on")
    for expected, log in enumerate(logs, first):
        if log.number != expected:
            before = f"follows number {expected - 1}" if expected > first else "is the first"
            said = f"the dump begins in {start.log}; number {expected} is missing: {log.name}"
            fail("drill.log_missing", f"{said} {before}")


def _copy(log: Log, source: Source, path: Path, found: Transactions, fail: Fail) -> Binlog:
    """Write the log to `path` and walk it on the way; return what it says."""
    walker = Walker(found.watch)
    with path.open("xb", buffering=0) as out:
        os.fchmod(out.fileno(), 0o400)
        stream = Stream(source)
        for block in stream:
            walker.feed(block)
            out.write(block)
        binlog = walker.finish()
        out.truncate(binlog.end)
    source.end()
    found.end_log()
    if stream.problems:
        fail(_BROKEN, f"{log.name}: {stream.detail or stream.problems[0]}")
    if binlog.problem == "binlog.encrypted":
        fail("drill.logs_encrypted", f"{log.name}: {binlog.detail}")
    if binlog.problem:
        fail(_BROKEN, f"{log.name}: {binlog.detail}")
    if binlog.engine != "MariaDB":
        fail("drill.engine_mismatch", f"{log.name} was written by {binlog.server}")
    return binlog


def _note_break(before: LogFile | None, log: LogFile, fail: Fail) -> None:
    reason = break_between(before, log) if before is not None else ""
    if before is not None and reason:
        if reason == "binlog.transactions" and not before.ending:
            reason = "binlog.unclosed"  # which is why it lacks some
        code, said = _BREAKS[reason]
        fail(code, f"{log.path} {said.format(before=before.path)}")


def _log_file(log: Log, found: Binlog) -> LogFile:
    return LogFile(
        path=log.name,
        number=log.number,
        first_ms=found.first_ms,
        last_ms=found.last_ms,
        end=found.end,
        server_id=found.server_id,
        in_use=found.in_use,
        ending=found.ending,
        next_name=found.next_name,
        checksums=found.checksums,
        before=found.before,
        after=found.after,
    )


def _first(found: Transactions, log: LogFile, start: Position, fail: Fail) -> int:
    """Return the index of the first transaction after `start`, which lies in the first log."""
    if log.end < start.offset:
        if log.in_use:
            fail("drill.nothing_since", f"{log.path} was copied before the dump was made")
        fail(_BROKEN, f"{log.path} ends at {log.end}, before the dump's position {start.offset}")
    index = 0
    while index < len(found) and found.log[index] == 0 and found.offset[index] < start.offset:
        index += 1
    if index and found.end[index - 1] > start.offset:
        fail(_FOREIGN, f"the dump's position {start.offset} is no place between two of {log.path}")
    if ":" in start.gtid:
        fail("drill.engine_mismatch", f"the dump is at {start.gtid} of MySQL, {log.path} MariaDB's")
    made_at = set(filter(None, start.gtid.split(",")))
    for gtid in _newest(found, index, log):
        if made_at and gtid not in made_at:
            fail(_FOREIGN, f"{log.path} has {gtid} before the position, the dump {start.gtid}")
    return index


def _note_lost(found: Transactions, logs: Sequence[LogFile], fail: Fail) -> None:
    """Note a transaction that was taken out: the server that writes logs leaves no number out.

    Those of other servers, in the logs of a replica, may have been filtered there.
    """
    newest: dict[int, int] = {}
    for index in range(len(found)):
        domain, server, number = found.gtids[index]
        log = logs[found.log[index]]
        expected = newest.get(domain, number - 1) + 1
        if server == log.server_id and number > expected:
            fail("drill.transaction_missing", f"{log.path} lacks {domain}-{server}-{expected}")
        newest[domain] = max(number, expected - 1)


def _newest(found: Transactions, count: int, log: LogFile) -> Iterator[str]:
    """Yield the newest transaction of each domain before the start, as far as the log says."""
    newest: dict[int, str] = {}
    for index in range(count):
        gtid = found.gtids[index]
        newest[gtid[0]] = write_gtid(gtid)
    domains = {text.partition("-")[0] for text in log.before.split(",")}
    if not newest and len(domains) == 1 and log.before[0:1].isdigit() and "," not in log.before:
        yield log.before
    yield from newest.values()
