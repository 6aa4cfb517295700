"""What the owner of a site asks of a restored database: files that it names, and a nonce in it."""

import os
from pathlib import Path

from nexoaudit.drill.box import Box
from nexoaudit.drill.record import Record
from nexoaudit.drill.rights import few
from nexoaudit.model.drilling import Reconcile
from nexoaudit.sandbox.query import LOST, QueryError, ask, change, quoted
from nexoaudit.sandbox.server import Session

MOST_ROWS = 200_000
"""Rows of one question that are looked up; how many there were beyond is not counted."""
_NONCE = ":nonce"


Names = tuple[tuple[str, str], ...]
"""Files that rows name, each as the directory it is below, and its path there."""


def named_files(box: Box, asked: tuple[Reconcile, ...], database: str) -> Names:
    """Return the files that rows name now; note questions that cannot be asked.

    Raise QueryError when the server is gone.
    """
    found: list[tuple[str, str]] = []
    with box.connect() as session:
        for number, question in enumerate(asked, 1):
            box.record.beat()
            names = _names(box.record, session, question, database, number)
            found += [(question.below, name) for name in names]
    return tuple(found)


def note_named_files(record: Record, names: Names, files: Path, before: Names | None) -> None:
    """Look up these files below the restored `files`; note those that lack.

    `before` are those that rows named before binary logs were replayed; None: nothing was. What is
    named only since cannot be in an older archive: it is lost with the time after that.
    """
    found = 0
    missing: list[str] = []
    since: list[str] = []
    known = None if before is None else set(before)
    for below, name in names:
        if _is_there(files / below, name):
            found += 1
        elif known is None or (below, name) in known:
            missing.append(name)
        else:
            since.append(name)
    record.measures["reconciled"] = found
    if missing:
        record.problem("drill.file_missing", few(missing))
    if since:
        record.measures["files_since"] = len(since)
        record.problem("drill.file_since", few(since))


def plant(box: Box, statement: str, nonce: str, database: str) -> bool:
    """Execute the statement with the nonce in it, in the restored database alone.

    Return False, and note why, when it changed nothing. Raise QueryError when the server is gone.
    """
    with box.connect() as session:
        try:
            ask(session, f"USE {quoted(database)}")
            query = statement.replace("%", "%%").replace(_NONCE, "%s")
            rows = change(session, query, *[nonce] * statement.count(_NONCE))
        except QueryError as error:
            if error.number in LOST:
                raise
            box.record.problem("drill.not_planted", str(error).replace(nonce, _NONCE))
            return False
    if not rows:
        box.record.problem("drill.not_planted", "the statement changed no row")
    return rows > 0


def _names(
    record: Record, session: Session, question: Reconcile, database: str, number: int
) -> list[str]:
    """Return what a question answers; note one that cannot be asked."""
    try:
        ask(session, f"USE {quoted(database)}")
        ask(session, f"SET SESSION sql_select_limit = {MOST_ROWS}")
        rows = ask(session, question.sql)
    except QueryError as error:
        if error.number in LOST:
            raise
        record.problem("drill.not_asked", f"question {number}: {error}")
        return []
    if any(len(row) != 1 for row in rows[:1]):
        record.problem("drill.not_asked", f"question {number}: it answers more than one column")
        return []
    values = (row[0] for row in rows if row[0] is not None)
    return [os.fsdecode(value) if isinstance(value, bytes) else str(value) for value in values]


def _is_there(below: Path, name: str) -> bool:
    """Tell whether a file of that name lies below a directory; none does that leads out of it."""
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if not parts or ".." in parts:
        return False
    try:
        return below.joinpath(*parts).is_file()
    except (OSError, ValueError):
        return False
