"""Test restores of the whole site from its newest backups."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.auditor.drills import database_terms
from nexoaudit.auditor.filedrills import task_of
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.targets import SYSTEM, Choice, Target, targets
from nexoaudit.drill.files import Task
from nexoaudit.drill.onward import Onward
from nexoaudit.drill.system import Part, Plan, drill_system
from nexoaudit.model.drill import Drill
from nexoaudit.model.state import State

_PARTS = {"database": "database", "files": "files", "config": "config"}
"""Which part of a system each kind of drill restores."""
_ACCOUNTS = ("mysql.global_priv", "mysql.user")


def drill_site(session: Session, location: str = "") -> Drill:
    """Restore the newest of each part, record what came of it, publish, and return it.

    From `location` alone, if one is named.
    """
    state = session.recall()
    chosen, left_out = newest_of_each(targets(state, Choice(tuple(_PARTS), location=location)))
    component = next((item for item in state.policy.components if item.kind == SYSTEM), None)
    rto_s = 0 if component is None else component.rto_s
    result = restored_site(session, state, chosen, left_out, rto_s)
    session.append([evidence.drill_draft(result)])
    session.publish()
    return result


def restored_site(
    session: Session,
    state: State,
    chosen: Sequence[Target],
    left_out: tuple[str, ...],
    rto_s: int,
    onward: Mapping[str, Onward] = MappingProxyType({}),
) -> Drill:
    """Restore these parts together and return what came of it; nothing is recorded.

    `state` tells what its backups hold; `left_out` are the components no part is of. `onward` has
    by component what is replayed after its dump.
    """
    return drill_system(
        Plan(
            parts=tuple(_part(session, target, onward) for target in chosen),
            asked=session.policy.drill,
            saved=frozenset(_saved(state)),
            left_out=left_out,
            rto_s=rto_s,
        ),
        now=session.clock().astimezone(ZoneInfo(session.policy.site.timezone)),
        progress=lambda _size: session.beat(),
    )


def newest_of_each(found: Iterable[Target]) -> tuple[list[Target], tuple[str, ...]]:
    """Return the newest copy of each part, and the components that are left out.

    A part is the first component of its kind: of its series the one with the newest point.
    """
    newest: dict[str, Target] = {}
    left_out: dict[str, None] = {}
    for target in found:
        if target.copy is None:
            continue
        other = newest.setdefault(target.kind, target)
        if other.component.id != target.component.id:
            left_out[target.component.id] = None
        elif other.copy is not None and other.copy.time_ms < target.copy.time_ms:
            newest[target.kind] = target
    return list(newest.values()), tuple(left_out)


def _part(session: Session, target: Target, onward: Mapping[str, Onward]) -> Part:
    copy = target.copy
    if copy is None:
        raise ValueError(target.component.id)
    place = session.policy.location(copy.location)
    name = _PARTS[target.kind]
    if name == "database":
        terms = database_terms(session, target, copy)
        return Part(name, place, copy, terms, onward.get(target.component.id))
    with task_of(session, target, copy, whole=True) as task:
        # What is remembered of a tree's files counts for a drill of its own.
        return Part(name, place, copy, task=task._replace(known=Task().known))


def _saved(state: State) -> Iterator[str]:
    """Yield what the newest backups of the databases are known to hold beside tables."""
    of_databases = {item.id for item in state.policy.components if item.kind == "database"}
    for (component, _), history in state.histories.items():
        if component in of_databases:
            held = history.newest
            if held.facts.get("accounts") or any(held.counts.get(name) for name in _ACCOUNTS):
                yield "accounts"
            if history.newest.facts.get("schemas"):
                yield "charset"
