"""The lines of SHOW GRANTS as grants; what they hold besides, such as hashes, is dropped."""

import re
from collections.abc import Iterable

from nexoaudit.model.grant import EVERYWHERE, GRANT_OPTION, Grant

_ID = r"(?:`(?:[^`]|``)*`|'(?:[^'\\]|\\.|'')*'|\"(?:[^\"]|\"\")*\"|[^\s`'\",.@()]+)"
_ACCOUNT = rf"{_ID}(?:@{_ID})?"
_COLUMNS = re.compile(r"\s*\((?:`(?:[^`]|``)*`|[^()`])*\)")
_PRIVILEGES = re.compile(
    r"(?P<verb>GRANT|REVOKE) (?P<privileges>[A-Za-z_ ,]+?) ON "
    r"(?:(?P<kind>TABLE|PROCEDURE|FUNCTION|PACKAGE BODY|PACKAGE) )?"
    rf"(?P<database>{_ID})\.(?P<name>{_ID}) (?:TO|FROM) {_ACCOUNT}(?P<rest>.*)",
    re.DOTALL,
)
_PROXY = re.compile(rf"GRANT PROXY ON {_ACCOUNT} TO ")
_ROLES = re.compile(
    rf"GRANT (?P<roles>{_ACCOUNT}(?:, ?{_ACCOUNT})*) TO {_ACCOUNT}(?: WITH ADMIN OPTION)?"
)
_DEFAULT = re.compile(rf"SET DEFAULT ROLE (?P<role>{_ACCOUNT}) FOR {_ACCOUNT}")
_ROUTINES = frozenset({"PROCEDURE", "FUNCTION", "PACKAGE", "PACKAGE BODY"})
_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'")


class UnknownGrantError(ValueError):
    """A line that is not understood: what the account may do is unknown."""


def parse_grants(lines: Iterable[str], role: str = "") -> tuple[Grant, ...]:
    """Return the privileges that these lines give, held through `role` if that is not empty.

    Raise UnknownGrantError, without the line's text, for one that is not understood.
    """
    found = []
    for number, line in enumerate(lines, 1):
        if _ROLES.fullmatch(line) or _DEFAULT.fullmatch(line):
            continue
        grant = _parse(line, role)
        if grant is None:
            raise UnknownGrantError(f"line {number} of its grants is not understood")
        found.append(grant)
    return tuple(sorted(found))


def roles_of(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the roles that are granted, as the server writes them, quotes and all."""
    matches = filter(None, map(_ROLES.fullmatch, lines))
    return tuple(role for match in matches for role in re.findall(_ACCOUNT, match["roles"]))


def default_role(lines: Iterable[str]) -> str:
    """Return the role that MariaDB makes active by itself; empty: none."""
    return next((match["role"] for match in map(_DEFAULT.fullmatch, lines) if match), "")


def unquoted(name: str) -> str:
    """Return a name as it is without the quotes around it."""
    quote = name[:1]
    if quote not in {"`", "'", '"'}:
        return name
    return name[1:-1].replace(quote * 2, quote)


def _parse(line: str, role: str) -> Grant | None:
    if _PROXY.match(line):
        return Grant(("PROXY",), EVERYWHERE, EVERYWHERE, "proxy", role)
    bare = _COLUMNS.sub("", line)
    match = _PRIVILEGES.match(bare)
    if match is None:
        return None
    words = {word.strip().upper() for word in match["privileges"].split(",")} - {"USAGE"}
    options = _QUOTED.sub("", match["rest"])
    if re.search(r"\bWITH\b.*\bGRANT OPTION\b", options):
        words.add(GRANT_OPTION)
    kind = "routine" if match["kind"] in _ROUTINES else ""
    if bare != line:
        kind = kind or "columns"
    return Grant(
        privileges=tuple(sorted(words)),
        database=unquoted(match["database"]),
        name=unquoted(match["name"]),
        kind=kind,
        role=role,
        revoked=match["verb"] == "REVOKE",
    )
