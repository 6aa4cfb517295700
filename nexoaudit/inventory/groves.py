"""What the trees of each series take up at a location, hard links between them considered."""

from collections.abc import Iterable, Mapping

from nexoaudit.inventory.listing import Tree
from nexoaudit.model.sighting import Grove, Sighting


def groves(sightings: Iterable[Sighting], trees: Mapping[str, Tree | None]) -> tuple[Grove, ...]:
    """Return one for each series of which a tree was seen, those left out that just change."""
    found: dict[tuple[str, str], list[Tree]] = {}
    for sighting in sightings:
        tree = trees.get(sighting.path)
        if tree is not None:
            found.setdefault((sighting.component, sighting.series), []).append(tree)
    return tuple(
        Grove(component, series, len(those), sum(tree.size for tree in those), _own(those))
        for (component, series), those in sorted(found.items())
    )


def _own(trees: list[Tree]) -> int:
    """Return what trees take up together; 0 when that of one of them is not known."""
    if any(tree.size and not tree.own for tree in trees):
        return 0
    return sum(tree.own for tree in trees)
