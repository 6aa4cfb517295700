"""The head of a runbook: what is lost, what comes back, how long it takes, what is not there."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from nexoaudit.model.moments import millis
from nexoaudit.outlook import survivors, undeclared
from nexoaudit.runbook.accounts import accounts_saved
from nexoaudit.runbook.database import databases
from nexoaudit.runbook.quoting import comment
from nexoaudit.runbook.situation import Situation
from nexoaudit.wording.values import write_moment, write_size, write_span


def head(situation: Situation, now: datetime, zone: tzinfo) -> Iterator[str]:
    """Yield the head as lines of comment."""
    state, found = situation.known, situation.scene
    scenario = found.scenario
    spared = ", ".join(place.id for place in survivors(state, scenario)) or "NOTHING"
    told = [
        f"RUNBOOK: {scenario.id} of {state.policy.site.name}",
        f"Written {write_moment(millis(now), zone)} {zone} from what was known "
        f"{write_moment(state.heartbeat_ms, zone)}.",
        f"Lost: {', '.join(scenario.destroys) or 'nothing'}. Left: {spared}. To be back within "
        f"{write_span(scenario.rto_s * 1000)}.",
        *_expected(situation, zone),
        *_newest(situation, now, zone),
    ]
    told += [f"MISSING, with no copy outside what is lost: {item}" for item in found.missing]
    told += [f"MISSING, with no copy yet that is known to be finished: {i}" for i in found.arriving]
    told += [
        f"NOBODY VOUCHES that the passphrase of {name} is kept elsewhere."
        for name in found.unvouched
    ]
    if not situation.host_stands and accounts_saved(situation, databases(situation)) is False:
        told += ["NO BACKUP HOLDS THE ACCOUNTS AND GRANTS: that of the application is made anew."]
    told += [
        f"Have ready: {', '.join(_asked(situation))}. To fetch: {write_size(_size(situation))}.",
        "Save it as a file and print it: the machine it was written on may be gone. Work from top "
        "to bottom in a shell of its own (type: bash), as root, one step after another; it ends at "
        "the first command that fails. Then find out why before you go on.",
    ]
    for text in told:
        yield from comment(text)
        yield "#"


def _expected(situation: Situation, zone: tzinfo) -> Iterator[str]:
    """Yield what the last good drill says of the time, and of what will be lost."""
    scenario, drill = situation.scene.scenario, situation.drill
    declared_ms = sum(seconds for _, seconds in scenario.declared) * 1000
    said = ", ".join(f"{name} {write_span(s * 1000)}" for name, s in scenario.declared)
    missing = ", ".join(undeclared(scenario))
    unknown = f" Nobody says how long this takes: {missing}." if missing else ""
    if drill is None:
        yield f"NEVER TRIED with success: no time was measured. Declared: {said or 'nothing'}."
        return
    measured_ms = drill.measure("measured_ms") or drill.duration_ms
    whole = write_span(declared_ms + (drill.measure("guide_ms") or measured_ms))
    yield (
        f"Expected: {whole} in all, by the drill of {write_moment(drill.started_ms, zone)} "
        f"({write_span(measured_ms)} measured; declared: {said or 'nothing'}).{unknown}"
    )


def _newest(situation: Situation, now: datetime, zone: tzinfo) -> Iterator[str]:
    """Yield up to which moment everything comes back."""
    loses = situation.scene.loses_ms(millis(now))
    if loses:
        said = (f"{name} {write_moment(millis(now) - ms, zone)}" for name, ms in loses.items())
        yield f"Comes back as it was: {', '.join(said)}."
        if situation.host_stands:
            yield (
                "If the damage is older than the dump of the database or the archive of files, "
                "they hold it: write this anew with --before, naming the moment of the damage."
            )


def _asked(situation: Situation) -> Iterator[str]:
    """Yield what the runbook asks for."""
    yield "the address of the health check (HEALTH_URL)"
    if situation.host_stands and situation.replays:
        yield "the moment just before the damage (STOP)"
    if not situation.host_stands:
        yield "the address of the new server (NEW_ADDRESS)"
        yield "what is marked `from escrow` below"


def _size(situation: Situation) -> int:
    logs = {copy.path: copy.size for run in situation.replays for copy in run.logs}
    return sum(part.copy.size for part in situation.parts) + sum(logs.values())
