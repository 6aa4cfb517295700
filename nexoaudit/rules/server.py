"""The live server: is all that is in it in some backup, and may the backup user read it?"""

from collections.abc import Iterator

from nexoaudit.model.fact import Fact, Moment
from nexoaudit.model.manifest import Manifest
from nexoaudit.model.policy import Component
from nexoaudit.model.server import TRANSACTIONAL, Schema, Server
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import coverage, privileges
from nexoaudit.rules.finding import Finding, failed, listed, noted, unverified, warned

CONTROL = "server"
_RESIDUE = ("_test", "_restore", "_restored", "_tmp", "_old", "_copy", "_bak")
"""How databases are named that somebody made to try a restore."""
_ACCOUNTS = ("global_priv", "user")
"""Tables of the database `mysql`: MariaDB's, MySQL's."""


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Return one verdict for each finding, or one that all is well; none without a login."""
    del now_ms
    if component.live is None:
        return ()
    server = state.servers.get(component.id)
    facts: dict[str, Fact] = {"place": component.live.place}
    subject = f"{CONTROL}:{component.id}"
    if server is None:
        return (
            Verdict(CONTROL, component.id, Status.UNVERIFIED, "server.never_seen", facts, subject),
        )
    facts |= {"version": f"{server.engine} {server.version}", "seen": Moment(server.seen_ms)}
    found = [*_unseen(server)]
    if server.since_ms:
        found += _findings(state, component, server)
    facts["found"] = sum(1 for item in found if item.status is Status.FAIL)
    return tuple(
        Verdict(CONTROL, component.id, item.status, item.reason, {**facts, **item.facts}, subject)
        for item in found or [noted("server.covered", databases=len(server.schemas))]
    )


def _unseen(server: Server) -> Iterator[Finding]:
    """Say what is unknown: it is never taken for nothing."""
    if server.failed_ms:
        yield unverified(server.reason, detail=server.detail, failed=Moment(server.failed_ms))
    if server.hidden:
        yield unverified("server.hidden", names=listed(server.hidden), count=len(server.hidden))


def _findings(state: State, component: Component, server: Server) -> Iterator[Finding]:
    covered = coverage.databases(state, component)
    schemas = [schema for schema in server.schemas if schema.name in covered]
    if server.databases is not None:
        yield from _uncovered(state, component, server)
        if gone := covered - set(server.databases):
            yield warned("server.database_gone", names=listed(gone), count=len(gone))
    yield from _engines(schemas)
    yield from _unsaved(state, component, server, schemas)
    yield from _backup_user(state, component, server, schemas)


def _uncovered(state: State, component: Component, server: Server) -> Iterator[Finding]:
    """Find databases that the dumps of no component hold; empty ones are no loss."""
    if _first_of_place(state, component) is not component:
        return
    covered = coverage.of_server(state, server)
    unknown = [
        part.id
        for part in coverage.components_of(state, server.place)
        if part.configured and not coverage.is_known(state, part)
    ]
    if unknown:  # to say that something is in no backup would be a guess, and so would the opposite
        yield unverified("server.coverage_unknown", names=listed(unknown))
        return
    left = [
        schema.name
        for schema in server.schemas
        if schema.name not in covered and not schema.is_empty
    ]
    residue = [name for name in left if name.lower().endswith(_RESIDUE)]
    rest = [name for name in left if name not in residue]
    if rest:
        yield warned("server.uncovered", names=listed(rest), count=len(rest))
    if residue:
        yield warned("server.residue", names=listed(residue), count=len(residue))


def _first_of_place(state: State, component: Component) -> Component:
    """Return the component that speaks for a server that several of them look at."""
    place = component.live.place if component.live is not None else ""
    return next(
        (
            other
            for other in state.policy.components
            if other.live is not None and other.live.place == place
        ),
        component,
    )


def _engines(schemas: list[Schema]) -> Iterator[Finding]:
    """Find tables that change while a dump in one transaction reads them."""
    tables = {
        f"{schema.name}.{table} ({engine})"
        for schema in schemas
        for table, engine in schema.engines or ()
        if engine and engine.lower() not in TRANSACTIONAL
    }
    broken = {
        f"{schema.name}.{table}"
        for schema in schemas
        for table, engine in schema.engines or ()
        if not engine
    }
    if tables:
        yield warned("server.engines", names=listed(tables), count=len(tables))
    if broken:
        yield failed("server.broken_tables", names=listed(broken), count=len(broken))


def _unsaved(
    state: State, component: Component, server: Server, schemas: list[Schema]
) -> Iterator[Finding]:
    """Find what belongs to the databases and is in no dump: accounts, defaults of a database."""
    dumps = [
        dump
        for other in coverage.components_of(state, server.place)
        for dump in coverage.newest_dumps(state, other)
    ]
    if not dumps:
        return
    if server.accounts and not any(map(_holds_accounts, dumps)):
        yield warned("server.accounts_unsaved", count=len(server.accounts))
    own = coverage.newest_dumps(state, component)
    if schemas and not any(dump.facts.get("schemas") for dump in own):
        defaults = {f"{schema.name} {schema.charset} {schema.collation}" for schema in schemas}
        yield noted("server.defaults_unsaved", names=listed(defaults))


def _holds_accounts(dump: Manifest) -> bool:
    """Return whether a dump makes accounts, or fills the tables in which the server keeps them."""
    if dump.facts.get("accounts"):
        return True
    prefix = "" if coverage.databases_of(dump) == {"mysql"} else "mysql."
    return any(dump.counts.get(prefix + table, 0) > 0 for table in _ACCOUNTS)


def _backup_user(
    state: State, component: Component, server: Server, schemas: list[Schema]
) -> Iterator[Finding]:
    if not server.backup_user or server.grants is None:
        return
    user: dict[str, Fact] = {"user": server.backup_user}
    if not server.grants and "grants" not in server.hidden:
        yield Finding(Status.FAIL, "server.no_backup_user", user)
        return
    more = privileges.excess(server.grants)
    if more:
        facts = {**user, "names": listed(more), "count": len(more)}
        yield Finding(Status.WARN, "server.grants_many", facts)
    dumps = coverage.newest_dumps(state, component)
    position = any(dump.facts.get("position") for dump in dumps)
    lacks = privileges.lacking(server, schemas, position=position)
    if lacks:
        mend = privileges.mending(server.backup_user, lacks)
        missing = listed(f"{privilege} ON {target}" for privilege, target in lacks)
        yield Finding(Status.FAIL, "server.grants_few", {**user, "names": missing, "mend": mend})
