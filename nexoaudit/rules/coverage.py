"""Which databases of a live server the dumps of a component hold."""

from nexoaudit.model.manifest import OTHERS, Manifest
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State


def newest_dumps(state: State, component: Component) -> tuple[Manifest, ...]:
    """Return what the newest read dump of each of its series holds."""
    return tuple(
        known.newest for (owner, _), known in state.histories.items() if owner == component.id
    )


def databases(state: State, component: Component) -> frozenset[str]:
    """Return what the policy names, else what the newest dumps name; empty: unknown."""
    if component.live is not None and component.live.databases:
        return frozenset(component.live.databases)
    return frozenset(name for dump in newest_dumps(state, component) for name in databases_of(dump))


def databases_of(dump: Manifest) -> frozenset[str]:
    """Return the databases that a dump names."""
    named = {str(dump.facts.get("database", ""))}
    named |= {name.partition(".")[0] for name in dump.counts if "." in name and name != OTHERS}
    return frozenset(named - {""})
