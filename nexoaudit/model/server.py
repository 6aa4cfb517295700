"""A live database server, as nexoaudit's own read-only login saw it last."""

from typing import NamedTuple

from nexoaudit.model.grant import Grant

OBJECTS = ("tables", "views", "triggers", "routines", "events", "sequences")
"""The kinds of objects, in the words of a dump's manifest."""

OWN = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
"""Databases of the server itself, in small letters: they are not looked at."""

TRANSACTIONAL = frozenset({"blackhole", "innodb", "ndbcluster", "rocksdb", "sequence", "tokudb"})
"""Engines, in small letters, of which a dump in one transaction sees one moment, if anything."""

Names = tuple[str, ...] | None
"""Sorted names; None: the login may not see them, so that they are unknown and not absent."""


class Schema(NamedTuple):
    """One database of a server."""

    name: str
    charset: str
    """Default of the database itself, which its tables need not share."""
    collation: str
    engines: tuple[tuple[str, str], ...] | None
    """Sorted (table, engine); None: unknown. A table whose engine is gone has an empty one."""
    views: Names
    triggers: Names
    routines: Names
    """Procedures, functions and packages."""
    events: Names
    sequences: Names

    @property
    def tables(self) -> Names:
        """Names of the tables."""
        return None if self.engines is None else tuple(table for table, _ in self.engines)

    def names(self, kind: str) -> Names:
        """Return the names of the objects of one of `OBJECTS`; None: unknown."""
        names: Names = getattr(self, kind)
        return names

    @property
    def is_empty(self) -> bool:
        """Whether it is known that there is nothing in it."""
        return all(self.names(kind) == () for kind in OBJECTS)


class Logging(NamedTuple):
    """How a server writes its binary logs."""

    on: bool
    format: str
    """`ROW`, `MIXED` or `STATEMENT`; empty when the server does not say."""
    row_image: str
    expiry_s: int | None
    """How long the server keeps its logs; 0: for ever; None: it does not say."""
    server_id: int
    only: Names
    """Databases to which the logs are limited, if any; None: unknown."""
    ignored: Names
    """Databases that are left out of the logs."""


class Server(NamedTuple):
    """One server; after a failure what was known before, and why there is nothing newer."""

    component: str
    """The component whose configuration names the login."""
    place: str = ""
    """Socket, or host and port."""
    since_ms: int = 0
    """Since when its facts are as they are; 0: nothing was ever seen."""
    seen_ms: int = 0
    """When they were last seen to be so."""
    failed_ms: int = 0
    """Since when it cannot be looked at; 0: it can."""
    reason: str = ""
    """Reason code of the failure, such as `server.refused`."""
    detail: str = ""
    engine: str = ""
    """`MariaDB` or `MySQL`."""
    version: str = ""
    logging: Logging | None = None
    databases: Names = None
    """Every database but the server's own; None: the login may not see all."""
    schemas: tuple[Schema, ...] = ()
    """Those databases that the login sees, by name."""
    accounts: Names = None
    """`user@host`, and the names of roles; the server's own accounts left out."""
    backup_user: str = ""
    """`user@host`; empty: the configuration names none."""
    grants: tuple[Grant, ...] | None = None
    """What the backup user may do; empty: there is no such account; None: unknown."""
    hidden: tuple[str, ...] = ()
    """What the login may not see: `databases`, `accounts`, `grants`, `logging`, and kinds of
    objects, such as `triggers`, that are hidden in at least one database."""

    def schema(self, name: str) -> Schema | None:
        """Return a database by its name; None: the login does not see it."""
        return next((schema for schema in self.schemas if schema.name == name), None)
