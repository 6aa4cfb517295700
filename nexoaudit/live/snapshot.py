"""What the tables of a live server hold at one place of its binary logs, without a lock on rows."""
# ruff: noqa: S608 - names are quoted by `quoted`; nothing else is put into a query

import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from nexoaudit.live.login import DeniedError, LookError, Session, session
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Login
from nexoaudit.model.snapshot import Snapshot, Sum
from nexoaudit.sandbox.query import quoted

LOCK_S = 5
"""How long a table is waited for whose definition somebody is changing."""
_OF_ONE_MOMENT = frozenset({"innodb"})
"""Engines, in small letters, whose rows a transaction sees as they were when it began."""
_TABLES = (
    "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, COALESCE(ENGINE, ''), COALESCE(DATA_LENGTH, 0)"
    " FROM information_schema.TABLES"
    " WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND TABLE_SCHEMA IN ({})"
)
_FLOATS = (
    "SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME FROM information_schema.COLUMNS"
    " WHERE DATA_TYPE = 'float' AND TABLE_SCHEMA IN ({})"
)
_PLACE = "SHOW STATUS LIKE 'binlog_snapshot_%'"
_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")

Table = tuple[str, str]


class _Listed(NamedTuple):
    """One table as it was listed."""

    engine: str
    size: int
    why_not: str
    """Why its rows cannot be compared; empty: they can."""


def observe_snapshot(
    component: str, login: Login, databases: Sequence[str], now: datetime, *, within_s: float
) -> Snapshot:
    """Return the checksums of all tables of `databases` at one place of the server's logs.

    All of them are read in one transaction that may only read; like a dump with
    `--single-transaction` it keeps nobody from writing rows, and lets changes of the tables' own
    definitions wait until it ends. It ends within about `within_s` seconds: smaller tables come
    first, and what was not reached by then is left out, by name. When the server cannot be asked,
    or has no such place, the reason is returned.
    """
    empty = Snapshot(component, login.place, millis(now), databases=tuple(databases))
    try:
        with session(login, within_s=within_s) as opened:
            return _look(opened, empty, time.monotonic() + within_s)
    except LookError as error:
        return empty._replace(reason=error.reason, detail=str(error))
    except DeniedError as error:
        return empty._replace(reason="server.refused", detail=str(error))


def _look(opened: Session, empty: Snapshot, deadline: float) -> Snapshot:
    version = str(opened.ask("SELECT VERSION()")[0][0])
    if "mariadb" not in version.lower():
        raise LookError("snapshot.not_mariadb", f"the server is {version}")
    before = _tables(opened, empty.databases)
    if not before:
        said = f"the login sees no table of {', '.join(empty.databases)}"
        raise LookError("snapshot.no_tables", said)
    made = {table: _made(opened, table) for table, known in before.items() if not known.why_not}
    opened.ask(f"SET SESSION lock_wait_timeout = {LOCK_S}")
    opened.ask("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    opened.ask("START TRANSACTION WITH CONSISTENT SNAPSHOT")
    log, offset = _place(opened)
    (gtid,) = opened.ask(f"SELECT BINLOG_GTID_POS(%s, {offset})", log)[0]
    sums: list[Sum] = []
    left_out = {table: known.why_not for table, known in before.items() if known.why_not}
    for table in sorted(made, key=lambda table: (before[table].size, table)):
        found = _sum(opened, table, made[table], deadline)
        if isinstance(found, Sum):
            sums.append(found)
        else:
            left_out[table] = found
    for table in before.keys() ^ _tables(opened, empty.databases).keys():
        left_out.setdefault(table, "made or dropped meanwhile")
    opened.ask("COMMIT")
    return empty._replace(
        version=version,
        log=log,
        offset=offset,
        gtid=str(gtid or ""),
        sums=tuple(sorted(item for item in sums if (item.database, item.table) not in left_out)),
        left_out=tuple(sorted((".".join(table), why) for table, why in left_out.items())),
    )


def _place(opened: Session) -> tuple[str, int]:
    """Return the log and the offset that the transaction sees; LookError when there is none."""
    found = {str(name).lower(): str(value) for name, value in opened.ask(_PLACE)}
    log, offset = found.get("binlog_snapshot_file", ""), found.get("binlog_snapshot_position", "")
    if not log or not offset.isdecimal():
        raise LookError("snapshot.no_place", "it does not say where in its binary logs it is")
    return log, int(offset)


def _tables(opened: Session, databases: Sequence[str]) -> Mapping[Table, _Listed]:
    marks = ", ".join(["%s"] * len(databases))
    floats = {(str(a), str(b)) for a, b in opened.ask(_FLOATS.format(marks), *databases)}
    found = {}
    for database, name, kind, engine, size in opened.ask(_TABLES.format(marks), *databases):
        table = str(database), str(name)
        why = ""
        if str(engine).lower() not in _OF_ONE_MOMENT:
            why = f"{engine or 'no engine'} shows no moment"
        elif kind == "SYSTEM VERSIONED":
            why = "a dump leaves out its history"
        elif table in floats:
            why = "a dump rounds FLOAT"
        found[table] = _Listed(str(engine), int(size), why)
    return found


def _made(opened: Session, table: Table) -> str:
    """Return how a table is made; empty when it is not there, or not for this login."""
    try:
        rows = opened.ask(f"SHOW CREATE TABLE {quoted(*table)}")
    except LookError as error:
        if error.reason != "server.failed":
            raise
        return ""
    return _COUNTER.sub("", str(rows[0][1]))


def _sum(opened: Session, table: Table, made: str, deadline: float) -> Sum | str:
    """Return what a table holds, or why that cannot be said."""
    left_s = deadline - time.monotonic()
    if left_s < 1:
        return "no time was left"
    name = quoted(*table)
    try:
        opened.ask(f"SET SESSION max_statement_time = {left_s:.1f}")
        checksum = opened.ask(f"CHECKSUM TABLE {name}")[0][1]
        if checksum is None or _made(opened, table) != made:
            return "changed meanwhile"
        rows = opened.ask(f"SELECT COUNT(*) FROM {name}")[0][0]
    except LookError as error:
        if error.reason == "server.timeout":
            return "no time was left" if deadline - time.monotonic() < 1 else "was being changed"
        if error.reason != "server.failed":
            raise
        return str(error)
    return Sum(*table, int(checksum), int(rows))
