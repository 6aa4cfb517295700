"""Hard links that a transfer did not keep: generations that share their files take up all of it."""

from nexoaudit.model.policy import Series
from nexoaudit.model.sighting import Grove
from nexoaudit.model.state import State

_SHARED = 0.75
"""Trees that take up less than this part of their files' bytes share a good deal of them."""
_DOUBLED = 1.5
"""How many times as much the copies must take up to be told of."""


def doubled(
    state: State, component: str, series: Series, location: str
) -> tuple[Grove, Grove] | None:
    """Return the trees as made and as copied to a location, where only the copies share nothing.

    None where they share, where there is nothing to share, and where nobody can say.
    """
    if not series.tree or not state.policy.location(location).transfer:
        return None
    there = _grove(state, component, series, location)
    made = [
        grove
        for place in series.locations
        if not state.policy.location(place).transfer
        for grove in [_grove(state, component, series, place)]
        if grove is not None and grove.own
    ]
    if there is None or not made or there.own < there.size or there.trees < 2:
        return None
    here = made[0]
    shares = here.own < here.size * _SHARED
    return (here, there) if shares and there.own > here.own * _DOUBLED else None


def _grove(state: State, component: str, series: Series, location: str) -> Grove | None:
    sweep = state.sweeps.get(location)
    found = () if sweep is None else sweep.groves
    return next((g for g in found if (g.component, g.series) == (component, series.id)), None)
