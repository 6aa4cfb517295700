"""A check's own limits on a count, in place of what the policy says of that control."""

from types import MappingProxyType
from typing import NamedTuple

from nexoaudit.model.verdict import Status, Verdict


class Limits(NamedTuple):
    """Thresholds of a check's `-w` and `-c`, in place of the policy's own.

    Ages, in milliseconds, are for `age` and the auditor; counts are for the other controls.
    """

    warn_ms: int | None = None
    fail_ms: int | None = None
    warn_count: int | None = None
    fail_count: int | None = None


NO_LIMITS = Limits()


class _Counted(NamedTuple):
    """Which verdicts a limit judges anew, and by what."""

    fact: str
    reasons: frozenset[str]
    """The reasons it applies to; empty: whatever failed."""
    least: bool
    """True when fewer than the limit is bad, False when more is."""
    broken: str
    """Reason of a verdict over the limit; empty: it keeps its own."""
    kept: str
    """Reason of a verdict within the limit."""


_COUNTS = MappingProxyType(
    {
        "checksum": _Counted("failed", frozenset(), False, "", "checksum.tolerated"),
        "copies": _Counted(
            "copies",
            frozenset({"copies.enough", "copies.short", "copies.older_short"}),
            True,
            "copies.below_limit",
            "copies.within_limit",
        ),
        "content": _Counted("found", frozenset(), False, "", "content.tolerated"),
        "retention": _Counted(
            "missing",
            frozenset({"retention.gap", "retention.frozen"}),
            False,
            "",
            "retention.tolerated",
        ),
        "schedule": _Counted(
            "missed",
            frozenset(
                {"schedule.missed", "schedule.stopped", "schedule.unreliable", "schedule.settled"}
            ),
            False,
            "",
            "schedule.tolerated",
        ),
        "storage": _Counted(
            "percent",
            frozenset({"storage.room", "storage.low"}),
            True,
            "storage.low",
            "storage.room",
        ),
    }
)

_UNCOUNTED = frozenset({"checksum.overdue"})
"""Reasons that no limit on a count is about."""


def limited(verdict: Verdict, warn: int | None, fail: int | None) -> Verdict:
    """Return the verdict as these limits make it; unchanged when they are not about it.

    `warn` and `fail` are counts: of failed copies, losses of content, missing points and missed
    slots the most that are accepted, of copies and of free room the least. With only one of
    them given the other grade does not occur.
    """
    counted = _COUNTS.get(verdict.control)
    if counted is None or verdict.reason in _UNCOUNTED or (warn is None and fail is None):
        return verdict
    count = verdict.facts.get(counted.fact)
    judged = verdict.reason in counted.reasons if counted.reasons else verdict.status is Status.FAIL
    if not judged or not isinstance(count, int):
        return verdict
    for status, limit in ((Status.FAIL, fail), (Status.WARN, warn)):
        if limit is not None and (count < limit if counted.least else count > limit):
            reason = counted.broken or verdict.reason
            return verdict._replace(
                status=status, reason=reason, facts={**verdict.facts, "limit": limit}
            )
    return verdict._replace(status=Status.PASS, reason=counted.kept)
