"""The series whose copies may lie at a location."""

from typing import NamedTuple

from nexoaudit.formats.names import Pattern, compile_pattern
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Policy

SIDECAR = ".sha256"


class Target(NamedTuple):
    """One series, by its names."""

    component: str
    series: str
    pattern: Pattern


def targets_of(location: Location, policy: Policy) -> list[Target]:
    """Return the series that are kept at a location, in the order of the policy."""
    return [
        Target(component.id, series.id, compile_pattern(series.pattern))
        for component in policy.components
        for series in component.series
        if location.id in series.locations
    ]
