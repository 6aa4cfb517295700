"""The backup user: may it dump all that it must, and no more?"""

import re
from collections.abc import Iterable, Iterator, Sequence

from nexoaudit.model.grant import Grant, holds, pattern_for
from nexoaudit.model.server import Schema, Server

HARMLESS = frozenset(
    {
        "BACKUP_ADMIN", "BINLOG MONITOR", "EVENT", "FLUSH_TABLES", "LOCK TABLES", "PROCESS",
        "RELOAD", "REPLICATION CLIENT", "REPLICATION REPLICA", "REPLICATION SLAVE",
        "REPLICA MONITOR", "SELECT", "SHOW CREATE ROUTINE",
        "SHOW DATABASES", "SHOW VIEW", "SHOW_ROUTINE", "SLAVE MONITOR", "TRIGGER",
        "XA_RECOVER_ADMIN",
    }
)  # fmt: skip
"""What a program that only dumps, or copies binary logs, may need: https://mariadb.com/kb/en/mariadb-dump/,
https://dev.mysql.com/doc/refman/8.0/en/mysqldump.html"""
_BY_OBJECTS = (
    ("tables", "SELECT"),
    ("views", "SELECT"),
    ("views", "SHOW VIEW"),
    ("triggers", "TRIGGER"),
    ("events", "EVENT"),
)

_SHOW_ROUTINE = (8, 0, 20)
"""The first MySQL with a privilege of its own for reading routines."""

Lack = tuple[str, str]
"""(privilege, what it must be held on)."""


def excess(grants: Iterable[Grant]) -> tuple[str, ...]:
    """Return what the user may do besides reading, sorted, as `PRIVILEGE ON TARGET`."""
    found = {
        f"{privilege} ON {grant.target}"
        for grant in grants
        if not grant.revoked
        for privilege in grant.privileges
        if privilege not in HARMLESS
    }
    return tuple(sorted(found))


def lacking(server: Server, schemas: Sequence[Schema], *, position: bool) -> tuple[Lack, ...]:
    """Return what the user lacks to dump these databases whole; `position`: with that of the logs.

    Of objects that are unknown nothing is asked. Dumps are taken to be made in one transaction.
    """
    grants = server.grants or ()
    found: list[Lack] = []
    for schema in schemas:
        needed = [what for kind, what in _BY_OBJECTS if not _may(grants, what, schema, kind)]
        target = "`" + pattern_for(grants, schema.name).replace("`", "``") + "`.*"
        found += [(privilege, target) for privilege in dict.fromkeys(needed)]
    if not _reads_routines(server, grants, schemas):
        found.append(_for_routines(server))
    if position and server.engine == "MySQL":
        found += _for_position(grants)
    return tuple(dict.fromkeys(found))


def _may(grants: Sequence[Grant], privilege: str, schema: Schema, kind: str) -> bool:
    """Return whether a privilege is held on a database, or on each of its objects that takes it."""
    names = schema.names(kind)
    if not names or holds(grants, privilege, schema.name):
        return True
    if kind == "events":
        return False
    # A trigger is read through its table, whose name is not known: so it must be all tables.
    objects = schema.tables if kind == "triggers" else names
    return bool(objects) and all(
        holds(grants, privilege, schema.name, name) for name in objects or ()
    )


def mending(user: str, lacks: Sequence[Lack]) -> str:
    """Return the statements that give the user what it lacks."""
    targets = dict.fromkeys(target for _, target in lacks)
    name, _, host = user.rpartition("@")
    account = "@".join("'" + part.replace("'", "''") + "'" for part in (name, host))
    return " ".join(
        f"GRANT {', '.join(what for what, on in lacks if on == target)} ON {target} TO {account};"
        for target in targets
    )


def _reads_routines(server: Server, grants: Sequence[Grant], schemas: Sequence[Schema]) -> bool:
    holding = [schema for schema in schemas if schema.routines]
    if any(holds(grants, privilege, "*") for privilege in ("SELECT", "SHOW_ROUTINE")):
        return True
    if _has_proc(server) and holds(grants, "SELECT", "mysql", "proc"):
        return True
    return all(holds(grants, "SHOW CREATE ROUTINE", schema.name) for schema in holding)


def _for_routines(server: Server) -> Lack:
    if _has_proc(server):
        return "SELECT", "`mysql`.`proc`"
    return ("SHOW_ROUTINE" if _number(server) >= _SHOW_ROUTINE else "SELECT"), "*.*"


def _has_proc(server: Server) -> bool:
    """Return whether the server keeps its routines in `mysql.proc`."""
    return server.engine == "MariaDB" or _number(server) < (8,)


def _number(server: Server) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,4}", server.version)[:3])


def _for_position(grants: Sequence[Grant]) -> Iterator[Lack]:
    """Yield what MySQL asks for; MariaDB gives each transaction the position of its own moment."""
    for privilege in ("RELOAD", "REPLICATION CLIENT"):
        if not holds(grants, privilege, "*"):
            yield privilege, "*.*"
