"""What an account of a database server may do, by the grants that the server lists."""

import re
from collections.abc import Iterable
from typing import NamedTuple

ALL = "ALL PRIVILEGES"
GRANT_OPTION = "GRANT OPTION"
EVERYWHERE = "*"


class Grant(NamedTuple):
    """One line of a server's grants."""

    privileges: tuple[str, ...]
    """In capital letters, sorted, such as `LOCK TABLES`; `USAGE`, which all have, is left out."""
    database: str
    """`*`, a name, or a pattern of a name with `%`, `_` and `\\` before what is meant literally."""
    name: str
    """`*`, or one object of the database."""
    kind: str = ""
    """`columns`, `routine` or `proxy`: it gives less than the whole; empty: all of the object."""
    role: str = ""
    """The role through which it is held; empty: the account's own."""
    revoked: bool = False
    """MySQL's partial revoke: it takes away from a global grant."""

    @property
    def target(self) -> str:
        """What it is on, as it is written: `*.*`, `shop.*`, `shop.users`."""
        return f"{self.database}.{self.name}"


def holds(grants: Iterable[Grant], privilege: str, database: str, name: str = "*") -> bool:
    """Return whether a privilege is held on a whole database, or on one object of it.

    With `*` as database it must be a global one. Of several patterns that fit a database the
    server applies only the most specific, for the account and for each of its roles.
    """
    plain = [grant for grant in grants if not grant.kind]
    return any(
        _by_one(
            [grant for grant in plain if grant.role == role and not grant.revoked],
            [grant for grant in plain if grant.role == role and grant.revoked],
            (privilege, database, name),
        )
        for role in {grant.role for grant in plain}
    )


def pattern_for(grants: Iterable[Grant], database: str) -> str:
    """Return the pattern to which more privileges on a database must be granted.

    The most specific one that fits it: the server would forget that for the sake of a more
    specific one beside it. The escaped name where none fits.
    """
    fitting = [
        grant.database
        for grant in grants
        if grant.name == "*" and not grant.role and _fits(grant.database, database)
    ]
    return min(fitting, key=_vagueness, default=re.sub(r"([\\%_])", r"\\\1", database))


def _by_one(granted: list[Grant], revoked: list[Grant], wanted: tuple[str, str, str]) -> bool:
    privilege, database, name = wanted
    lost = any(grant.database == database and _has(grant, privilege) for grant in revoked)
    if not lost and any(g.database == EVERYWHERE and _has(g, privilege) for g in granted):
        return True
    if database == EVERYWHERE:
        return False
    fitting = [g for g in granted if g.name == "*" and _fits(g.database, database)]
    best = min((_vagueness(g.database) for g in fitting), default=None)
    if any(_vagueness(g.database) == best and _has(g, privilege) for g in fitting):
        return True
    return name != "*" and any(
        (g.database, g.name) == (database, name) and _has(g, privilege) for g in granted
    )


def _has(grant: Grant, privilege: str) -> bool:
    return privilege in grant.privileges or ALL in grant.privileges


def _fits(pattern: str, database: str) -> bool:
    if pattern == EVERYWHERE:
        return False
    regex = ""
    for escaped, char in re.findall(r"(\\?)(.)", pattern, re.DOTALL):
        regex += (
            {"%": ".*", "_": "."}.get(char, re.escape(char)) if not escaped else re.escape(char)
        )
    return re.fullmatch(regex, database, re.DOTALL) is not None


def _vagueness(pattern: str) -> tuple[bool, int]:
    """Sort patterns as the server does: names first, then by what comes before a wildcard."""
    literal = re.match(r"(?:\\.|[^%_\\])*", pattern)
    length = literal.end() if literal else 0
    return length < len(pattern), -length
