"""What a check is made of: data only, so that each check's module is cheap to load."""

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Figure(NamedTuple):
    """One number of the performance data, taken from the facts of the verdicts."""

    fact: str
    label: str
    """Of the number of all components together."""
    suffix: str = ""
    """`COMPONENT_SUFFIX` labels each component's own number; empty: only the total is given.

    Where a check is about locations it is theirs.
    """
    unit: str = ""
    """`s`, `B`, `%` or nothing; facts of both kinds are numbers of base units."""
    warn: str = ""
    """The fact that holds the warning threshold, a number above which there is a warning."""
    fail: str = ""
    within: Callable[[Iterable[int]], int] = max
    """Makes one number of those of a component's several verdicts of one control."""
    across: Callable[[Iterable[int]], int] = sum
    """Makes one number of those of several components."""


class Threshold(NamedTuple):
    """What `-w` and `-c` of a check mean."""

    kind: str
    """`age`, `most` (a count that may not be exceeded) or `least` (one that must be reached)."""
    about: str
    """For `--help`: what must be so for the limit to be broken."""
    warn: str = ""
    """What applies when `-w` is not given, as it would be written; empty: the policy."""
    fail: str = ""


class PathMode(NamedTuple):
    """How a check looks at files instead of the state."""

    module: str
    """Has a function `judge` that takes `Options`, now and the seconds left."""
    threshold: Threshold
    figures: tuple[Figure, ...]


class Check(NamedTuple):
    """One check."""

    name: str
    """First words of its output, such as `BACKUP AGE`."""
    program: str
    control: str
    """The control it reports, a key of the rules."""
    purpose: str
    threshold: Threshold
    figures: tuple[Figure, ...]
    path_mode: PathMode | None = None
    scope: str = "component"
    """What its verdicts are about one by one, `component` or `location`; empty: the auditor."""
    also: tuple[str, ...] = ()
    """Further controls that it reports."""
    by_subject: bool = False
    """Whether verdicts about no component have numbers of their own, labelled by their subject."""

    @property
    def controls(self) -> tuple[str, ...]:
        """Every control that it reports."""
        return (self.control, *self.also)
