"""What a site may have asked of its database and of its deployed files."""

import re
from typing import Any

from nexoaudit.model.assertion import DEMANDS
from nexoaudit.policy.values import text

_NOT_PLAIN = re.compile(r";|/\*|\binto\b|\bfor (?:update|share)\b|\block in\b|\bsleep ?\(")
"""What makes a SELECT more than a question."""


def select(value: Any) -> str:
    """Return one statement that reads and locks nothing; a session that may only read runs it."""
    words = text(value).lower().split()
    query = " ".join(words).removesuffix(";").rstrip()
    if words[:1] != ["select"] or _NOT_PLAIN.search(query):
        raise ValueError
    return str(value).strip().removesuffix(";").rstrip()


def demand(value: Any) -> str:
    """Return what an answer must be."""
    if value not in DEMANDS:
        raise ValueError
    return str(value)


def planting(value: Any) -> str:
    """Return one statement that has a place for a nonce."""
    statement = text(value).strip().removesuffix(";").rstrip()
    if ":nonce" not in statement or ";" in statement:
        raise ValueError
    return statement


def one_group(value: Any) -> str:
    """Return a regular expression with exactly one group."""
    try:
        groups = re.compile(text(value)).groups
    except re.error as error:
        raise ValueError from error
    if groups != 1:
        raise ValueError
    return str(value)
