"""The moments of transferred trees without a date: those of the trees they were made from."""

from collections.abc import Mapping

from nexoaudit.model.copy import Copy
from nexoaudit.model.policy import Policy
from nexoaudit.model.state import Holding

Held = Mapping[Holding, tuple[Copy, ...]]


def dated(held: Held, policy: Policy) -> dict[Holding, tuple[Copy, ...]]:
    """Return the copies, oldest first; the same bytes elsewhere are the same recovery point.

    A transfer renews times of change, and what was copied is older than the run that made it. Of
    bytes that nobody could compare, the same name is taken for the same point: they are not proven.
    """
    result = dict(held)
    for component in policy.components:
        for series in component.series:
            if not series.tree or series.dated:
                continue
            places = {place: bool(policy.location(place).transfer) for place in series.locations}
            made = [
                copy
                for place, transferred in places.items()
                if not transferred
                for copy in held.get((component.id, series.id, place), ())
            ]
            for place, transferred in places.items():
                key = component.id, series.id, place
                if transferred and key in held:
                    found = [_as_made(copy, made) for copy in held[key]]
                    result[key] = tuple(sorted(found, key=lambda copy: (copy.time_ms, copy.path)))
    return result


def _as_made(copy: Copy, made: list[Copy]) -> Copy:
    twins = [other for other in made if copy.sha256 in {"", other.sha256}]
    if not copy.sha256:
        twins = [other for other in twins if other.path == copy.path]
    if not twins:
        return copy
    twin = next((other for other in twins if other.path == copy.path), twins[-1])
    return copy._replace(time_ms=twin.time_ms, time_source=twin.time_source)
