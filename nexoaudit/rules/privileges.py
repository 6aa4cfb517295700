"""The backup user: may it dump all that it must, and no more?"""

from collections.abc import Iterable, Iterator, Sequence

from nexoaudit.model.grant import Grant, holds
from nexoaudit.model.server import Schema, Server

HARMLESS = frozenset(
    {
        "BACKUP_ADMIN", "BINLOG MONITOR", "EVENT", "FLUSH_TABLES", "LOCK TABLES", "PROCESS",
        "RELOAD", "REPLICATION CLIENT", "REPLICA MONITOR", "SELECT", "SHOW CREATE ROUTINE",
        "SHOW DATABASES", "SHOW VIEW", "SHOW_ROUTINE", "SLAVE MONITOR", "TRIGGER",
        "XA_RECOVER_ADMIN",
    }
)  # fmt: skip
"""What a program that only dumps may need: https://mariadb.com/kb/en/mariadb-dump/,
https://dev.mysql.com/doc/refman/8.0/en/mysqldump.html"""
_BY_OBJECTS = (("views", "SHOW VIEW"), ("triggers", "TRIGGER"), ("events", "EVENT"))
_LOGS = {"MariaDB": "BINLOG MONITOR", "MySQL": "REPLICATION CLIENT"}
_OLD_LOGS = "REPLICATION CLIENT"

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
        needed = ["SELECT", *(what for kind, what in _BY_OBJECTS if schema.names(kind))]
        found += [
            (privilege, f"`{schema.name}`.*")
            for privilege in needed
            if not holds(grants, privilege, schema.name)
        ]
    if any(schema.routines for schema in schemas):
        found += _for_routines(server, grants)
    if position:
        found += _for_position(server, grants)
    return tuple(dict.fromkeys(found))


def mending(user: str, lacks: Sequence[Lack]) -> str:
    """Return the statements that give the user what it lacks."""
    targets = dict.fromkeys(target for _, target in lacks)
    name, _, host = user.rpartition("@")
    return " ".join(
        f"GRANT {', '.join(what for what, on in lacks if on == target)} ON {target}"
        f" TO '{name}'@'{host}';"
        for target in targets
    )


def _for_routines(server: Server, grants: Sequence[Grant]) -> Iterator[Lack]:
    if server.engine == "MariaDB":
        if not holds(grants, "SELECT", "mysql", "proc"):
            yield "SELECT", "`mysql`.`proc`"
    elif not (holds(grants, "SHOW_ROUTINE", "*") or holds(grants, "SELECT", "*")):
        yield "SHOW_ROUTINE", "*.*"


def _for_position(server: Server, grants: Sequence[Grant]) -> Iterator[Lack]:
    if not holds(grants, "RELOAD", "*"):
        yield "RELOAD", "*.*"
    names = {_LOGS.get(server.engine, _OLD_LOGS), _OLD_LOGS, "BINLOG MONITOR"}
    if not any(holds(grants, name, "*") for name in names):
        yield _LOGS.get(server.engine, _OLD_LOGS), "*.*"
