"""Passwords in commands: found, and left out of everything that is recorded."""

import re

HIDDEN = "***"

_OPTION = re.compile(
    r"(?i)(?<![\w-])(--?(?:[a-z-]*)(?:password|passwd|passphrase|secret|token)[=\s]\s*)"
    r"(\"[^\"]*\"|'[^']*'|\S+)"
)
_ASSIGNED = re.compile(
    r"(?i)(?<![\w-])(\w*(?:PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|SECRET_KEY|TOKEN)\w*=)"
    r"(\"[^\"]*\"|'[^']*'|\S+)"
)
_SHORT = re.compile(r"(?<![\w-])(-p)([^\s=-]\S*)")
_CLIENT = re.compile(r"\b(?:mysql|mariadb)\w*|\bmysqldump\b|\bmariadb-\w+")
_LOGIN = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)([^\s@/]+)(@)")
_NAME = re.compile(
    r"(?i)\w*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN)\w*|\w*_PASS|\w*_PWD|PASS|PGPASSWORD"
)
_HOLDER = re.compile(r"(?i)\w*(?:FILE|PATH|DIR|URL|NAME|USER|LENGTH|ID|COMMAND|CMD|HOST)")
_NOT_SECRET = re.compile(r"^[\"']?[$`<]|^[\"']{2}$|^/|^[\"']?/")
"""A variable, what a program prints, nothing, or a path."""


def redacted(command: str) -> str:
    """Return a command with every password in it replaced by `***`; variables stay."""
    said = _LOGIN.sub(rf"\g<1>{HIDDEN}\g<3>", command)
    said = _OPTION.sub(_hide, said)
    said = _ASSIGNED.sub(_hide, said)
    return _SHORT.sub(_hide, said) if _CLIENT.search(said) else said


def is_secret(name: str) -> bool:
    """Return whether a variable of that name holds a password, not where one is kept."""
    return _NAME.fullmatch(name) is not None and _HOLDER.fullmatch(name) is None


def is_literal(value: str) -> bool:
    """Return whether a value is a secret itself, not a variable or a path that holds one."""
    return bool(value) and _NOT_SECRET.match(value) is None


def _hide(found: re.Match[str]) -> str:
    return found[1] + HIDDEN if is_literal(found[2]) else found[0]
