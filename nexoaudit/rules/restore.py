"""Test restores of one component: was the newest one recent enough, good, and fast enough?"""

from collections.abc import Iterator
from functools import partial
from types import MappingProxyType

from nexoaudit.model.drill import CONTENTS, Drill
from nexoaudit.model.fact import Fact, Moment, Span
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import cadence, points

CONTROL = "restore"

DRILL_OF_KIND = MappingProxyType(
    {
        "database": "database",
        "uploads": "files",
        "config": "config",
        "binlog": "point-in-time",
    }
)
"""The kind of drill that proves a kind of component: asked for, run or not."""

_OUTCOMES = MappingProxyType(
    {
        "pass": (Status.PASS, "restore.proven"),
        "fail": (Status.FAIL, "restore.failed"),
    }
)


def judge(
    state: State,
    component: Component,
    now_ms: int,
    warn_ms: int | None = None,
    fail_ms: int | None = None,
) -> tuple[Verdict, ...]:
    """Judge the newest drill of each kind of each series of a component.

    Nothing is said of kinds that no drill restores. `warn_ms` and `fail_ms` limit the
    age of the newest drill, in place of the auditor's schedule.
    """
    limits = cadence.Limits(cadence.allowed_ms(state), warn_ms, fail_ms)
    databases = _databases(state, component)
    found: list[Verdict] = []
    for kind in _kinds(state, component):
        judged = partial(_newest, state, kind=kind, now_ms=now_ms, limits=limits)
        for database in databases:
            each = points.by_series(component, partial(judged, database=database))
            found += each if len(databases) < 2 else [_of(verdict, database) for verdict in each]
    return (*found, *_contents(state, component, now_ms))


def _contents(state: State, component: Component, now_ms: int) -> Iterator[Verdict]:
    """Yield what is known of the contents alone, where that is newer than the last test restore.

    How long such a drill took, and how old it is, is nothing to go by: it proves no recovery.
    """
    for series in component.series:
        of_series = component._replace(series=(series,))
        drill = cadence.newest(_drills(state, of_series, CONTENTS))
        if drill is None or drill.outcome not in _OUTCOMES:
            continue
        main = cadence.newest(_drills(state, of_series, DRILL_OF_KIND.get(component.kind, "")))
        since_ms = 0 if main is None else main.started_ms
        if not since_ms < drill.started_ms <= now_ms + cadence.FUTURE_MS:
            continue
        status, reason = _OUTCOMES[drill.outcome]
        facts: dict[str, Fact] = {
            "drill": CONTENTS,
            "drilled": Moment(drill.started_ms),
            "point": Moment(drill.point_ms),
            "problem": drill.reason,
            "detail": drill.detail,
        }
        subject = CONTENTS
        if len(component.series) > 1:
            facts["series"] = series.id
            subject = f"{CONTENTS}:{series.id}"
        reason = "restore.contents" if status is Status.PASS else reason
        yield Verdict(CONTROL, component.id, status, reason, facts, subject)


def _databases(state: State, component: Component) -> tuple[str, ...]:
    """Return what comes back with a component, each in drills of its own; empty: only itself."""
    if component.kind != "binlog":
        return ("",)
    return tuple(part.id for part in state.policy.components if part.kind == "database")


def _of(verdict: Verdict, database: str) -> Verdict:
    """Return a verdict on the logs of several databases as that on one of them."""
    subject = ":".join(filter(None, (database, verdict.subject)))
    return verdict._replace(subject=subject, facts={**verdict.facts, "database": database})


def drilled(component: Component) -> bool:
    """Return whether there is a drill for a component."""
    return component.kind in DRILL_OF_KIND


def _kinds(state: State, component: Component) -> Iterator[str]:
    """Yield the kinds of drill to judge: those asked for, and whatever else was run."""
    if drilled(component):
        yield DRILL_OF_KIND[component.kind]
    run = {drill.kind for drill in state.drills if drill.component == component.id}
    yield from sorted(run - {*DRILL_OF_KIND.values(), CONTENTS})


def _newest(
    state: State,
    component: Component,
    *,
    kind: str,
    now_ms: int,
    limits: cadence.Limits,
    database: str,
) -> Verdict:
    main = DRILL_OF_KIND.get(component.kind) == kind
    found = [drill for drill in _drills(state, component, kind) if drill.of == database]
    drill = cadence.newest(found)
    facts: dict[str, Fact] = {} if main else {"drill": kind}
    verdict = Verdict(
        CONTROL, component.id, Status.UNVERIFIED, "restore.never", facts, "" if main else kind
    )
    if drill is None:
        return verdict
    age = now_ms - drill.started_ms
    facts |= {"drilled": Moment(drill.started_ms)}
    if age < -cadence.FUTURE_MS:
        return verdict._replace(reason="restore.in_future", facts=facts)
    facts |= {"age": Span(age), **measured(drill, component.rto_s)}
    status, reason = _OUTCOMES.get(drill.outcome, (Status.UNVERIFIED, "restore.not_run"))
    good = cadence.newest_good(found)
    if status is Status.PASS and drill.measure("exact_tables"):
        reason, facts["exact"] = "restore.exact", drill.measure("exact_tables")
    if status is Status.PASS and drill.duration_ms > component.rto_s * 1000:
        status, reason = Status.FAIL, "restore.too_slow"
    elif status is Status.PASS and limits.status(age) is not Status.PASS:
        status, reason = limits.status(age), "restore.overdue"
    elif status is Status.UNVERIFIED and good is not None:
        reason, facts["good"] = "restore.not_run_again", Moment(good.started_ms)
    return verdict._replace(status=status, reason=reason, facts=facts)


def measured(drill: Drill, rto_s: int) -> dict[str, Fact]:
    """Return what a drill measured, as facts; how much was lost where its point is known."""
    newest_ms = drill.measure("reach_ms") or drill.measure("newest_ms") or drill.point_ms
    facts: dict[str, Fact] = {
        "duration": Span(drill.duration_ms),
        "takes": Span(drill.duration_ms),
        "rto": Span(rto_s * 1000),
        "point": Moment(drill.point_ms),
        "problem": drill.reason,
        "detail": drill.detail,
    }
    if newest_ms:
        facts["loses"] = Span(max(0, drill.started_ms - newest_ms))
    return facts


def _drills(state: State, component: Component, kind: str) -> list[Drill]:
    """Return the drills of a component of at most one series."""
    series = {"", *(item.id for item in component.series)}
    return [
        drill
        for drill in state.drills
        if drill.component == component.id and drill.kind == kind and drill.series in series
    ]
