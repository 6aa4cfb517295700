"""What a live server says of itself to a login that sees no row of any table of the site."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from nexoaudit.live.grants import UnknownGrantError, default_role, parse_grants, roles_of, unquoted
from nexoaudit.live.login import DeniedError, LookError, NoAccountError, Session, session
from nexoaudit.live.sight import Sight
from nexoaudit.model.grant import Grant
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Login
from nexoaudit.model.server import OBJECTS, OWN, Logging, Names, Schema, Server

MAX_NAMES = 50_000
"""Objects of one server: what has more is not looked at."""

_OWN_ACCOUNTS = frozenset({"mariadb.sys", "mysql.infoschema", "mysql.session", "mysql.sys"})
_OWN_LIST = "('" + "', '".join(sorted(OWN)) + "')"
_VARIABLES = (
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'version_comment', 'log_bin',"
    " 'binlog_format', 'binlog_row_image', 'expire_logs_days', 'binlog_expire_logs_seconds',"
    " 'server_id')"
)
_OBJECTS = {
    "tables": "SELECT TABLE_SCHEMA, TABLE_NAME, COALESCE(ENGINE, '') FROM information_schema.TABLES"
    " WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')",
    "views": "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES"
    " WHERE TABLE_TYPE = 'VIEW'",
    "sequences": "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES"
    " WHERE TABLE_TYPE = 'SEQUENCE'",
    "triggers": "SELECT TRIGGER_SCHEMA, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRUE",
    "routines": "SELECT ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES WHERE TRUE",
    "events": "SELECT EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS WHERE TRUE",
}
_SCHEMAS = (
    "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME"
    " FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME"
)
_DAY_S = 86_400


def observe_server(component: str, login: Login, now: datetime) -> Server:
    """Return what the server says; when it cannot be asked, the reason why, and nothing else."""
    server = Server(component, login.place)
    now_ms = millis(now)
    try:
        with session(login) as opened:
            return _look(opened, server, login)._replace(since_ms=now_ms, seen_ms=now_ms)
    except (LookError, DeniedError) as error:
        reason = error.reason if isinstance(error, LookError) else "server.refused"
        return server._replace(failed_ms=now_ms, reason=reason, detail=str(error))


def _look(opened: Session, server: Server, login: Login) -> Server:
    variables = {str(name).lower(): str(value) for name, value in opened.ask(_VARIABLES)}
    version = variables.get("version", "")
    said = f"{version} {variables.get('version_comment', '')}".lower()
    engine = "MariaDB" if "mariadb" in said else "MySQL"
    sight = Sight(_own_grants(opened), engine)
    schemas = _schemas(opened, sight)
    known: dict[str, Any] = {
        "databases": tuple(s.name for s in schemas) if sight.sees_databases else None,
        "accounts": _accounts(opened),
        "logging": _logging(opened, variables),
        "grants": _grants(opened, login.backup_user, engine) if login.backup_user else (),
    }
    hidden = [name for name in ("databases", "accounts", "grants") if known[name] is None]
    hidden += ["logging"] if known["logging"].only is None else []
    hidden += [kind for kind in OBJECTS if any(s.names(kind) is None for s in schemas)]
    return server._replace(
        engine=engine,
        version=version,
        schemas=schemas,
        backup_user=login.backup_user,
        hidden=tuple(hidden),
        **known,
    )


def _lines(opened: Session, query: str, *values: str) -> list[str]:
    return [str(line) for (line,) in opened.ask(query, *values)]


def _own_grants(opened: Session) -> tuple[Grant, ...]:
    """Return what the login may do; nothing where its grants are not understood.

    The server lists those of its active roles with its own.
    """
    try:
        return parse_grants(_lines(opened, "SHOW GRANTS"))
    except UnknownGrantError:
        return ()


def _grants(opened: Session, account: str, engine: str) -> tuple[Grant, ...] | None:
    """Return what an account may do, its active roles included; empty: there is no such account.

    None: the login may not know.
    """
    user, _, host = account.rpartition("@")
    try:
        own = _lines(opened, "SHOW GRANTS FOR %s@%s", user, host)
        found = list(parse_grants(own))
        for role in _active_roles(opened, own, engine, (user, host)):
            found += parse_grants(_lines(opened, f"SHOW GRANTS FOR {role}"), unquoted(role))
        return tuple(found)
    except NoAccountError:
        return ()
    except (DeniedError, UnknownGrantError):
        return None


def _active_roles(
    opened: Session, own: Sequence[str], engine: str, account: tuple[str, str]
) -> list[str]:
    """Return the roles that are active when a program logs in, in the server's own quotes."""
    if engine == "MariaDB":
        first = default_role(own)
        return [first] if first else []
    granted = roles_of(own)
    if not granted:
        return []
    rows = opened.ask(
        "SELECT DEFAULT_ROLE_USER, DEFAULT_ROLE_HOST FROM mysql.default_roles"
        " WHERE USER = %s AND HOST = %s",
        *account,
    )
    active = {f"{user}@{host}" for user, host in rows}
    return [role for role in granted if _account(role) in active]


def _account(role: str) -> str:
    name, _, host = role.rpartition("@") if "@" in role else (role, "", "%")
    return f"{unquoted(name)}@{unquoted(host)}"


def _accounts(opened: Session) -> Names:
    try:
        rows = opened.ask("SELECT User, Host FROM mysql.user")
    except DeniedError:
        return None
    names = {(str(user), str(host)) for user, host in rows if user not in _OWN_ACCOUNTS}
    return tuple(sorted(f"{user}@{host}" if host else user for user, host in names))


def _logging(opened: Session, variables: dict[str, str]) -> Logging:
    on = variables.get("log_bin", "").upper() in {"ON", "1"}
    only, ignored = _filters(opened) if on else ((), ())
    return Logging(
        on=on,
        format=variables.get("binlog_format", "").upper(),
        row_image=variables.get("binlog_row_image", "").upper(),
        expiry_s=_expiry_s(variables),
        server_id=int(variables.get("server_id", "0") or 0),
        only=only,
        ignored=ignored,
    )


def _expiry_s(variables: dict[str, str]) -> int | None:
    """Return how long logs are kept: MySQL 8 has both variables, and the seconds win."""
    seconds = float(variables.get("binlog_expire_logs_seconds", "0") or 0)
    days = variables.get("expire_logs_days")
    if not seconds and days is None and "binlog_expire_logs_seconds" not in variables:
        return None
    return round(seconds or float(days or 0) * _DAY_S)


def _filters(opened: Session) -> tuple[Names, Names]:
    for query in ("SHOW MASTER STATUS", "SHOW BINARY LOG STATUS"):
        try:
            rows = opened.ask(query)
        except DeniedError:
            return None, None
        except LookError as error:
            if error.reason != "server.failed":
                raise
            continue  # MySQL 8.4 no longer knows the first one
        only, ignored = rows[0][2:4] if rows else ("", "")
        return _listed(str(only or "")), _listed(str(ignored or ""))
    return None, None


def _listed(names: str) -> tuple[str, ...]:
    return tuple(sorted(filter(None, names.split(","))))


def _schemas(opened: Session, sight: Sight) -> tuple[Schema, ...]:
    rows = [row for row in opened.ask(_SCHEMAS) if _is_of_site(str(row[0]))]
    held = {
        kind: _held(opened.ask(f"{query} AND {_but_own(query)}"))
        for kind, query in _OBJECTS.items()
    }
    if sum(len(names) for kind in held.values() for names in kind.values()) > MAX_NAMES:
        raise LookError("server.crowded", f"more than {MAX_NAMES} objects")
    return tuple(_schema(sight, held, row) for row in rows)


def _but_own(query: str) -> str:
    column = query.removeprefix("SELECT ").partition(",")[0]
    return f"{column} NOT IN {_OWN_LIST}"


def _is_of_site(database: str) -> bool:
    return database.lower() not in OWN and not database.startswith("#")


def _held(rows: Iterable[tuple[Any, ...]]) -> dict[str, set[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    for database, *names in rows:
        found.setdefault(str(database), set()).add(tuple(map(str, names)))
    return found


def _schema(
    sight: Sight, held: dict[str, dict[str, set[tuple[str, ...]]]], row: tuple[Any, ...]
) -> Schema:
    name, charset, collation = map(str, row)

    def seen(kind: str, take: Callable[[tuple[str, ...]], Any]) -> Any:
        if not sight.sees(kind, name):
            return None
        return tuple(sorted(take(item) for item in held[kind].get(name, ())))

    return Schema(
        name,
        charset,
        collation,
        seen("tables", tuple),
        **{kind: seen(kind, lambda item: item[0]) for kind in OBJECTS if kind != "tables"},
    )
