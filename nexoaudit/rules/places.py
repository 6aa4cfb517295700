"""Which locations are one place, whatever they are called, and which are the site's own."""

from nexoaudit.model.location import Location
from nexoaudit.model.state import State

_NEAR = ("network:",)
"""Tokens of places that are near each other, not the same."""
SITE = ""
"""The id under which the site itself is observed."""


def identity(state: State, location: str) -> frozenset[str]:
    """Return what tells a location from every other place; nothing when it was never looked at.

    A demonstration plays every host on one machine: nothing is compared there.
    """
    if state.policy.site.demonstration:
        return frozenset()
    store = state.stores.get(location)
    return frozenset() if store is None else frozenset(store.identity)


def shared(state: State, first: str, second: str) -> str:
    """Return a token that says that two locations are one place; empty: none does."""
    common = identity(state, first) & identity(state, second)
    return min((token for token in common if not token.startswith(_NEAR)), default="")


def at_site(state: State, location: Location) -> str:
    """Return a token that says that a location is the site's own host or network; empty: none."""
    return min(identity(state, location.id) & identity(state, SITE), default="")


def distinct(state: State, locations: list[Location]) -> list[list[Location]]:
    """Return locations in groups, each of which is one place."""
    groups: list[list[Location]] = []
    for location in locations:
        same = [
            group
            for group in groups
            if any(shared(state, location.id, other.id) for other in group)
        ]
        groups = [group for group in groups if group not in same]
        groups.append([*(item for group in same for item in group), location])
    return groups
