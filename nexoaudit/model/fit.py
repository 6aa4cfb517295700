"""Whether deployed code and its database are of one version of the schema."""

import re
from typing import NamedTuple

_NUMBERED = re.compile(r"[0-9]+(?:[.][0-9]+)*")


class Versions(NamedTuple):
    """Where deployed code and its database say of which version of the schema they are."""

    component: str
    """The database, a component."""
    sql: str
    """One SELECT of one value; its tables are named with their database."""
    file: str
    """Absolute path of a deployed file."""
    pattern: str
    """Regular expression, searched in that file; its one group is the version."""


class Fit(NamedTuple):
    """Which version of the schema the deployed code of one component has, and its live database."""

    component: str
    code: str = ""
    """As the deployed code says; empty: unknown."""
    schema: str = ""
    """As the database says; empty: unknown."""
    detail: str = ""
    """Why one of them is unknown."""
    since_ms: int = 0
    """Since when they are as they are."""


def is_same(version: str, other: str) -> bool:
    """Return whether two versions are one: 2.0 and 2 are."""
    return version == other or () != numbers(version) == numbers(other)


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version made of numbers, without zeros at its end; else nothing."""
    if not _NUMBERED.fullmatch(version):
        return ()
    numbers = [int(part) for part in version.split(".")]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
