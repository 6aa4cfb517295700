"""Exposure: how much would be lost now, and whether the policy can meet its own objectives."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from nexoaudit.model.fact import Moment, Span
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Component, Scenario
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import binlog, points, surviving

CONTROL = "exposure"
OBJECTIVES = "objectives"


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Report now minus the newest event that can be brought back; `warn` above RPO + grace.

    That is the newest usable point, or the end of binary logs proven to lead on from it.
    """
    if not component.rpo_s or not component.scheduled:
        return ()
    times = points.times(state, component)
    facts: dict[str, str | int] = {"rpo": Span(component.rpo_s * 1000)}
    if not times:
        return (Verdict(CONTROL, component.id, Status.FAIL, "exposure.none", facts),)
    newest = max(times[-1], binlog.recoverable_ms(state, component, now_ms))
    facts |= {"newest": Moment(newest), "exposure": Span(now_ms - newest)}
    breach = now_ms - newest > (component.rpo_s + component.grace_s) * 1000
    status, reason = (
        (Status.WARN, "exposure.breach") if breach else (Status.PASS, "exposure.within")
    )
    return (Verdict(CONTROL, component.id, status, reason, facts),)


def objectives(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Say where the schedule itself cannot meet a scenario's RPO, with the arithmetic.

    A standing finding about the policy, not about any backup: no check reports it.
    """
    if not component.rpo_s or not component.scheduled or not component.configured:
        return ()
    return tuple(
        verdict
        for scenario in state.policy.scenarios
        for verdict in _scenario(state, component, scenario, now_ms)
    )


def _scenario(
    state: State, component: Component, scenario: Scenario, now_ms: int
) -> tuple[Verdict, ...]:
    left = [
        location
        for location in component.locations
        if surviving.survives(state, scenario, state.policy.location(location))
    ]
    facts: dict[str, str | int] = {"scenario": scenario.id, "rpo": Span(scenario.rpo_s * 1000)}
    lags = [lag for place in left if (lag := worst_lag_ms(state, component, place, now_ms))]
    measured = _measured(state, component, scenario)
    if not left:
        reason, status = "objectives.nothing_survives", Status.FAIL
    elif not lags:
        reason, status = "objectives.unknown", Status.UNVERIFIED
    else:
        facts["worst"] = Span(min(lags))
        over = min(lags) > scenario.rpo_s * 1000
        reason = "objectives.rpo_exceeded" if over else "objectives.rpo_met"
        status = Status.WARN if over else Status.PASS
        if measured is not None:
            reason, facts = f"{reason}_measured", {**facts, **measured}
    return (Verdict(OBJECTIVES, component.id, status, reason, facts, scenario.id),)


def _measured(
    state: State, component: Component, scenario: Scenario
) -> dict[str, str | int] | None:
    """Return what the newest good drill of a scenario would have lost of a component."""
    name = f"loses.{component.id}"
    found = [
        drill
        for drill in state.drills
        if drill.scenario == scenario.id
        and drill.outcome == "pass"
        and name in dict(drill.measures)
    ]
    if not found:
        return None
    newest = max(found, key=lambda drill: drill.started_ms)
    return {"measured": Span(newest.measure(name)), "drilled": Moment(newest.started_ms)}


def worst_lag_ms(state: State, component: Component, location: str, now_ms: int) -> int:
    """Return how old the newest point there gets, in ms, when every job is on time; 0: unknown.

    By the wall clock: the night of 25 hours is no fault of the policy.
    """
    since = now_ms - 16 * points.DAY_MS
    slots = _walls(state, [s for s in state.slots.get(component.id, ()) if s > since])
    if not state.policy.location(location).transfer:
        return max((b - a for a, b in pairwise(slots)), default=0)
    worst = 0
    for transfer, following in pairwise(_walls(state, state.transfers.get(location, ()))):
        index = bisect_right(slots, transfer) - 1
        if index >= 0:
            worst = max(worst, following - slots[index])
    return worst


def _walls(state: State, moments: Sequence[int]) -> list[int]:
    """Return moments as the site's wall clock shows them, in milliseconds since an epoch of it."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - slow to load, and no poll check asks for this

    zone = ZoneInfo(state.policy.site.timezone)
    locals_ = (datetime.fromtimestamp(ms / 1000, zone).replace(tzinfo=UTC) for ms in moments)
    return sorted(millis(local) for local in locals_)
