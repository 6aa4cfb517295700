"""What the owner of a database says must hold in every restore of it."""

from typing import NamedTuple

DEMANDS = ("true", "nonempty", "empty", "value")
"""What an answer can be asked to be."""


class Assertion(NamedTuple):
    """One question to the restored database, and what its answer must be."""

    name: str
    sql: str
    """One SELECT; tables need no database before their name."""
    must: str
    """`true`: one value that is neither NULL, 0 nor empty; `nonempty`: at least one row; `empty`:
    no row; `value`: one value, which is that of `value`."""
    value: str = ""
