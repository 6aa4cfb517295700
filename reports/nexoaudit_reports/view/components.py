"""The verdict per component: the matrix, and a section for each."""

from typing import NamedTuple

from nexoaudit.assess import COMPONENT_CONTROLS, SITE_CONTROLS, STANDING
from nexoaudit.model.copy import Copy
from nexoaudit.model.policy import Component
from nexoaudit.model.verdict import Verdict, alarm, worst
from nexoaudit.points import is_proven, is_usable
from nexoaudit_reports.view.cut import Cut, polled
from nexoaudit_reports.view.proof import Proof, Refs
from nexoaudit_reports.view.words import Words

_LINES = 6
"""Sentences of one control in one section: the exceptions hold the rest."""


class Mark(NamedTuple):
    """One field of the matrix."""

    status: str
    """A verdict's status; empty where the control does not apply."""
    word: str


class MatrixRow(NamedTuple):
    """One component."""

    component: str
    kind: str
    marks: tuple[Mark, ...]


class SitePart(NamedTuple):
    """One control of the site as a whole."""

    name: str
    mark: Mark
    says: tuple[str, ...]


class Matrix(NamedTuple):
    """Components against controls."""

    controls: tuple[tuple[str, bool], ...]
    """Names, and whether the control only informs."""
    rows: tuple[MatrixRow, ...]
    site: tuple[SitePart, ...]
    """What belongs to no component: the auditor itself first."""


class Line(NamedTuple):
    """One sentence of a verdict."""

    status: str
    word: str
    control: str
    text: str
    refs: Refs


class Place(NamedTuple):
    """One location of a component."""

    location: str
    medium: str
    domain: str
    offsite: bool
    copies: int
    proven: int
    newest: str
    newest_proven: str


class Section(NamedTuple):
    """One component in words."""

    component: str
    kind: str
    mark: Mark
    figures: tuple[tuple[str, str], ...]
    """Policy figures in force: label and value."""
    places: tuple[Place, ...]
    lines: tuple[Line, ...]


def matrix(cut: Cut, words: Words) -> Matrix:
    """Return one row per component of the policy, found or not."""
    rows = tuple(
        MatrixRow(
            component.id,
            words.named("kind", component.kind),
            tuple(mark(words, cut.of(component.id, control)) for control in COMPONENT_CONTROLS),
        )
        for component in cut.state.policy.components
    )
    return Matrix(
        tuple((words.control(name), name in STANDING) for name in COMPONENT_CONTROLS),
        rows,
        tuple(
            _site_part(cut, words, control)
            for control in ("auditor", *SITE_CONTROLS)
            if cut.of("", control)
        ),
    )


def _site_part(cut: Cut, words: Words, control: str) -> SitePart:
    verdicts = cut.of("", control)
    says = tuple(words.verdict(verdict) for verdict in verdicts)
    return SitePart(words.control(control), mark(words, verdicts), says)


def mark(words: Words, verdicts: tuple[Verdict, ...]) -> Mark:
    """Return the worst of some verdicts; that of none is an empty field."""
    if not verdicts:
        return Mark("", words.label("not_applicable"))
    status = worst(verdicts)
    return Mark(status.value, words.status(status))


def sections(cut: Cut, words: Words, proof: Proof) -> tuple[Section, ...]:
    """Return one section per component of the policy."""
    return tuple(
        Section(
            component.id,
            words.named("kind", component.kind),
            mark(words, polled(cut.of(component.id))),
            _figures(words, component),
            tuple(_place(cut, words, component, place) for place in component.locations),
            _lines(cut, words, proof, component),
        )
        for component in cut.state.policy.components
    )


def _lines(cut: Cut, words: Words, proof: Proof, component: Component) -> tuple[Line, ...]:
    lines: list[Line] = []
    for control in COMPONENT_CONTROLS:
        if control == "objectives":  # the arithmetic is in a chapter of its own, once
            continue
        verdicts = sorted(
            cut.of(component.id, control), key=lambda item: alarm(item.status), reverse=True
        )
        for verdict in verdicts[:_LINES]:
            refs = proof.cite(proof.entries(verdict))
            word = words.status(verdict.status)
            name = words.control(control)
            lines.append(Line(verdict.status.value, word, name, words.verdict(verdict), refs))
        if len(verdicts) > _LINES:
            more = words.label("component.more", count=len(verdicts) - _LINES)
            lines.append(Line("", "", words.control(control), more, Refs((), 0)))
    return tuple(lines)


def _figures(words: Words, component: Component) -> tuple[tuple[str, str], ...]:
    if not component.configured:
        return ()
    values = [("schedule", schedule(words, component))]
    if component.window:
        values.append(("window", component.window))
    if component.scheduled:
        values.append(("grace", words.span(component.grace_s * 1000)))
    if component.rpo_s:
        values.append(("rpo", words.span(component.rpo_s * 1000)))
    values.append(("rto", words.span(component.rto_s * 1000)))
    if not component.repository:
        values += [("keep", keep) for keep in _keeps(words, component)]
    if component.series:
        wanted = component.copies
        text = words.label(
            "policy.copies_of", total=wanted.total, media=wanted.media, offsite=wanted.offsite
        )
        values.append(("copies", text))
    if component.parts:
        values.append(("parts", ", ".join(component.parts)))
    if component.repository:
        values.append(("repository", component.repository))
    return tuple((words.label(f"policy.{name}"), value) for name, value in values)


def schedule(words: Words, component: Component) -> str:
    """Return a component's schedule as its cron expression or in words."""
    return component.schedule if component.scheduled else words.label("schedule.on_change")


def _keeps(words: Words, component: Component) -> list[str]:
    named = [(series.id, series.keep_s) for series in component.series]
    several = len(named) > 1
    return [
        (f"{name}: " if several else "")
        + (words.span(keep * 1000) if keep else words.label("keep.forever"))
        for name, keep in named or [("", component.keep_s)]
    ]


def _place(cut: Cut, words: Words, component: Component, place: str) -> Place:
    location = cut.state.policy.location(place)
    held: list[Copy] = [
        copy
        for series in component.series
        for copy in cut.state.copies.get((component.id, series.id, place), ())
        if copy.finished
    ]
    usable = [copy.time_ms for copy in held if is_usable(copy)]
    proven = [copy.time_ms for copy in held if is_proven(copy)]
    return Place(
        place,
        location.medium,
        location.failure_domain,
        location.offsite,
        len(held),
        len(proven),
        words.moment(max(usable, default=0)),
        words.moment(max(proven, default=0)),
    )
