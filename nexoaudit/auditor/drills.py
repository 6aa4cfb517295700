"""Test restores of the newest usable recovery points, recorded."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.auditor.session import Session
from nexoaudit.drill.database import drill_database
from nexoaudit.drill.files import drill_files
from nexoaudit.drill.versions import Deployed
from nexoaudit.live.fits import read_code
from nexoaudit.locations.directory import locate
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Component, Policy, Series
from nexoaudit.model.state import State

DRILLS = ("database", "files")
"""The kinds of drill there are."""

_KIND_OF = {"database": "database", "uploads": "files"}


class Target(NamedTuple):
    """What one drill restores; no copy when there is no usable one."""

    kind: str
    component: Component
    series: Series
    copy: Copy | None


def targets(state: State, kinds: tuple[str, ...]) -> Iterator[Target]:
    """Yield the newest finished copy of each series that these drills can restore."""
    for component in state.policy.components:
        kind = _KIND_OF.get(component.kind)
        if kind in kinds:
            for series in component.series:
                if series.tree:
                    continue  # no drill restores a tree yet: restore says nothing of it either
                yield Target(kind, component, series, _newest(state, component, series))


def drill(session: Session, target: Target) -> Drill:
    """Restore the target in a sandbox, record what came of it, publish, and return it."""
    result = _absent(session, target) if target.copy is None else _run(session, target, target.copy)
    result = result._replace(series=target.series.id)
    session.append([evidence.drill_draft(result)])
    session.publish()
    return result


def _run(session: Session, target: Target, copy: Copy) -> Drill:
    path = locate(Path(session.policy.location(copy.location).path), copy.path)
    run: Callable[..., Drill] = drill_files
    if target.kind == "database":
        run = partial(drill_database, deployed=_deployed(session.policy, target.component.id))
    return run(
        path,
        copy,
        expect=target.component.expect,
        rto_s=target.component.rto_s,
        now=session.clock().astimezone(ZoneInfo(session.policy.site.timezone)),
        progress=lambda _size: session.beat(),
    )


def _deployed(policy: Policy, database: str) -> tuple[Deployed, ...]:
    """Return what is said of the version of the code that works on a database."""
    asked = [(item.id, item.schema) for item in policy.components if item.schema is not None]
    found = []
    for name, versions in asked:
        if versions.component == database:
            code = read_code(versions)
            found.append(Deployed(name, versions.sql, code.version, code.changed_ms))
    return tuple(found)


def _absent(session: Session, target: Target) -> Drill:
    now_ms = evidence.millis(session.clock())
    return Drill(target.kind, target.component.id, now_ms, 0, "fail", "drill.no_copy")


def _newest(state: State, component: Component, series: Series) -> Copy | None:
    """Return the newest finished copy, where points are made rather than transferred to if both.

    A copy that verification condemned is drilled all the same when it is the newest: a drill that
    stepped back to an older point would prove another thing than it says.
    """
    held = [
        copy
        for place in series.locations
        if state.policy.location(place).kind == "path"
        for copy in state.copies.get((component.id, series.id, place), ())
        if copy.finished and not copy.sealed
    ]
    return max(held, key=lambda copy: (copy.time_ms, _made_here(state.policy, copy)), default=None)


def _made_here(policy: Policy, copy: Copy) -> bool:
    return not policy.location(copy.location).transfer
