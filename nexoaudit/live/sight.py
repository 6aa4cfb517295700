"""What a login sees of a server: a list in which nothing is hidden from it, or a part."""

from nexoaudit.model.grant import Grant, holds

_OF_TABLES = (
    "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER",
    "SHOW VIEW", "TRIGGER", "DELETE HISTORY", "DELETE VERSIONING ROWS",
)  # fmt: skip
_OF_DATABASES = (
    *_OF_TABLES, "CREATE TEMPORARY TABLES", "LOCK TABLES", "EXECUTE", "CREATE VIEW",
    "CREATE ROUTINE", "ALTER ROUTINE", "EVENT",
)  # fmt: skip
_OF_ROUTINES = ("EXECUTE", "CREATE ROUTINE", "ALTER ROUTINE", "SHOW CREATE ROUTINE")
_NEEDED = {
    "tables": _OF_TABLES,
    "views": _OF_TABLES,
    "sequences": _OF_TABLES,
    "triggers": ("TRIGGER",),
    "events": ("EVENT",),
    "routines": _OF_ROUTINES,
}
"""Any one of these on a whole database shows every object of the kind."""


class Sight:
    """Derived from the login's own grants: information_schema leaves out what it may not show."""

    def __init__(self, grants: tuple[Grant, ...], engine: str) -> None:
        self._grants = grants
        everywhere = ("SELECT", "SHOW_ROUTINE", "SHOW CREATE ROUTINE")
        self._all_routines = any(holds(grants, name, "*") for name in everywhere)
        if engine == "MariaDB":
            self._all_routines |= holds(grants, "SELECT", "mysql", "proc")

    @property
    def sees_databases(self) -> bool:
        """Whether the list of databases is whole."""
        wanted = ("SHOW DATABASES", *_OF_DATABASES)
        return any(holds(self._grants, name, "*") for name in wanted)

    def sees(self, kind: str, database: str) -> bool:
        """Return whether every object of a kind in a database is listed."""
        if kind == "routines" and self._all_routines:
            return True
        return any(holds(self._grants, name, database) for name in _NEEDED[kind])
