"""What a statement in a binary log is about: data, or the server's own accounts and plugins."""

import re
from collections.abc import Iterator

HEAD = 2048
"""So much of a statement is looked at."""

_ASIDE = re.compile(rb"\s+|/\*(?!M?!).*?\*/|--[ \t][^\n]*\n|#[^\n]*\n", re.DOTALL)
"""Comments and spaces before a statement: a log has them as the client sent them."""
_FRAME = re.compile(
    rb"(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE\s|START\s+TRANSACTION|XA\s)", re.IGNORECASE
)
_SERVER = re.compile(
    rb"(?:/\*M?!\d*\s*)?(?:GRANT|REVOKE|FLUSH|INSTALL|UNINSTALL|CHANGE\s+MASTER|RESET|PURGE|SHUTDOWN"
    rb"|SET\s+(?:PASSWORD|DEFAULT\s+ROLE|GLOBAL)"
    rb"|(?:CREATE|ALTER|DROP|RENAME)\s+(?:OR\s+REPLACE\s+)?(?:USER|ROLE|SERVER)"
    rb"|CREATE\s+(?:OR\s+REPLACE\s+)?(?:AGGREGATE\s+)?FUNCTION\s[^(]{1,200}RETURNS\s+\w+\s+SONAME)\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    rb"(?:INSERT|UPDATE|DELETE|REPLACE|LOAD|CALL|WITH|DO|SELECT|SET|EXECUTE)\b", re.IGNORECASE
)
_NAMED = re.compile(rb"(?<![\w$.`'\"])(?:`([^`\n]{1,64})`|([\w$]{1,64}))\s?\.\s?[`\w$]")


def kind_of(statement: bytes) -> str:
    """Return what a statement is, by its first bytes.

    `frame`: it begins or ends a transaction; `server`: it is about accounts, plugins or caches of
    the server, and no data depends on it; `change`: of rows; `ddl`: everything else.
    """
    at = 0
    while aside := _ASIDE.match(statement, at, HEAD):
        at = aside.end()
    for kind, pattern in (("frame", _FRAME), ("server", _SERVER), ("change", _CHANGES)):
        if pattern.match(statement, at, at + HEAD):
            return kind
    return "ddl"


def named_schemas(statement: bytes) -> Iterator[str]:
    """Yield what stands before a dot in the head of a statement: databases, and aliases too."""
    for match in _NAMED.finditer(statement, 0, HEAD):
        yield (match[1] or match[2]).decode("utf-8", "backslashreplace")
