"""Tables that policy keeps out of the dumps, as `mysqldump --ignore-table` does."""

from collections.abc import Iterable

from nexoaudit.model.manifest import Manifest
from nexoaudit.model.policy import Expect


def left_out(names: Iterable[str], expect: Expect, database: str = "") -> frozenset[str]:
    """Return which tables are not meant to be in a dump of `database`.

    Tables and policy may both name the database, or neither, or one of them: `shop.sessions`.
    """
    if not expect.absent:
        return frozenset()
    return frozenset(name for name in names if expect.leaves_out(name, database))


def without(dump: Manifest, expect: Expect) -> Manifest:
    """Return a dump as if nothing that is to be left out were in it."""
    names = left_out(dump.counts, expect, str(dump.facts.get("database", "")))
    if not names:
        return dump
    counts = {name: count for name, count in dump.counts.items() if name not in names}
    rows = dump.total - sum(dump.counts[name] for name in names)
    return dump._replace(counts=counts, facts={**dump.facts, "rows": rows})
