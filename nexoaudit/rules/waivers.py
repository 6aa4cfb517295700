"""Waivers: a deviation that somebody answers for counts as waived until a given moment."""

from nexoaudit.model.fact import Fact, Moment
from nexoaudit.model.state import State
from nexoaudit.model.statement import SKEW_MS, Waiver, counts
from nexoaudit.model.verdict import Status, Verdict, alarm

WAIVABLE = frozenset({Status.WARN, Status.UNVERIFIED, Status.FAIL})
"""What is well needs no waiver, and what is not configured is to be configured, or taken out."""
NEVER = frozenset({"auditor"})
"""Controls that cannot be waived: who checks the checker must not be silenced."""


def waived(state: State, verdict: Verdict, now_ms: int) -> Verdict:
    """Return the verdict as waivers make it; unchanged where none is about it.

    One that has ended changes nothing: the facts then tell since when (`waiver_ended`).
    """
    if verdict.status not in WAIVABLE or verdict.control in NEVER:
        return verdict
    about = [item for item in state.waivers if covers(item, verdict, now_ms)]
    if not about:
        return verdict
    last = max(about, key=lambda item: item.until_ms)
    if last.until_ms <= now_ms:
        ended: dict[str, Fact] = {"waiver": last.id, "waiver_ended": Moment(last.until_ms)}
        return verdict._replace(facts={**verdict.facts, **ended})
    facts: dict[str, Fact] = {
        "waiver": last.id,
        "waiver_owner": last.owner,
        "waiver_reason": last.reason,
        "waiver_until": Moment(last.until_ms),
        "waived": verdict.status.value,
    }
    return verdict._replace(status=Status.WAIVED, facts={**verdict.facts, **facts})


def covers(waiver: Waiver, verdict: Verdict, now_ms: int) -> bool:
    """Return whether a waiver is about this verdict, whether it has ended or not.

    It is about the reasons it names and nothing graver: what else goes wrong is told as ever.
    """
    return (
        counts(waiver)
        and waiver.stated_ms <= now_ms + SKEW_MS
        and (waiver.control, waiver.component) == (verdict.control, verdict.component)
        and waiver.subject in {"", verdict.subject}
        and verdict.reason in waiver.reasons
        and alarm(verdict.status) <= alarm(Status(waiver.status))
    )
