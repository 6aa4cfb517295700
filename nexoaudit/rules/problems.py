"""How bad each problem is that verification can find in a copy."""

from types import MappingProxyType

from nexoaudit.model.copy import Copy
from nexoaudit.model.verdict import Status, alarm

_WARN = (
    "dump.two_headers",
    "sidecar.missing",
    "sidecar.other_name",
    "sidecar.rubbish",
    "stream.trailing_garbage",
    "tar.after_end",
    "time.content_after_name",
)
_UNVERIFIED = (
    "binlog.encrypted",
    "copy.refused",
    "copy.unproven",
    "dump.unprovable",
    "file.changed",
    "file.reader_died",
    "file.unreadable",
    "file.vanished",
    "sealed.no_key",
    "sidecar.unreadable",
    "stream.bomb",
    "stream.unsupported",
    "tree.unprovable",
)

SEVERITY = MappingProxyType(
    dict.fromkeys(_WARN, Status.WARN) | dict.fromkeys(_UNVERIFIED, Status.UNVERIFIED)
)
"""Problems that do not by themselves condemn a copy; every other one does."""


def severity(problem: str) -> Status:
    """Return the status that one problem deserves; an unknown problem is a failure."""
    return SEVERITY.get(problem, Status.FAIL)


def condition(copy: Copy) -> Status:
    """Return how one copy stands: `unverified` until its bytes have been read."""
    if not copy.problems:
        return Status.PASS if copy.verified_ms else Status.UNVERIFIED
    return max((severity(problem) for problem in copy.problems), key=alarm)


def leading_problem(copy: Copy) -> str:
    """Return the gravest problem of a copy that has at least one."""
    return max(copy.problems, key=lambda problem: alarm(severity(problem)))
