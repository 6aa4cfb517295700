"""What a scenario leaves: the locations outside everything that it destroys."""

from collections.abc import Mapping
from typing import TypeVar

from nexoaudit.model.location import Location
from nexoaudit.model.policy import Scenario
from nexoaudit.model.state import Holding, State
from nexoaudit.rules import places

_Held = TypeVar("_Held")

DATA = "data"
"""The failure domain of the live data alone."""


def survives(state: State, scenario: Scenario, location: Location) -> bool:
    """Return whether copies at a location may be used to recover from a scenario.

    Not where it is destroyed by its failure domain, nor where it is, whatever it is called, one
    place with a location that is, or the site's own host or network while that is lost.
    """
    if location.failure_domain in scenario.destroys:
        return False
    lost = [other for other in state.policy.locations if other.failure_domain in scenario.destroys]
    if any(places.shared(state, location.id, other.id) for other in lost):
        return False
    at_site = any(not other.offsite for other in lost)
    return not (at_site and location.offsite and places.at_site(state, location))


def survivors(state: State, scenario: Scenario) -> tuple[Location, ...]:
    """Return the locations whose copies may be used; media that only people vouch for are not."""
    return tuple(
        location
        for location in state.policy.locations
        if location.kind != "attested" and survives(state, scenario, location)
    )


def left(state: State, scenario: Scenario) -> State:
    """Return the state as a scenario leaves it: of copies and logs only what outlives it."""
    kept = {location.id for location in survivors(state, scenario)}

    def outlives(held: Mapping[Holding, _Held]) -> dict[Holding, _Held]:
        return {key: value for key, value in held.items() if key[2] in kept}

    return state._replace(
        copies=outlives(state.copies),
        logs=outlives(state.logs),
        positions=outlives(state.positions),
    )


def spares_host(scenario: Scenario) -> bool:
    """Return whether only the live data is lost, and the machine that served it is still there."""
    return not set(scenario.destroys) - {DATA}


def needed(scenario: Scenario) -> tuple[str, ...]:
    """Return the parts of its recovery that no drill can measure: people declare how long."""
    return ("decision",) if spares_host(scenario) else ("decision", "provisioning", "dns")
