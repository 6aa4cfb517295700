"""Whether a replay brought back what the live server held at one place of its logs, by checksum."""
# ruff: noqa: S608 - names are quoted by `quoted`; nothing else is put into a query

from bisect import bisect_left
from collections.abc import Iterator

from nexoaudit.drill.boundary import Boundary
from nexoaudit.drill.content import checksums
from nexoaudit.drill.logs import Chain
from nexoaudit.drill.record import Record, StoppedError
from nexoaudit.drill.rights import few
from nexoaudit.formats.gtidlist import write_gtid
from nexoaudit.model.binlog import log_number
from nexoaudit.model.fact import Moment
from nexoaudit.model.policy import Expect
from nexoaudit.model.snapshot import Snapshot, Sum, series_of
from nexoaudit.sandbox.query import ask, quoted
from nexoaudit.sandbox.server import Session

OTHER_LOGS = "drill.exact_other_logs"
TAKEN = "snapshot_ms"
"""The measure that says which snapshot a drill was compared with."""
_TABLES = (
    "SELECT table_schema, table_name FROM information_schema.tables"
    " WHERE table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')"
)
_SECOND_MS = 1000


def place(record: Record, chain: Chain, snapshot: Snapshot) -> Boundary | None:
    """Return the boundary at which a snapshot was taken; note why and return None without one.

    That is when it was not taken in these logs: RESET MASTER, another server, a log of another
    numbering. StoppedError when nothing is there to be replayed up to it.
    """
    record.measures |= {TAKEN: Moment(snapshot.taken_ms), "snapshot_at": snapshot.where}
    wanted = log_number(snapshot.log)
    log = next((at for at, held in enumerate(chain.logs) if held.number == wanted), None)
    if log is None:
        record.problem(OTHER_LOGS, f"{snapshot.log} is not among the logs after the dump")
        return None
    found, end = chain.transactions, chain.logs[log].end
    stop = bisect_left(
        range(len(found)),
        (log, snapshot.offset),
        key=lambda index: (found.log[index], found.offset[index]),
    )
    inside = stop and found.log[stop - 1] == log and found.end[stop - 1] > snapshot.offset
    if inside or end < snapshot.offset:
        said = f"{snapshot.offset} is no place between two transactions of {snapshot.log}"
        record.problem(OTHER_LOGS, said)
        return None
    newest = {found.gtids[index][0]: found.gtids[index] for index in range(stop)}
    known = set(snapshot.gtid.split(","))
    other = [gtid for gtid in map(write_gtid, newest.values()) if gtid not in known]
    if other:
        said = f"{other[0]} lies before {snapshot.where}, the server was at {snapshot.gtid}"
        record.problem(OTHER_LOGS, said)
        return None
    if stop <= chain.first:
        record.problem("drill.nothing_since", "nothing lies between the dump and the snapshot")
        raise StoppedError
    return Boundary(snapshot.taken_ms // _SECOND_MS, stop)


def compare(record: Record, admin: Session, snapshot: Snapshot, expect: Expect) -> None:
    """Compare every table that came back with what the snapshot says of it; note what differs.

    Tables that policy leaves out of dumps, and those that the snapshot could not sum up, are not
    compared. QueryError passes through.
    """
    version = str(ask(admin, "SELECT VERSION()")[0][0])
    if series_of(version) != series_of(snapshot.version):
        said = f"the live server is {snapshot.version}, the sandbox {version}"
        record.problem("drill.exact_version", said)
        return
    left_out = [f"{name} ({why})" for name, why in snapshot.left_out]
    unasked = {name for name, _ in snapshot.left_out}
    wanted = []
    for held in snapshot.sums:
        if expect.leaves_out(held.table, held.database):
            unasked.add(held.name)
            left_out.append(f"{held.name} (in no dump)")
        else:
            wanted.append(held)
    record.measures["exact_left_out"] = few(left_out)
    if not wanted:
        record.problem("drill.exact_nothing", few(left_out))
        return
    record.measures |= {
        "exact_tables": len(wanted),
        "exact_rows": sum(held.rows for held in wanted),
    }
    differing = list(_differing(record, admin, snapshot, wanted, unasked))
    if differing:
        record.measures["exact_tables"] = 0
        said = f"{len(differing)} of {len(wanted)} tables: {few(differing)}"
        record.problem("drill.exact_differs", said)


def _differing(
    record: Record, admin: Session, snapshot: Snapshot, wanted: list[Sum], unasked: set[str]
) -> Iterator[str]:
    """Yield what is not as it was, in words: counts of both sides."""
    there = {(str(database), str(table)) for database, table in ask(admin, _TABLES)}
    tables = [(held.database, held.table) for held in wanted]
    sums = checksums(record, admin, tuple(table for table in tables if table in there))
    for held in wanted:
        table = (held.database, held.table)
        if table not in there:
            yield f"{held.name} has {held.rows} rows live and did not come back"
        elif sums.get(table) != held.checksum:
            rows = int(ask(admin, f"SELECT COUNT(*) FROM {quoted(*table)}")[0][0])
            said = "other content" if rows == held.rows else f"{rows} came back"
            yield f"{held.name} has {held.rows} rows live, {said}"
    for database, name in sorted(there.difference(tables)):
        if database in snapshot.databases and f"{database}.{name}" not in unasked:
            yield f"{database}.{name} came back and is not live"
