"""Integrity: is every copy that verification has read what was recorded, and whole?"""

from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Moment, Span
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict, alarm
from nexoaudit.rules import points
from nexoaudit.rules.problems import condition, leading_problem

CONTROL = "checksum"
SLACK_MS = 2 * points.DAY_MS
"""How long after the policy's interval a copy may wait to be read again: a night may fail."""


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Return one verdict per bad copy, worst and newest first, or one that all are sound."""
    if component.repository:
        return ()
    held = sorted(
        (copy for copy in points.copies(state, component) if copy.finished),
        key=lambda copy: copy.time_ms,
        reverse=True,
    )
    found = [
        *_bad(held, now_ms),
        *_identical(component, held),
        *_differing(state, component, held, now_ms),
        *_overdue(state, component, held, now_ms),
    ]
    found.sort(key=lambda verdict: alarm(verdict.status), reverse=True)
    verified = sum(1 for copy in held if condition(copy) is Status.PASS)
    counts: dict[str, str | int] = {
        "copies": len(held),
        "sound": verified,
        "failed": len({v.subject for v in found if v.subject and v.status is Status.FAIL}),
        "unread": sum(1 for copy in held if not copy.verified_ms),
    }
    if found:
        return tuple(
            verdict._replace(facts={**counts, **verdict.facts, "found": len(found)})
            for verdict in found
        )
    if not held:
        return (Verdict(CONTROL, component.id, Status.UNVERIFIED, "checksum.no_copies", counts),)
    return (Verdict(CONTROL, component.id, Status.PASS, "checksum.sound", counts),)


def _bad(held: list[Copy], now_ms: int) -> list[Verdict]:
    found = []
    for copy in held:
        status = condition(copy)
        if status is Status.PASS:
            continue
        if copy.problems:
            found.append(_about(copy, status, leading_problem(copy)))
        elif now_ms - copy.seen_ms > points.VERIFY_WITHIN_MS:
            found.append(_about(copy, Status.UNVERIFIED, "checksum.unread"))
    return found


def _identical(component: Component, held: list[Copy]) -> list[Verdict]:
    """Find dumps that are the very bytes of an older one: a dump names its own time."""
    if component.kind != "database":
        return []
    first: dict[tuple[str, str], Copy] = {}
    found = []
    for copy in reversed(held):
        if not copy.sha256 or not copy.content_ms:
            continue
        older = first.setdefault((copy.location, copy.sha256), copy)
        if older.time_ms != copy.time_ms:
            verdict = _about(copy, Status.FAIL, "checksum.identical")
            found.append(verdict._replace(facts={**verdict.facts, "older": older.path}))
    return found[::-1]


def _differing(state: State, component: Component, held: list[Copy], now_ms: int) -> list[Verdict]:
    """Find transferred copies whose bytes are not those of the sound copy they were made from."""
    origin = {
        (copy.series, points.name_of(copy)): copy
        for copy in held
        if not state.policy.location(copy.location).transfer and condition(copy) is Status.PASS
    }
    found = []
    for copy in held:
        made_from = origin.get((copy.series, points.name_of(copy)))
        if made_from is None or made_from.location == copy.location or not copy.sha256:
            continue
        if copy.sha256 == made_from.sha256 or condition(copy) is Status.FAIL:
            continue
        made_ms = _made_ms(held, made_from)
        if points.due_ms(state, component, copy.location, made_ms) < now_ms:
            found.append(_about(copy, Status.FAIL, "checksum.differs"))
    return found


def _made_ms(held: list[Copy], copy: Copy) -> int:
    """Return since when a copy has what is under its name: where names rotate, the last run."""
    if not copy.path.endswith("/") or copy.time_source == "name":
        return copy.mtime_ms
    beside = (copy.series, copy.location)
    return max(other.mtime_ms for other in held if (other.series, other.location) == beside)


def _overdue(state: State, component: Component, held: list[Copy], now_ms: int) -> list[Verdict]:
    """Find copies that were sound long ago, and that nobody has looked at since."""
    within_ms = state.policy.auditor.reverify_s * 1000
    read = [copy.verified_ms for copy in held if copy.verified_ms]
    overdue = [verified_ms for verified_ms in read if now_ms - verified_ms > within_ms + SLACK_MS]
    if not overdue:
        return []
    oldest_ms = min(overdue)
    status = Status.FAIL if now_ms - oldest_ms > 2 * within_ms + SLACK_MS else Status.WARN
    facts: dict[str, str | int] = {
        "overdue": len(overdue),
        "oldest": Moment(oldest_ms),
        "within": Span(within_ms),
    }
    return [Verdict(CONTROL, component.id, status, "checksum.overdue", facts)]


def _about(copy: Copy, status: Status, reason: str) -> Verdict:
    facts = {"path": copy.path, "location": copy.location}
    return Verdict(CONTROL, copy.component, status, reason, facts, f"{copy.location}:{copy.path}")
