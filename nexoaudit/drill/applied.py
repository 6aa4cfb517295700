"""What a replay brought and what it did not, against what the logs say it had to."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from nexoaudit.drill.boundary import Boundary, is_data, makes_another
from nexoaudit.drill.logs import Chain
from nexoaudit.drill.record import Record
from nexoaudit.errors import SandboxError
from nexoaudit.formats.binlog import Walker
from nexoaudit.formats.gtidlist import Gtid, write_gtid
from nexoaudit.formats.transactions import Transactions

_BLOCK = 1 << 18
_CRC = 4
SHORT, BEYOND, TWICE = "drill.replay_short", "drill.replay_beyond", "drill.replay_twice"
DIFFERS = "drill.replay_differs"


class Asked(NamedTuple):
    """What was to be replayed."""

    chain: Chain
    boundary: Boundary
    databases: Collection[str]
    """Events of others were left out; empty: of none."""
    own: Path
    """The first log that the server itself wrote meanwhile."""


def read_applied(first: Path) -> Transactions:
    """Return what a server with `sandbox.replay.OPTIONS` logged, from its own log `first` on.

    Raise SandboxError when its own log cannot be read to its end.
    """
    found = Transactions()
    for path in sorted(first.parent.glob(f"{first.stem}.[0-9]*")):
        if path.name < first.name:
            continue
        walker = Walker(found.watch)
        with path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                walker.feed(block)
        found.end_log()
        if problem := walker.finish().problem:
            raise SandboxError(f"the sandbox's own log {path.name} cannot be read: {problem}")
    return found


def note_sent(record: Record, asked: Asked, sent: Sequence[Gtid]) -> None:
    """Note how what mariadb-binlog gave differs from what lies between dump and moment.

    Every transaction must be there once, in the order of the logs.
    """
    found, first, stop = asked.chain.transactions, asked.chain.first, asked.boundary.stop
    count = stop - first
    same = next(
        (at for at in range(min(count, len(sent))) if found.gtids[first + at] != sent[at]),
        min(count, len(sent)),
    )
    if same == count == len(sent):
        return
    said = f"{len(sent)} of {count} transactions were replayed"
    if not sent:
        record.problem("drill.replay_nothing", said)
        return
    expected = {found.gtids[index] for index in range(first, stop)}
    if same < count and (missing := _first_not_in(expected, sent, found, first, stop)):
        record.problem(SHORT, f"{said}; the first that is missing is {missing}")
    beyond = next((gtid for gtid in sent if gtid not in expected), None)
    if beyond is not None:
        record.problem(BEYOND, f"{said}; {write_gtid(beyond)} lies outside of what was asked for")
    if len(set(sent)) < len(sent):
        record.problem(TWICE, f"{said}, some of them twice")
    elif set(sent) == expected:
        record.problem(SHORT, f"{said}, in another order than they lie in the logs")


def _first_not_in(
    expected: set[Gtid], sent: Sequence[Gtid], found: Transactions, first: int, stop: int
) -> str:
    absent = expected.difference(sent)
    places = (index for index in range(first, stop) if found.gtids[index] in absent)
    return next((write_gtid(found.gtids[index]) for index in places), "")


def note_applied(record: Record, asked: Asked, applied: Transactions) -> None:
    """Note how what the server logged that it applied differs from what it had to apply.

    A transaction that changes no data of the restored databases leaves no trace there.
    """
    found, first, stop = asked.chain.transactions, asked.chain.first, asked.boundary.stop
    data = [is_data(content, asked.databases) for content in found.contents]
    wanted = [index for index in range(first, stop) if data[found.content_number(index)]]
    there = set(applied.gtids)
    missing = [index for index in wanted if found.gtids[index] not in there]
    if missing:
        gtid = write_gtid(found.gtids[missing[0]])
        said = f"{len(missing)} of {len(wanted)} transactions are not there, {gtid} the first"
        record.problem(SHORT, said)
    if stop < len(found) and found.gtids[stop] in there:
        content = found.content(stop - 1) if stop > first else frozenset()
        if not makes_another(content):  # whose second half takes the next number
            record.problem(BEYOND, f"{write_gtid(found.gtids[stop])} is there")
    if wanted and not missing and _is_comparable(asked, wanted):
        _note_more(record, asked, applied)
        _note_rows(record, asked, wanted, applied)


def _is_comparable(asked: Asked, wanted: Sequence[int]) -> bool:
    """Tell whether the server writes what is replayed to its own log just as it was."""
    found, databases = asked.chain.transactions, asked.databases
    for number in {found.content_number(index) for index in wanted}:
        for mark in found.contents[number]:
            apart = mark.kind == "rows" and databases and mark.database not in databases
            if apart or mark.kind in {"partial", "change"}:
                return False
    return True


def _note_more(record: Record, asked: Asked, applied: Transactions) -> None:
    """Note transactions that the server wrote and the logs do not hold."""
    found = asked.chain.transactions
    replayed = range(asked.chain.first, asked.boundary.stop)
    expected = {found.gtids[index] for index in replayed}
    halves = sum(makes_another(found.content(index)) for index in replayed)
    more = len(applied) - len(expected.intersection(applied.gtids)) - halves
    if more > 0:
        record.problem(DIFFERS, f"{more} transactions more were written than the logs hold")


def _note_rows(record: Record, asked: Asked, wanted: Sequence[int], applied: Transactions) -> None:
    """Note when other bytes of rows were written than the logs hold, where both can be counted."""
    found = asked.chain.transactions
    if any(mark.kind == "partial" for content in applied.contents for mark in content):
        return
    checked = [_CRC if log.checksums else 0 for log in asked.chain.logs]
    expected = sum(
        found.row_bytes[index] - checked[found.log[index]] * found.rows[index] for index in wanted
    )
    got = sum(applied.row_bytes) - _CRC * sum(applied.rows)
    if got != expected:
        record.problem(DIFFERS, f"{got} bytes of rows were written, the logs hold {expected}")
