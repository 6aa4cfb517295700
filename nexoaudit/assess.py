"""The only caller of the rules: state and now in, verdicts out."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType

from nexoaudit.model.fact import Fact, Moment
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict, worst
from nexoaudit.rules import auditor
from nexoaudit.rules.limits import NO_LIMITS, limited
from nexoaudit.rules.limits import Limits as Limits  # noqa: PLC0414 - asked for from here

RULES_VERSION = "1"
"""Changes whenever the same evidence may lead to another verdict; printed in every report."""

COMPONENT_CONTROLS: Mapping[str, str] = MappingProxyType(
    {
        "age": "age:judge",
        "checksum": "checksum:judge",
        "copies": "copies:judge",
        "offsite": "offsite:judge",
        "retention": "retention:judge",
        "schedule": "schedule:judge",
        "content": "content:judge",
        "jobs": "jobs:judge",
        "logs": "logs:judge",
        "server": "server:judge",
        "binlog": "binlog:judge",
        "restore": "restore:judge",
        "exposure": "exposure:judge",
        "objectives": "exposure:objectives",
    }
)
"""Every control of a component, in the order in which people read them, and where its rule is."""

SITE_CONTROLS: Mapping[str, str] = MappingProxyType(
    {
        "storage": "storage:judge",
        "offsite": "offsite:judge_site",
        "recovery": "recovery:judge_site",
        "jobs": "jobs:judge_site",
        "logs": "logs:judge_site",
    }
)
"""What there is to say of the site as a whole: such verdicts name no component."""

_AGED = frozenset({"age", "binlog", "offsite", "restore"})
"""Controls whose limits are ages: their rules take them."""
_AGED_SITE = frozenset({"recovery"})

STANDING = frozenset({"exposure", "objectives"})
"""Controls that inform: reported always, polled by no check."""

_BY_PARTS = frozenset({"checksum", "copies", "content", "offsite"})
_NEEDS_ALL_LOCATIONS = frozenset({"checksum", "copies", "retention", "binlog", "offsite"})
_UNLOCATED = frozenset({"jobs", "logs", "server"})
"""Controls of the live system: they know themselves what follows from locations not listed."""


def assess_components(
    state: State,
    now_ms: int,
    *,
    controls: Iterable[str] = tuple(COMPONENT_CONTROLS),
    components: Iterable[str] = (),
    limits: Limits = NO_LIMITS,
) -> tuple[Verdict, ...]:
    """Judge components by the named controls; all components when none is named.

    Raise KeyError for a component or control that does not exist.
    """
    chosen = [state.policy.component(name) for name in components] or state.policy.components
    return tuple(
        verdict
        for component in chosen
        for control in controls
        for verdict in _judge(state, component, control, now_ms, limits)
    )


def assess_site(
    state: State,
    now_ms: int,
    controls: Iterable[str] = tuple(SITE_CONTROLS),
    *,
    subjects: Iterable[str] = (),
    limits: Limits = NO_LIMITS,
) -> tuple[Verdict, ...]:
    """Judge what belongs to no one component by the named controls, as far as they say anything.

    With `subjects` keep only what is about these.
    """
    chosen = frozenset(subjects)
    found = tuple(
        limited(verdict, limits.warn_count, limits.fail_count)
        for control in controls
        if control in SITE_CONTROLS
        for verdict in _of_site(state, control, now_ms, limits)
        if not chosen or verdict.subject in chosen
    )
    return _waived(state, found, now_ms)


def assess_auditor(
    state: State, now_ms: int, config_sha256: str | None, limits: Limits = NO_LIMITS
) -> tuple[Verdict, ...]:
    """Judge the auditor itself; see `rules.auditor.judge`."""
    return auditor.judge(state, now_ms, config_sha256, limits.warn_ms, limits.fail_ms)


def assess_staleness(state: State, now_ms: int) -> tuple[Verdict, ...]:
    """Return what forbids green while the auditor is dead or its clock is wrong; mostly nothing."""
    return auditor.stale(state, now_ms)


def is_drilled(component: Component) -> bool:
    """Return whether a test restore is asked for of a component of this kind."""
    from nexoaudit.rules.restore import drilled  # noqa: PLC0415 - no poll check asks

    return drilled(component)


def drill_of(component: Component) -> str:
    """Return the kind of drill that restores a component; empty: there is none."""
    from nexoaudit.rules.restore import DRILL_OF_KIND, drilled  # noqa: PLC0415 - no check asks

    return DRILL_OF_KIND[component.kind] if drilled(component) else ""


def _of_site(state: State, control: str, now_ms: int, limits: Limits) -> tuple[Verdict, ...]:
    rule = _rule(SITE_CONTROLS[control])
    if control in _AGED_SITE:
        return rule(state, now_ms, limits.warn_ms, limits.fail_ms)
    return rule(state, now_ms)


def _rule(name: str) -> Callable[..., tuple[Verdict, ...]]:
    """Return a rule; it is loaded when it is asked for: a poll check needs one of them."""
    module, _, function = name.partition(":")
    rule: Callable[..., tuple[Verdict, ...]] = getattr(
        import_module(f"nexoaudit.rules.{module}"), function
    )
    return rule


def _judge(
    state: State, component: Component, control: str, now_ms: int, limits: Limits
) -> tuple[Verdict, ...]:
    """Judge one component by one control; what is waived is waived last."""
    return _waived(state, _unwaived(state, component, control, now_ms, limits), now_ms)


def _waived(state: State, found: tuple[Verdict, ...], now_ms: int) -> tuple[Verdict, ...]:
    if not state.waivers:
        return found
    from nexoaudit.rules.waivers import waived  # noqa: PLC0415 - most sites have none

    return tuple(waived(state, verdict, now_ms) for verdict in found)


def _unwaived(
    state: State, component: Component, control: str, now_ms: int, limits: Limits
) -> tuple[Verdict, ...]:
    if not component.configured:
        return _unconfigured(component, control)
    rule = _rule(COMPONENT_CONTROLS[control])
    if control in _UNLOCATED:
        return rule(state, component, now_ms)
    if component.parts and control in _BY_PARTS:
        return _by_parts(state, component, control, now_ms, limits)
    blind = _blind(state, component, control)
    unseen = (state.failures.keys() - state.sweeps.keys()) & set(component.locations)
    blinded = unseen and (unseen == set(component.locations) or control == "copies")
    if blinded and control != "restore":
        return blind  # what is there is unknown: to say that nothing is would be a guess
    if control in _AGED:
        found = rule(state, component, now_ms, limits.warn_ms, limits.fail_ms)
    else:
        found = tuple(
            limited(verdict, limits.warn_count, limits.fail_count)
            for verdict in rule(state, component, now_ms)
        )
    return blind + tuple(verdict for verdict in found if verdict.subject not in unseen)


def _unconfigured(component: Component, control: str) -> tuple[Verdict, ...]:
    if not _asked(component, control):
        return ()
    return (Verdict(control, component.id, Status.UNCONFIGURED, "component.unconfigured"),)


def _asked(component: Component, control: str) -> bool:
    """Return whether a component that is not configured is to be told of by this control."""
    if control == "restore":
        return is_drilled(component)
    if control == "schedule":
        return component.scheduled
    if control == "binlog":
        return component.kind == "binlog"
    return control not in _UNLOCATED | STANDING


def _by_parts(
    state: State, component: Component, control: str, now_ms: int, limits: Limits
) -> tuple[Verdict, ...]:
    """Judge a component made of parts as its worst part."""
    found = tuple(
        verdict
        for part in component.parts
        for verdict in _judge(state, state.policy.component(part), control, now_ms, limits)
    )
    facts: dict[str, Fact] = {"parts": ", ".join(component.parts)}
    status = worst(found)
    if status is Status.WAIVED:
        waived = next(verdict.facts for verdict in found if verdict.status is status)
        facts |= {name: fact for name, fact in waived.items() if name.startswith("waive")}
    return (Verdict(control, component.id, status, "component.by_parts", facts),)


def _blind(state: State, component: Component, control: str) -> tuple[Verdict, ...]:
    """Return a verdict for each location that could not be listed: what is there is unknown."""
    failed = [place for place in component.locations if place in state.failures]
    if control == "binlog" and component.kind != "binlog":
        return ()
    if control == "offsite":
        failed = [place for place in failed if state.policy.location(place).offsite]
    if control == "schedule" and component.scheduled:
        from nexoaudit.rules.runs import made_at  # noqa: PLC0415 - other controls do not ask

        made = {place for series in component.series for place in made_at(state, series)}
        failed = [place for place in failed if place in made]
    elif control not in _NEEDS_ALL_LOCATIONS and not (
        control == "age" and len(failed) == len(component.locations)
    ):
        return ()
    return tuple(
        Verdict(
            control,
            component.id,
            Status.UNVERIFIED,
            state.failures[place].reason,
            {
                "location": place,
                "detail": state.failures[place].detail,
                "last": Moment(state.sweeps[place].finished_ms if place in state.sweeps else 0),
            },
            place,
        )
        for place in failed
    )
