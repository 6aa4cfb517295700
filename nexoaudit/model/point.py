"""The copies of one recovery point, location by location."""

from typing import NamedTuple

from nexoaudit.model.copy import Copy


class Kept(NamedTuple):
    """What one location has of a point."""

    location: str
    copy: Copy | None = None
    """None: nothing of it lies there."""
    wrong: str = ""
    """Why it does not count for 3-2-1: `missing`, `differs`, `the same file`, `unproven` or
    `damaged`; empty: it counts."""


class Point(NamedTuple):
    """A recovery point and all that is kept of it."""

    series: str
    time_ms: int
    kept: tuple[Kept, ...]
    """Of each location that should have it, in the order of the policy; then of attested ones that
    are said to have it."""
