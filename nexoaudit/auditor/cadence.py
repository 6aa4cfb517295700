"""Which drills are due, and running them where they are in no backup job's way."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple

from nexoaudit import evidence
from nexoaudit.auditor.quiet import is_quiet
from nexoaudit.auditor.session import Session
from nexoaudit.errors import WaitError
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Scenario
from nexoaudit.state.drills import decode_drill

EARLY_S = 7 * 86400
"""A recovery is tried again so long before the last one is too old, or half its period before."""

_AGAIN = MappingProxyType({"fail": timedelta(days=7), "unverified": timedelta(days=1)})
"""After what time a drill that did not pass is tried again by itself."""
SYSTEM_SUBJECT = "system::"
"""The ledger's name of the drills of the whole system."""
_UNKNOWN = timedelta(minutes=10)
"""How long a drill is thought to take that was never run."""
_TOLERANCE = timedelta(hours=1)
"""Slots are not a whole number of days apart when clocks change."""


class Planned(NamedTuple):
    """A drill that is to be run, and the subject under which the ledger has it."""

    subject: str
    run: Callable[[], Drill]


def run_planned(session: Session, planned: Iterable[Planned], since_ms: int) -> list[Drill]:
    """Run the drills that were not run since that moment, each when no backup window is near.

    Raise WaitError when the rest has to wait for one to close; what was run is recorded.
    """
    done = []
    for item in planned:
        last = _last(session).get(item.subject)
        if last is not None and last.started_ms >= since_ms:
            continue
        takes = _UNKNOWN if last is None else timedelta(milliseconds=last.duration_ms) * 3 / 2
        if not is_quiet(session.policy, session.clock(), takes):
            raise WaitError("a backup window is open, or opens before the drill would be done")
        done.append(item.run())
    return done


def due_scenarios(session: Session) -> list[Scenario]:
    """Return the scenarios that are to be tried again by now."""
    last = _last(session)
    return [
        scenario
        for scenario in session.policy.scenarios
        if _is_due(session, last.get(subject_of(scenario)))
    ]


def is_system_due(session: Session) -> bool:
    """Return whether the whole system is to be restored again: only where a command asks it.

    Without a health command, and with nobody who could say that it serves, it is not run by itself.
    """
    return bool(session.policy.drill.health) and _is_due(
        session, _last(session).get(SYSTEM_SUBJECT)
    )


def subject_of(scenario: Scenario) -> str:
    """Return the ledger's name of a scenario's drills."""
    return f"scenario:{scenario.id}:"


def _is_due(session: Session, last: Drill | None) -> bool:
    if last is None:
        return True
    period_s = session.policy.auditor.recovery_s
    early_s = min(EARLY_S, period_s // 2)
    wait = _AGAIN.get(last.outcome, timedelta(seconds=period_s - early_s)) - _TOLERANCE
    now = session.clock()
    started = evidence.moment(last.started_ms)
    return started > now or now - started >= wait  # one dated ahead proves nothing


def _last(session: Session) -> Mapping[str, Drill]:
    entries = session.ledger.latest(("drill",), size=session.ledger.size)
    return {entry.subject: decode_drill(entry.facts) for entry in entries}
