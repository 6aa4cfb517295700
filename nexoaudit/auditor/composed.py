"""The drills of a scenario as one: what was measured, what was reckoned, what would be lost."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import NamedTuple

from nexoaudit.auditor.scene import Part, Scene
from nexoaudit.model.drill import Drill, Step, Used
from nexoaudit.model.fact import Fact, Size, Span

GUIDE_PERCENT = MappingProxyType({"restore": 125, "replay": 200})
"""What the guide's `zcat | mysql` and `mariadb-binlog | mysql` take of our time for these steps of
a database. Side by side it was 125 for loading on an idle machine and 165 beside other work, and
from 130 to 300 for a replay. See benchmarks/drill_database.py and benchmarks/point_in_time.py."""


class Played(NamedTuple):
    """What came of restoring, whichever way; nothing where nothing was tried."""

    steps: tuple[Step, ...] = ()
    reckoned: tuple[Step, ...] = ()
    """What was not done and would have to be."""
    longer_ms: int = 0
    """How much longer databases would take the guide's way."""
    outcome: str = "unverified"
    reason: str = ""
    detail: str = ""
    problems: tuple[str, ...] = ()
    used: tuple[Used, ...] = ()
    size: int = 0
    serving: int | None = None
    """Whether the system served; None: nobody asked."""
    reached: tuple[tuple[str, int], ...] = ()
    """Up to when (ms) the logs that were replayed brought a component back."""
    logs_at: tuple[str, ...] = ()
    """Locations of binary logs that were to be replayed."""
    not_replayed: tuple[str, ...] = ()
    """Why no binary logs were, in words."""


def by_parts(found: Scene, drills: Sequence[Drill]) -> Played:
    """Return what came of drills of the parts, one after another; steps as `restore:database`."""
    done = list(zip(found.parts, drills, strict=True))
    outcome, reason, detail = _outcome(done)
    return Played(
        steps=tuple(
            step._replace(name=f"{step.name}:{part.name}")
            for part, drill in done
            for step in drill.steps
        ),
        reckoned=tuple(step for part, drill in done for step in _reckoned(part, drill)),
        longer_ms=sum(_longer_ms(drill) for part, drill in done if part.kind == "database"),
        outcome=outcome,
        reason=reason,
        detail=detail,
        problems=tuple(dict.fromkeys(code for _, drill in done for code in drill.problems)),
        used=tuple(_used(part, drill.sha256) for part, drill in done),
        size=sum(_size(drill) for drill in drills),
        reached=tuple(
            pair
            for part, drill in done
            if part.kind == "database"
            for pair in _reached(part, drill)
        ),
    )


def together(found: Scene, drill: Drill) -> Played:
    """Return what came of restoring all parts into one system."""
    restored = {(used.location, used.path): used.sha256 for used in drill.used}
    return Played(
        steps=drill.steps,
        longer_ms=_longer_ms(drill),
        outcome=drill.outcome,
        reason=drill.reason,
        detail=drill.detail,
        problems=drill.problems,
        used=tuple(
            _used(part, restored.get((part.copy.location, part.copy.path), ""))
            for part in found.parts
        ),
        size=_size(drill),
        serving=drill.measure("serving"),
        reached=tuple(
            pair
            for part in found.parts
            if part.kind == "database" and (part.copy.location, part.copy.path) in restored
            for pair in _reached(part, drill)
        ),
    )


def _longer_ms(drill: Drill) -> int:
    """Return how much longer the steps of a drill would take the guide's way."""
    return sum(
        step.duration_ms * (GUIDE_PERCENT[step.name] - 100) // 100
        for step in drill.steps
        if step.name in GUIDE_PERCENT
    )


def compose(found: Scene, played: Played, started_ms: int) -> Drill:
    """Return the drill of a scenario; its duration is the caller's to measure.

    Its measures are in ms: `measured_ms`, all steps one after another, of which
    `extrapolated_ms` were reckoned from a sample; `guide_ms`, an estimate of the same
    done the guide's way; `loses_ms`, and `loses.COMPONENT` of each.
    """
    measured_ms = sum(step.duration_ms for step in (*played.steps, *played.reckoned))
    places = {used.location for used in played.used}.union(played.logs_at)
    locations = ", ".join(sorted(places))
    measures: dict[str, Fact] = {
        "measured_ms": Span(measured_ms),
        "extrapolated_ms": Span(sum(step.duration_ms for step in played.reckoned)),
        "guide_ms": Span(measured_ms + played.longer_ms),
        "locations": locations,
        "rto_ms": Span(found.scenario.rto_s * 1000),
        **{f"declared.{name}": Span(s * 1000) for name, s in found.scenario.declared},
    }
    loses_ms = 0
    if played.used:
        loses = found.loses_ms(started_ms) | _lost(played, started_ms)
        asked = [ms for name, ms in loses.items() if found.state.policy.component(name).rpo_s]
        loses_ms = max(asked or loses.values())
        measures |= {f"loses.{name}": Span(ms) for name, ms in loses.items()}
        measures |= {"loses_ms": Span(loses_ms), "raw_bytes": Size(played.size)}
    if played.serving is not None:
        measures["serving"] = played.serving
    unvouched = bool(played.used and found.unvouched)
    noted = ("drill.not_replayed",) if played.not_replayed else ()
    result = Drill(
        "scenario",
        "",
        started_ms,
        measured_ms,
        played.outcome,
        played.reason,
        played.detail,
        location=locations,
        path=", ".join(used.path for used in played.used),
        point_ms=started_ms - loses_ms if played.used else 0,
        steps=(*played.steps, *played.reckoned),
        measures=tuple(sorted((name, value) for name, value in measures.items() if value != "")),
        problems=(*played.problems, *noted, *(("scenario.not_escrowed",) if unvouched else ())),
        scenario=found.scenario.id,
        used=played.used,
    )
    if unvouched and played.outcome == "pass":
        said = ", ".join(found.unvouched)
        return result._replace(outcome="unverified", reason="scenario.not_escrowed", detail=said)
    if noted and not result.reason:
        return result._replace(reason=noted[0], detail="; ".join(played.not_replayed))
    return result


def _lost(played: Played, now_ms: int) -> dict[str, int]:
    """Return by component how much (ms) was lost of what was restored; of two the newer counts."""
    found: dict[str, int] = {}
    for name, reach_ms in played.reached:
        lost_ms = max(0, now_ms - reach_ms)
        found[name] = min(lost_ms, found.get(name, lost_ms))
    return found


def _outcome(done: Sequence[tuple[Part, Drill]]) -> tuple[str, str, str]:
    """Return outcome, reason and detail: those of the worst part, which is named."""
    for outcome in ("fail", "unverified"):
        for part, drill in done:
            if drill.outcome == outcome:
                return outcome, drill.reason, f"{part.name}: {drill.detail}".rstrip(": ")
    return ("pass" if done else "unverified"), "", ""


def _reckoned(part: Part, drill: Drill) -> Iterator[Step]:
    """Yield what was not done and has to be: the rest of a sample."""
    whole = drill.measure("bytes")
    sampled = drill.measure("sampled_bytes") or drill.measure("restored_bytes")
    written_ms = sum(step.duration_ms for step in drill.steps if step.name == "restore")
    if part.kind != "database" and 0 < sampled < whole:
        yield Step(f"extrapolated:{part.name}", written_ms * (whole - sampled) // sampled)


def _reached(part: Part, drill: Drill) -> Iterator[tuple[str, int]]:
    """Yield up to when a component came back, by what was restored: no copy elsewhere counts."""
    replayed = any(step.name == "compare" and step.outcome == "pass" for step in drill.steps)
    reach_ms = drill.measure("reach_ms") if replayed else 0
    yield part.component.id, max(part.copy.time_ms, reach_ms)


def _used(part: Part, sha256: str) -> Used:
    copy = part.copy
    return Used(part.kind, part.component.id, copy.location, copy.path, sha256, copy.time_ms)


def _size(drill: Drill) -> int:
    return drill.measure("raw_bytes") or drill.measure("bytes")
