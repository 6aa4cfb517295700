"""Waivers recorded: what is told now, or what is named, and nothing beyond it."""

from typing import NamedTuple

from nexoaudit import evidence
from nexoaudit.assess import COMPONENT_CONTROLS, SITE_CONTROLS, assess_components, assess_site
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.statements import Pen, Recorded, record
from nexoaudit.errors import ConfigError
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict, worst


class Deviation(NamedTuple):
    """What is to be waived, and who answers for it."""

    control: str
    component: str
    """Empty: of the site as a whole."""
    subject: str
    """Empty: whatever it is about."""
    reasons: tuple[str, ...]
    """Reason codes; empty: those of what is told now."""
    until_ms: int
    reason: str
    owner: str


def waive(session: Session, pen: Pen, deviation: Deviation) -> tuple[Recorded, tuple[Verdict, ...]]:
    """Record a waiver, publish, and return it with the verdicts it is about.

    It covers the reasons named, or those of the verdicts of now, up to the gravest of these: with
    nothing told now a failure may be waived in advance, by its reason code. Raise ConfigError for
    a control or component that does not exist or cannot be waived, and when there is nothing to
    waive; SignatureError as `statements.record`. Nothing is recorded then.
    """
    _refuse(session, deviation)
    now_ms = evidence.millis(session.clock())
    bare = session.recall()._replace(waivers=())
    told = [v for v in _judged(bare, deviation, now_ms) if _is_about(deviation, v)]
    if not told and not deviation.reasons:
        whose = deviation.component or "the site"
        raise ConfigError(
            (f"there is nothing to waive: {deviation.control} of {whose} is well, or not set up",)
        )
    reasons = sorted({*deviation.reasons, *(verdict.reason for verdict in told)})
    gravest = worst(tuple(told)) if told else Status.FAIL
    words = {
        "about": "waiver",
        **deviation._asdict(),
        "reasons": reasons,
        "status": gravest.value,
    }
    done = record(session, pen, words)
    verdicts = _judged(session.publish(), deviation, now_ms)
    return done, tuple(v for v in verdicts if v.facts.get("waiver") == done.id)


def _refuse(session: Session, deviation: Deviation) -> None:
    control, component = deviation.control, deviation.component
    if control == "auditor":
        raise ConfigError(("what the auditor says of itself cannot be waived",))
    known = COMPONENT_CONTROLS if component else SITE_CONTROLS
    if control not in known:
        of = "a component" if component else "the site as a whole: give --component, or"
        said = f"there is no control {control!r} of {of}; there are: {', '.join(known)}"
        raise ConfigError((said,))
    components = [item.id for item in session.policy.components]
    if component and component not in components:
        said = f"there is no component {component!r}; there are: {', '.join(components)}"
        raise ConfigError((said,))


def _judged(state: State, deviation: Deviation, now_ms: int) -> tuple[Verdict, ...]:
    controls = (deviation.control,)
    if not deviation.component:
        return assess_site(state, now_ms, controls)
    return assess_components(state, now_ms, controls=controls, components=(deviation.component,))


def _is_about(deviation: Deviation, verdict: Verdict) -> bool:
    return (
        verdict.status in {Status.WARN, Status.UNVERIFIED, Status.FAIL}
        and deviation.subject in {"", verdict.subject}
        and (not deviation.reasons or verdict.reason in deviation.reasons)
    )
