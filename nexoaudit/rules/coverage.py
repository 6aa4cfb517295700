"""Which databases of a live server the dumps of a component hold."""

from collections.abc import Iterator

from nexoaudit.model.manifest import OTHERS, Manifest
from nexoaudit.model.policy import Component
from nexoaudit.model.server import OWN, Server
from nexoaudit.model.state import State


def newest_dumps(state: State, component: Component) -> tuple[Manifest, ...]:
    """Return what the newest read dump of each of its series holds."""
    return tuple(
        known.newest for (owner, _), known in state.histories.items() if owner == component.id
    )


def databases(state: State, component: Component) -> frozenset[str]:
    """Return what the policy names, else what the newest dumps name; empty: unknown.

    The server's own databases, which are not looked at, are not among them.
    """
    if component.live is not None and component.live.databases:
        return frozenset(component.live.databases)
    named = (databases_of(dump) for dump in newest_dumps(state, component))
    return frozenset().union(*named) - OWN


def is_known(state: State, component: Component) -> bool:
    """Return whether it is known what a component protects."""
    dumps = newest_dumps(state, component)
    return bool(databases(state, component)) or any(map(databases_of, dumps))


def of_server(state: State, server: Server) -> frozenset[str]:
    """Return what the components protect whose databases may lie on that server."""
    return frozenset().union(
        *(databases(state, part) for part in components_of(state, server.place))
    )


def components_of(state: State, place: str) -> Iterator[Component]:
    """Yield the databases' components of that server, and those that do not say where they are."""
    for part in state.policy.components:
        if part.kind == "database" and (part.live is None or part.live.place == place):
            yield part


def databases_of(dump: Manifest) -> frozenset[str]:
    """Return the databases that a dump names."""
    named = {str(dump.facts.get("database", ""))}
    tables = [name for name in dump.counts if name != OTHERS]
    if all("." in name for name in tables):  # else it is part of a table's own name
        named |= {name.partition(".")[0] for name in tables}
    return frozenset(named - {""})
