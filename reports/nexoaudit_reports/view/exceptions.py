"""The exceptions: every verdict that is not a pass, and the standing findings."""

from typing import NamedTuple

from nexoaudit.assess import STANDING
from nexoaudit.model.policy import Component
from nexoaudit.model.verdict import Status, Verdict, alarm
from nexoaudit_reports.view.components import schedule
from nexoaudit_reports.view.cut import Cut
from nexoaudit_reports.view.proof import Proof, Refs
from nexoaudit_reports.view.words import Words

LIMIT = 120
"""Exceptions printed; the gravest first, the others are counted."""
_SINCE = (
    "slot",
    "first",
    "older",
    "drilled",
    "changed",
    "finished",
    "last",
    "point",
    "oldest",
    "seen",
)
"""Facts that date what a verdict is about, the most telling first."""


class Problem(NamedTuple):
    """One verdict that is not a pass."""

    number: int
    status: str
    word: str
    component: str
    control: str
    fact: str
    criterion: str
    since: str
    refs: Refs


class Problems(NamedTuple):
    """All of them."""

    items: tuple[Problem, ...]
    hidden: tuple[tuple[str, int], ...]
    """Component and number of the ones that are not printed."""
    total: int


class Objective(NamedTuple):
    """A finding about the policy itself, or how much is exposed: it informs, no check polls it."""

    status: str
    word: str
    component: str
    text: str
    refs: Refs


def problems(cut: Cut, words: Words, proof: Proof) -> Problems:
    """Return every verdict that does not hold, but for findings about the policy itself."""
    found = _found(cut)
    found.sort(key=lambda verdict: alarm(verdict.status), reverse=True)
    hidden: dict[str, int] = {}
    for verdict in found[LIMIT:]:
        owner = words.about(verdict)
        hidden[owner] = hidden.get(owner, 0) + 1
    return Problems(
        tuple(_problem(cut, words, proof, n, v) for n, v in enumerate(found[:LIMIT], 1)),
        tuple(hidden.items()),
        len(found),
    )


def _found(cut: Cut) -> list[Verdict]:
    """Return what is not good; a component without locations once, not once per control."""
    found: list[Verdict] = []
    unconfigured: set[str] = set()
    for verdict in cut.verdicts:
        if verdict.status is Status.PASS or verdict.control == "objectives":
            continue
        if verdict.status is Status.UNCONFIGURED and verdict.component:
            if verdict.component in unconfigured:
                continue
            unconfigured.add(verdict.component)
        found.append(verdict)
    return found


def objectives(cut: Cut, words: Words, proof: Proof) -> tuple[Objective, ...]:
    """Return the standing controls' verdicts with their arithmetic, all of them."""
    return tuple(
        Objective(
            verdict.status.value,
            words.status(verdict.status),
            verdict.component,
            words.verdict(verdict),
            proof.cite(proof.entries(verdict)),
        )
        for verdict in cut.verdicts
        if verdict.control in STANDING
    )


def _problem(cut: Cut, words: Words, proof: Proof, number: int, verdict: Verdict) -> Problem:
    since_ms = _since_ms(proof, verdict)
    return Problem(
        number,
        verdict.status.value,
        words.status(verdict.status),
        words.about(verdict),
        words.label("exceptions.every")
        if verdict.status is Status.UNCONFIGURED and verdict.component
        else words.control(verdict.control),
        words.verdict(verdict),
        _criterion(cut, words, verdict),
        words.moment(since_ms) if since_ms > 0 else words.label("since.unknown"),
        proof.cite(proof.entries(verdict)),
    )


def _since_ms(proof: Proof, verdict: Verdict) -> int:
    if verdict.status is Status.UNCONFIGURED:
        return proof.policy.ts
    if verdict.subject and "path" in verdict.facts:
        return proof.first_seen(verdict)
    for name in _SINCE:
        fact = verdict.facts.get(name)
        if isinstance(fact, int) and fact > 0:
            return int(fact)
    return 0


def _criterion(cut: Cut, words: Words, verdict: Verdict) -> str:
    """Return what the policy asks for where the verdict says it is not so."""
    if not verdict.component:
        return words.label(f"criterion.{verdict.control}")
    component = cut.state.policy.component(verdict.component)
    if not component.configured:
        return words.label("criterion.configured")
    return words.label(_criterion_key(component, verdict), **_figures(words, component))


def _criterion_key(component: Component, verdict: Verdict) -> str:
    if verdict.control == "age":
        if component.repository:
            return "criterion.age.code"
        return "criterion.age" if component.scheduled else "criterion.age.on_change"
    return f"criterion.{verdict.control}"


def _figures(words: Words, component: Component) -> dict[str, str | int]:
    return {
        "schedule": schedule(words, component),
        "grace": words.span(component.grace_s * 1000),
        "rto": words.span(component.rto_s * 1000),
        "rpo": words.span(component.rpo_s * 1000),
        "total": component.copies.total,
        "media": component.copies.media,
        "offsite": component.copies.offsite,
    }
