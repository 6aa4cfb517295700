"""Takes from a private server's account what a hostile dump could abuse."""

import pymysql

from nexoaudit.errors import SandboxError
from nexoaudit.sandbox.query import LOST, ask
from nexoaudit.sandbox.server import Server, Session

ACCOUNT = "restorer"

_SYSTEM_TABLES = (
    "SELECT table_name, column_name, column_type FROM information_schema.columns"
    " WHERE table_schema = 'mysql' ORDER BY 1, 2"
)

_GRANTS = (
    "SHOW DATABASES, SET USER, BINLOG ADMIN ON *.*",
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, LOCK TABLES,"
    " CREATE TEMPORARY TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE,"
    " EVENT, TRIGGER, DELETE HISTORY ON `%`.*",
    "SELECT ON mysql.*",
)
"""All that the dump of a database needs. No FILE, no SUPER, no SHUTDOWN, no replication: with
those a dump could write files by way of the general log, or call out as a replica. Nothing but
reading in the server's own database, whose grant goes before that of the pattern: who may write
there may CREATE and ALTER USER, which reads an account's privileges anew from a row that the dump
wrote."""


def confine(server: Server) -> tuple[Server, Session]:
    """Return the server as a dump may use it, and a session that alone keeps every privilege.

    Every other account that could do more is dropped, so that no DEFINER brings it back.
    Raise SandboxError when the server refuses.
    """
    admin = server.connect()
    try:
        with admin.cursor() as cursor:
            cursor.execute(f"CREATE USER {ACCOUNT}@localhost")
            for grant in _GRANTS:
                cursor.execute(f"GRANT {grant} TO {ACCOUNT}@localhost")
            cursor.execute("SELECT user, host FROM mysql.user WHERE super_priv = 'Y'")
            for user, host in cursor.fetchall():
                cursor.execute("DROP USER %s@%s", (user, host))
    except pymysql.Error as error:
        admin.close()
        raise SandboxError(f"the private server could not be confined: {error}") from error
    return server._replace(user=ACCOUNT), admin


class TamperError(SandboxError):
    """A dump changed the tables that its server itself needs: no dump of a site does that."""


class Accounts:
    """The accounts that restored objects run as: made when needed, confined like the other one.

    Each is made once. A dump may write to the grant tables, which nothing reads but a second GRANT
    to the same account.
    """

    def __init__(self, admin: Session) -> None:
        self._admin = admin
        self._tables = ask(admin, _SYSTEM_TABLES)
        self._known = {(ACCOUNT, "localhost"), ("mariadb.sys", "localhost")}

    def admit(self, user: str, host: str) -> bool:
        """Make the account if it is missing; return False when it was made before.

        Raise TamperError when the grant tables do not allow it, SandboxError when the server is
        gone.
        """
        if (user, host) in self._known:
            return False
        self._known.add((user, host))
        try:
            with self._admin.cursor() as cursor:
                cursor.execute("CREATE USER %s@%s", (user, host))
                for grant in _GRANTS:
                    cursor.execute(f"GRANT {grant.replace('%', '%%')} TO %s@%s", (user, host))
        except pymysql.Error as error:
            kind = SandboxError if error.args[:1] in {(number,) for number in LOST} else TamperError
            raise kind(f"the account of a definer could not be made: {error}") from error
        return True

    def check(self) -> None:
        """Raise TamperError when a table of the server itself is not what it was."""
        if ask(self._admin, _SYSTEM_TABLES) != self._tables:
            raise TamperError("the dump changed tables of the server itself")
