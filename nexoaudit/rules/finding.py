"""One thing that a rule about content found."""

from collections.abc import Iterable
from typing import NamedTuple

from nexoaudit.model.fact import Facts
from nexoaudit.model.verdict import NO_FACTS, Status

_NAMED = 5


class Finding(NamedTuple):
    """What is wrong, or worth a note, with what a recovery point holds."""

    status: Status
    """`pass` for a note."""
    reason: str
    facts: Facts = NO_FACTS


def failed(reason: str, **facts: str | int) -> Finding:
    """Return a finding that fails its control."""
    return Finding(Status.FAIL, reason, facts)


def warned(reason: str, **facts: str | int) -> Finding:
    """Return a finding that warns."""
    return Finding(Status.WARN, reason, facts)


def unverified(reason: str, **facts: str | int) -> Finding:
    """Return a finding that something could not be established."""
    return Finding(Status.UNVERIFIED, reason, facts)


def noted(reason: str, **facts: str | int) -> Finding:
    """Return a note."""
    return Finding(Status.PASS, reason, facts)


def listed(names: Iterable[str]) -> str:
    """Return the first few names in order, and how many more there are."""
    found = sorted(names)
    more = len(found) - _NAMED
    return ", ".join(found[:_NAMED]) + (f", +{more}" if more > 0 else "")


def is_loss(finding: Finding) -> bool:
    """Return whether a finding says that something is wrong, as against a note."""
    return finding.status is not Status.PASS
