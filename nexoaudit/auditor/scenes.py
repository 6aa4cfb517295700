"""The drill of a scenario: what it leaves is fetched, opened and restored, against the clock."""

import time

from nexoaudit import evidence
from nexoaudit.auditor.composed import Played, by_parts, compose, together
from nexoaudit.auditor.drills import restored
from nexoaudit.auditor.leading import leads_on
from nexoaudit.auditor.scene import Scene, outliving, scene
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.systems import newest_of_each, restored_site
from nexoaudit.drill.onward import Onward
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Scenario
from nexoaudit.model.state import State
from nexoaudit.outlook import spares_host

_SYSTEM = {"config", "database", "files"}


def play(session: Session, scenario: Scenario) -> Drill:
    """Recover from a scenario with the copies it leaves, record what came of it, publish.

    Where something is missing nothing is restored: the drill fails and names it. It is unverified
    where nothing is missing but what has only just begun to lie there.
    """
    begin, started_ms = time.monotonic(), evidence.millis(session.clock())
    known = session.recall()
    found = scene(known, scenario, started_ms)
    wrong = _hopeless(found)
    played = Played() if wrong else _restore(session, known, found)
    result = compose(found, played, started_ms)._replace(
        duration_ms=round((time.monotonic() - begin) * 1000)
    )
    if wrong:
        outcome, reason, detail = wrong
        result = result._replace(outcome=outcome, reason=reason, detail=detail, problems=(reason,))
    session.append([evidence.drill_draft(result)])
    session.publish()
    return result


def _restore(session: Session, known: State, found: Scene) -> Played:
    """Restore what is left: the one place that runs a scenario's drills.

    A lost machine is restored as one system where policy has a command that says whether it
    serves, else part by part.
    """
    rto_s = found.scenario.rto_s
    leads = [leads_on(known, found, part) for part in found.parts]
    onward = {
        part.component.id: lead
        for part, lead in zip(found.parts, leads, strict=True)
        if isinstance(lead, Onward)
    }
    targets = [part.target(known, rto_s) for part in found.parts]
    whole = not spares_host(found.scenario) and session.policy.drill.health
    if whole and {target.kind for target in targets} == _SYSTEM:
        chosen, left_out = newest_of_each(targets)
        result = restored_site(session, found.state, chosen, left_out, rto_s, onward)
        played = together(found, result)
    else:
        played = by_parts(
            found,
            [
                restored(session, target, onward=onward.get(target.component.id))
                for target in targets
            ],
        )
    return played._replace(
        logs_at=tuple(sorted({lead.location.id for lead in onward.values()})),
        not_replayed=tuple(dict.fromkeys(lead for lead in leads if isinstance(lead, str) and lead)),
    )


def _hopeless(found: Scene) -> tuple[str, str, str] | None:
    """Return why nothing needs to be tried: outcome, reason code, words; None: something does."""
    if found.missing:
        left = outliving(found.state, found.scenario)
        said = f"{'; '.join(found.missing)}; what outlives it: {left}"
        return "fail", "scenario.nothing_outside", said
    if found.arriving:
        return "unverified", "drill.unfinished", "; ".join(found.arriving)
    if not found.parts:
        return "fail", "scenario.no_components", ""
    return None
