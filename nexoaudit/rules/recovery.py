"""Recovery of the whole: each scenario played, in time, from copies that it does not destroy."""

from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Fact, Moment, Span
from nexoaudit.model.policy import Scenario
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import cadence, exposure, surviving

CONTROL = "recovery"
KINDS = ("system", "scenario")
"""The kinds of drill that prove that the whole site comes back."""


def judge_site(
    state: State, now_ms: int, warn_ms: int | None = None, fail_ms: int | None = None
) -> tuple[Verdict, ...]:
    """Judge whether recovery was tested lately, and the newest drill of each scenario.

    `warn_ms` and `fail_ms` limit the age of these drills, in place of the policy's period. The
    first verdict is about the site as a whole; the subject of the others is the scenario, or
    `system`.
    """
    limits = cadence.Limits(state.policy.auditor.recovery_s * 1000, warn_ms, fail_ms)
    found = [_site(state, now_ms, limits)]
    found += [_scenario(state, item, now_ms, limits) for item in state.policy.scenarios]
    system = cadence.newest([drill for drill in state.drills if drill.kind == "system"])
    if system is not None:
        found.append(_system(system, now_ms, limits))
    return tuple(found)


def whole(state: State) -> list[Drill]:
    """Return the drills that restored the whole: of the system, and of scenarios there are."""
    known = {"", *(scenario.id for scenario in state.policy.scenarios)}
    return [drill for drill in state.drills if drill.kind in KINDS and drill.scenario in known]


def _site(state: State, now_ms: int, limits: cadence.Limits) -> Verdict:
    """Answer the guide's question: was recovery tested in the last 90 days?"""
    facts: dict[str, Fact] = {"within": Span(limits.allowed_ms)}
    past = [drill for drill in whole(state) if drill.started_ms <= now_ms + cadence.FUTURE_MS]
    good = cadence.newest_good(past)
    if good is not None:
        age = max(0, now_ms - good.started_ms)
        status = limits.status(age)
        reason = "recovery.tested" if status is Status.PASS else "recovery.lapsed"
        facts |= {"good": Moment(good.started_ms), "since": Span(age), "what": _name(good)}
        return Verdict(CONTROL, "", status, reason, facts)
    if not state.policy.scenarios and not past:
        return Verdict(CONTROL, "", Status.UNCONFIGURED, "recovery.unconfigured", facts)
    return Verdict(CONTROL, "", Status.UNVERIFIED, "recovery.never", facts)


def _scenario(state: State, scenario: Scenario, now_ms: int, limits: cadence.Limits) -> Verdict:
    drill = cadence.newest(
        [item for item in state.drills if item.kind == "scenario" and item.scenario == scenario.id]
    )
    facts: dict[str, Fact] = {"scenario": scenario.id}
    verdict = Verdict(CONTROL, "", Status.UNVERIFIED, "scenario.never", facts, scenario.id)
    if drill is None:
        return verdict
    facts |= _dated(drill, now_ms)
    if now_ms - drill.started_ms < -cadence.FUTURE_MS:
        return verdict._replace(reason="scenario.in_future")
    if drill.outcome != "pass":
        failed = drill.outcome == "fail"
        status = Status.FAIL if failed else Status.UNVERIFIED
        reason = "scenario.failed" if failed else "scenario.not_run"
        return verdict._replace(status=status, reason=reason)
    facts |= _figures(scenario, drill)
    status, reason = _judged(state, scenario, drill, facts, now_ms)
    if status is Status.PASS:
        status = limits.status(now_ms - drill.started_ms)
        reason = reason if status is Status.PASS else "scenario.overdue"
    return verdict._replace(status=status, reason=reason)


def _judged(
    state: State, scenario: Scenario, drill: Drill, facts: dict[str, Fact], now_ms: int
) -> tuple[Status, str]:
    """Judge a scenario whose drill went well by what it used, took and would have lost."""
    lost = [name for name in _used(drill) if not _spared(state, scenario, name)]
    if lost:
        facts["location"] = ", ".join(lost)
        return Status.UNVERIFIED, "scenario.other_copies"
    if int(facts["known"]) > scenario.rto_s * 1000:
        return Status.FAIL, "scenario.too_slow"
    beyond = _loses_too_much(state, scenario, drill, now_ms)
    if beyond:
        facts["components"] = ", ".join(beyond)
        return Status.FAIL, "scenario.loses"
    missing = [part for part in surviving.needed(scenario) if part not in dict(scenario.declared)]
    if missing:
        facts["missing"] = ", ".join(missing)
        return Status.UNVERIFIED, "scenario.undeclared"
    facts["takes"] = Span(int(facts["known"]))
    sampled = bool(drill.measure("extrapolated_ms"))
    return Status.PASS, "scenario.proven_by_sample" if sampled else "scenario.proven"


def _dated(drill: Drill, now_ms: int) -> dict[str, Fact]:
    return {
        "drilled": Moment(drill.started_ms),
        "age": Span(now_ms - drill.started_ms),
        "problem": drill.reason,
        "detail": drill.detail,
    }


def _figures(scenario: Scenario, drill: Drill) -> dict[str, Fact]:
    """Return the parts of the recovery time: measured, declared, and both as far as known."""
    measured_ms = drill.measure("measured_ms") or drill.duration_ms
    declared_ms = sum(seconds for _, seconds in scenario.declared) * 1000
    return {
        "rto": Span(scenario.rto_s * 1000),
        "rpo": Span(scenario.rpo_s * 1000),
        "measured": Span(measured_ms),
        "declared": Span(declared_ms),
        "known": Span(measured_ms + declared_ms),
        "guide": Span(declared_ms + (drill.measure("guide_ms") or measured_ms)),
        "extrapolated": Span(drill.measure("extrapolated_ms")),
        "loses": Span(drill.measure("loses_ms")),
    }


def _used(drill: Drill) -> list[str]:
    """Return the locations from which a drill took what it restored."""
    used = str(dict(drill.measures).get("locations", drill.location))
    return [name for name in used.split(", ") if name]


def _spared(state: State, scenario: Scenario, name: str) -> bool:
    return any(place.id == name for place in surviving.survivors(state, scenario))


def _loses_too_much(state: State, scenario: Scenario, drill: Drill, now_ms: int) -> list[str]:
    """Return the components of which more was lost than the schedule itself explains.

    Where the schedule cannot meet the RPO that is a standing finding of its own.
    """
    found = []
    for component in state.policy.components:
        loses_ms = drill.measure(f"loses.{component.id}")
        if loses_ms <= scenario.rpo_s * 1000 or not component.rpo_s:
            continue
        if loses_ms > _most_ms(state, scenario, component.id, now_ms):
            found.append(component.id)
    return found


def _most_ms(state: State, scenario: Scenario, name: str, now_ms: int) -> int:
    """Return how much of a component may be lost while all its jobs are on time."""
    component = state.policy.component(name)
    spared = [p for p in surviving.survivors(state, scenario) if p.id in component.locations]
    lags = [
        exposure.worst_lag_ms(state, component, place.id, now_ms)
        + (place.grace_s * 1000 if place.transfer else 0)
        for place in spared
    ]
    most_ms = max(scenario.rpo_s * 1000, min((lag for lag in lags if lag), default=0))
    return most_ms + component.grace_s * 1000


def _system(drill: Drill, now_ms: int, limits: cadence.Limits) -> Verdict:
    """Judge the newest drill of the whole system on its own."""
    age = now_ms - drill.started_ms
    facts = {**_dated(drill, now_ms), "measured": Span(drill.duration_ms)}
    verdict = Verdict(CONTROL, "", Status.PASS, "system.proven", facts, "system")
    if drill.outcome != "pass" or age < -cadence.FUTURE_MS:
        failed = drill.outcome == "fail" and age >= -cadence.FUTURE_MS
        status = Status.FAIL if failed else Status.UNVERIFIED
        return verdict._replace(
            status=status, reason="system.failed" if failed else "system.not_run"
        )
    if limits.status(age) is not Status.PASS:
        return verdict._replace(status=limits.status(age), reason="system.overdue")
    return verdict


def _name(drill: Drill) -> str:
    return drill.scenario or drill.kind
