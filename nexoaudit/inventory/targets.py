"""The series whose copies may lie at a location."""

from collections.abc import Iterator
from typing import NamedTuple

from nexoaudit.formats.names import SEALED, Pattern, compile_pattern
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Policy

SIDECAR = ".sha256"


class Target(NamedTuple):
    """One series, by its names."""

    component: str
    series: str
    pattern: Pattern


def targets_of(location: Location, policy: Policy) -> list[Target]:
    """Return the series that are kept at a location, in the order of the policy.

    An encrypted copy is named like the file that it was made from, and `.gpg`.
    """
    return [
        Target(component.id, series.id, compile_pattern(text))
        for component in policy.components
        for series in component.series
        if location.id in series.locations
        for text in _texts(series.pattern_at(location.id))
    ]


def _texts(pattern: str) -> Iterator[str]:
    yield pattern
    if not pattern.endswith(("/", *SEALED)):
        yield from (pattern + suffix for suffix in SEALED)
