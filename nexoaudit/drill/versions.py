"""Whether the deployed code is of the version of the schema that came back."""

from collections.abc import Sequence
from typing import NamedTuple

from nexoaudit.drill.record import Record
from nexoaudit.model.fit import is_same
from nexoaudit.sandbox.query import LOST, QueryError, ask
from nexoaudit.sandbox.server import Session

_LONGEST = 200


class Deployed(NamedTuple):
    """The deployed code of one component that works on the restored database."""

    component: str
    sql: str
    """One SELECT of one value: the version, as a database has it."""
    version: str
    """As the deployed code says; empty: unknown."""
    changed_ms: int
    """When that last changed: what is older than this was made for other code."""


def note_versions(
    record: Record, session: Session, deployed: Sequence[Deployed], point_ms: int
) -> None:
    """Note code that does not fit, and record the version of the schema.

    Code that was deployed after the point was made need not fit it. Raise QueryError when the
    server is gone.
    """
    for code in deployed:
        record.beat()
        version = _version(record, session, code)
        if not version:
            continue
        record.measures[f"version.{code.component}"] = version
        if code.version and code.changed_ms < point_ms and not is_same(code.version, version):
            said = f"{code.component} is of version {code.version}, the database of {version}"
            record.problem("drill.version_other", said)


def _version(record: Record, session: Session, code: Deployed) -> str:
    try:
        ask(session, "SET SESSION sql_select_limit = 2")
        rows = ask(session, code.sql)
    except QueryError as error:
        if error.number in LOST:
            raise
        record.problem("drill.version_unread", f"{code.component}: {error}")
        return ""
    finally:
        ask(session, "SET SESSION sql_select_limit = DEFAULT")
    text = str(rows[0][0]).strip() if len(rows) == 1 and len(rows[0]) == 1 else ""
    if not text or len(text) > _LONGEST:
        record.problem("drill.version_unread", f"{code.component}: the query answers no version")
        return ""
    return text
