"""Which databases a replay is about: a log holds those of the whole server."""
# ruff: noqa: S608 - names are quoted by `quoted`; nothing else is put into a query

from collections.abc import Collection
from typing import NamedTuple

from nexoaudit.drill.boundary import Boundary, is_data
from nexoaudit.drill.logs import Chain
from nexoaudit.drill.objects import OURS
from nexoaudit.formats.transactions import Content
from nexoaudit.sandbox.load import SYSTEM
from nexoaudit.sandbox.query import ask, quoted
from nexoaudit.sandbox.server import Session

_COLLATIONS = (
    "SELECT s.schema_name, (SELECT t.table_collation FROM information_schema.tables t"
    " WHERE t.table_schema = s.schema_name AND t.table_collation IS NOT NULL"
    " GROUP BY t.table_collation ORDER BY COUNT(*) DESC LIMIT 1)"
    f" FROM information_schema.schemata s WHERE s.schema_name {OURS}"
)


class Covered(NamedTuple):
    """What to leave out of a replay, and what that would harm."""

    filter: str
    """The only database that is replayed; empty: all of them."""
    left_out: tuple[str, ...]
    """Databases of the log that the dump does not hold."""
    harmed: str = ""
    """What the filter would tear apart; empty: nothing."""


def restored_databases(admin: Session) -> set[str]:
    """Return what a dump brought back; give each the collation of most of its tables.

    A dump of one database does not say what its default is, and the logs rely on it. QueryError
    passes through.
    """
    rows = ask(admin, _COLLATIONS)
    for schema, collation in rows:
        if collation is not None:
            ask(admin, f"ALTER DATABASE {quoted(schema)} COLLATE {collation}")
    return {str(schema) for schema, _ in rows} - {SYSTEM}


def cover(chain: Chain, boundary: Boundary, restored: Collection[str]) -> Covered:
    """Return what a replay after the restore of these databases has to leave out.

    mariadb-binlog can be told of one database to keep. It goes by the database that was current
    when a statement was run, not by the one that the statement changes.
    """
    found = chain.transactions
    numbers = {found.content_number(index) for index in range(chain.first, boundary.stop)}
    contents = [found.contents[number] for number in numbers]
    changed = {mark.database for content in contents for mark in content if is_data({mark})}
    others = tuple(sorted(changed - set(restored) - {""}))
    if not others or len(restored) != 1:
        return Covered("", others)
    (database,) = restored
    harmed = sorted(_harm(content, database, others) for content in contents)
    return Covered(database, others, harmed[-1] if harmed else "")


def _harm(content: Content, kept: str, others: Collection[str]) -> str:
    """Return what of a transaction is torn apart when only one database is kept."""
    for mark in content:
        if mark.kind == "together" and (mark.database == kept) != (mark.other == kept):
            return f"one statement changes {mark.database} and {mark.other}"
        lost = mark.other == kept  # though it is not run
        beyond = mark.database == kept and mark.other in others  # though that is not there
        if mark.kind == "names" and (lost or beyond):
            current = mark.database or "no database"
            return f"a statement that was run in {current} names {mark.other}"
    return ""
