"""The test restores of the period, with measured times."""

from typing import NamedTuple

from nexoaudit.assess import is_drilled
from nexoaudit.ledger import Entry
from nexoaudit.model.drill import CONTENTS, INTERNAL, Drill
from nexoaudit.model.verdict import Status
from nexoaudit.state.drills import decode_drill
from nexoaudit_reports.view.cut import Cut
from nexoaudit_reports.view.proof import Proof, Refs
from nexoaudit_reports.view.words import Words

_ROWS_OF = "rows."
"""Measures of single tables begin with this."""
_OF_EACH = ("declared", "loses")
"""Begin the measures of a scenario that it has for each part or component."""
_SHOWN = 40
"""Test restores printed in full; beyond it the newest, and a count."""


class StepLine(NamedTuple):
    """One timed part."""

    name: str
    time: str
    share: float
    """Of the whole restore, from 0 to 1."""
    status: str
    detail: str


class Restore(NamedTuple):
    """One test restore."""

    title: str
    status: str
    word: str
    started: str
    point: str
    location: str
    path: str
    measured: str
    """How long it took, and of what time."""
    used: float
    """Share of the RTO, from 0 up; above 1 the objective was missed."""
    used_text: str
    steps: tuple[StepLine, ...]
    measures: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]
    detail: str
    refs: Refs


class Restores(NamedTuple):
    """All of the period's."""

    passed: int
    total: int
    hidden: int
    items: tuple[Restore, ...]
    absent: tuple[str, ...]
    """Components that ought to have been restored, and were not."""


def restores(cut: Cut, words: Words, proof: Proof) -> Restores:
    """Return every test restore of the period, oldest first."""
    done = [(entry, decode_drill(entry.facts)) for entry in proof.drills]
    drilled = {drill.component for _, drill in done if drill.kind != CONTENTS}
    wanted = [item.id for item in cut.state.policy.components if is_drilled(item)]
    return Restores(
        sum(1 for _, drill in done if outcome(cut, drill) is Status.PASS),
        len(done),
        max(0, len(done) - _SHOWN),
        tuple(_restore(cut, words, proof, entry, drill) for entry, drill in done[-_SHOWN:]),
        tuple(name for name in wanted if name not in drilled),
    )


def outcome(cut: Cut, drill: Drill) -> Status:
    """Return how one test restore ended: slower than the objective is a failure."""
    if drill.outcome == "pass":
        limit_ms = rto_ms(cut, drill)
        return Status.FAIL if limit_ms and drill.duration_ms > limit_ms else Status.PASS
    return Status.FAIL if drill.outcome == "fail" else Status.UNVERIFIED


def rto_ms(cut: Cut, drill: Drill) -> int:
    """Return the recovery time objective of what was drilled in ms; 0 where there is none.

    A drill of contents alone has none: nobody recovers in that way.
    Of a scenario it leaves what people declare to take: the drill measures only the rest.
    """
    if drill.kind == CONTENTS:
        return 0
    for scenario in cut.state.policy.scenarios:
        if drill.scenario == scenario.id:
            declared_s = sum(seconds for _, seconds in scenario.declared)
            return max(1, scenario.rto_s - declared_s) * 1000
    for known in cut.state.policy.components:
        if known.id == drill.component:
            return known.rto_s * 1000
    return 0


def _restore(cut: Cut, words: Words, proof: Proof, entry: Entry, drill: Drill) -> Restore:
    status = outcome(cut, drill)
    limit_ms = rto_ms(cut, drill)
    used = drill.duration_ms / limit_ms if limit_ms else 0.0
    untimed = drill.kind == CONTENTS
    return Restore(
        title=_title(words, drill),
        status=status.value,
        word=words.label(f"restore.{status.value}"),
        started=words.moment(drill.started_ms),
        point=words.moment(drill.point_ms),
        location=drill.location,
        path=drill.path,
        measured=_measured(words, drill, limit_ms),
        used=used,
        used_text="" if untimed else words.label("restore.used", percent=_percent(used)),
        steps=_steps(words, drill),
        measures=_measures(words, drill),
        problems=tuple(words.problem(code) for code in drill.problems),
        detail=drill.detail,
        refs=proof.cite([entry]),
    )


def _title(words: Words, drill: Drill) -> str:
    kind, what = words.named("drill", drill.kind), drill.component or drill.scenario
    if not what:
        return words.label("restore.title_site", kind=kind)
    return words.label("restore.title", kind=kind, component=what)


def _measured(words: Words, drill: Drill, limit_ms: int) -> str:
    """Return how long it took, and of what."""
    absent = words.label("not_applicable")
    return words.label(
        "restore.time_left" if drill.scenario and limit_ms else "restore.time_value",
        time=absent if drill.kind == CONTENTS else words.span(drill.duration_ms),
        rto=words.span(limit_ms) if limit_ms else absent,
    )


def _steps(words: Words, drill: Drill) -> tuple[StepLine, ...]:
    whole = max(1, drill.duration_ms, sum(step.duration_ms for step in drill.steps))
    return tuple(
        StepLine(
            words.step(step.name),
            words.span(step.duration_ms),
            step.duration_ms / whole,
            step.outcome,
            step.detail,
        )
        for step in drill.steps
    )


def _measures(words: Words, drill: Drill) -> tuple[tuple[str, str], ...]:
    """Return what was found, the rows of single tables last; the RTO has a line of its own."""
    found = []
    for name, value in sorted(drill.measures, key=lambda item: item[0].startswith(_ROWS_OF)):
        label = words.named("measure", name)
        of, _, named = name.partition(".")
        if name.startswith(_ROWS_OF):
            label = words.label("measure.rows_of", table=named)
        elif of in _OF_EACH:
            label = words.label(f"measure.{of}_of", name=named)
        if value != "" and name != "rto_ms" and not name.startswith(INTERNAL):
            found.append((label, words.fact(value)))
    return tuple(found)


def _percent(share: float) -> str:
    percent = share * 100
    if percent >= 10:
        return f"{percent:.0f}"
    return f"{percent:.1f}" if percent >= 0.1 else "< 0.1"
