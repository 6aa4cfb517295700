"""A tree among the generations beside it, and whether one was moved into another."""

import os
from pathlib import Path
from typing import NamedTuple

from nexoaudit.model.policy import Expect


class Generation(NamedTuple):
    """A tree to verify, and what it belongs to."""

    top: Path
    location: str
    siblings: tuple[str, ...]
    """Names of the other generations beside it."""
    point_ms: int
    time_source: str
    expect: Expect = Expect()
    is_open: bool = True
    """Everybody may pass through the directories above it, and its own."""


def nested(generation: Generation) -> list[str]:
    """Return the siblings that lie, as whole trees, inside this one as well: moved one too deep.

    A directory that only has a sibling's name is not one: it holds other things than the sibling,
    or the sibling has it too.
    """
    found = []
    for name in generation.siblings:
        inner, outer = generation.top / name, generation.top.parent / name
        within, beside = _names(inner), _names(outer)
        alike = len(within & beside) * 2 >= min(len(within), len(beside))
        if within and beside and alike and name not in beside:
            found.append(name)
    return found


def _names(directory: Path) -> set[str]:
    if directory.is_symlink():
        return set()
    try:
        return set(os.listdir(directory))  # noqa: PTH208 - names are all that is wanted
    except OSError:
        return set()
