"""The whole runbook of one scenario, from the first thing to stop to the last one to start."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from nexoaudit.auditor.scene import scene
from nexoaudit.model.drill import Drill
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Scenario
from nexoaudit.model.state import State
from nexoaudit.runbook import accounts as accounting
from nexoaudit.runbook import database, fetching, files, replaying
from nexoaudit.runbook.accounts import accounts, grants
from nexoaudit.runbook.database import databases
from nexoaudit.runbook.files import Files
from nexoaudit.runbook.head import head
from nexoaudit.runbook.machine import code, declared, health, provision, start_jobs, stop
from nexoaudit.runbook.quoting import word
from nexoaudit.runbook.situation import Situation
from nexoaudit.runbook.step import Step
from nexoaudit.wording.values import write_size, write_span

_KINDS = {"database", "uploads", "config"}


def write(state: State, scenario: Scenario, now: datetime, zone: tzinfo, before_ms: int = 0) -> str:
    """Return the commands that recover from a scenario now, as text for bash.

    With `before_ms` only backups of before that moment are used, for what was damaged then. All
    there is to know comes from the state: no network, no ledger, no configuration is needed.
    Nothing is run.
    """
    found = scene(_older(state, before_ms), scenario, millis(now))
    situation = Situation(state, found, _last_good(state, scenario))
    lines = [*head(situation, now, zone), ""]
    for number, step in enumerate(_steps(situation)):
        lines += step.lines(number)
    return "\n".join(lines)


def _older(state: State, before_ms: int) -> State:
    """Return the state without backups of that moment and later; binary logs hold both sides."""
    if not before_ms:
        return state
    kinds = {component.id: component.kind for component in state.policy.components}
    copies = {
        key: held
        if kinds.get(key[0]) == "binlog"
        else tuple(copy for copy in held if copy.time_ms < before_ms)
        for key, held in state.copies.items()
    }
    return state._replace(copies=copies)


def _last_good(state: State, scenario: Scenario) -> Drill | None:
    found = [
        drill
        for drill in state.drills
        if drill.kind == "scenario" and drill.scenario == scenario.id and drill.outcome == "pass"
    ]
    return max(found, key=lambda drill: drill.started_ms, default=None)


def _steps(situation: Situation) -> Iterator[Step]:
    bases = databases(situation)
    named = [base for base in bases if base.name]
    archives = [Files(situation, part) for part in situation.of_kind("uploads")]
    configurations: list[Files] = []
    yield Step("Names and tools", (), tuple(_preparation(situation)))
    if not situation.host_stands:
        yield provision(situation)
    yield stop(situation)
    if not situation.host_stands:
        configurations = [Files(situation, part) for part in situation.of_kind("config")]
    yield from _fetches(situation)
    yield from replaying.fetches(situation, tuple(named))
    if not situation.host_stands:
        yield from code(situation)
    yield from (item.configuration() for item in configurations)
    yield from (item.unpack() for item in archives)
    if bases and not situation.host_stands:
        yield accounts(situation, bases, (*configurations, *archives))
    yield from (item.load() for item in named)
    yield from (item.swap() for item in named)
    yield from () if situation.host_stands else grants(bases)
    yield from filter(None, (replaying.replays(situation, item) for item in named))
    yield from (item.lay("APPLICATION") for item in archives)
    yield health(situation)
    if not situation.host_stands:
        yield Step(
            "DNS",
            (
                "Only now: lead the users to the new address, and wait until they arrive there. "
                f"{declared(situation, 'dns')}",
            ),
        )
    yield start_jobs(situation)
    yield Step(
        "Tidy up",
        (
            "What was fetched and unpacked is personal data. The old database (its name ends in "
            "_before), the old files (.before) and the jobs kept apart (.jobs) stay until somebody "
            "is sure.",
        ),
        ('rm -rf -- "$WORK"',),
    )


def _preparation(situation: Situation) -> Iterator[str]:
    yield "set -euo pipefail"
    yield "umask 077"
    yield "WORK=${WORK:-/var/tmp/recovery}   # needs room for everything below, twice"
    yield "WEB=${WEB:-apache2}   # the web server's service"
    components = situation.known.policy.components
    deployed = next((item.deployed for item in components if item.deployed), "")
    if situation.of_kind("uploads") or any(item.repository for item in components):
        if deployed:
            yield f"APPLICATION=${{APPLICATION:-{word(deployed)}}}"
        yield ': "${APPLICATION:?set it to the directory of the application}"'
    yield ': "${HEALTH_URL:?set it to the address that answers only when the site is well}"'
    if situation.host_stands and situation.replays:
        yield ': "${STOP:?set it to the moment just before the damage, as 2026-11-20 14:29:59}"'
    if not situation.host_stands:
        yield "ROOT=${ROOT:-/}"
        yield "DATABASE=${DATABASE:-mariadb}   # the database server's service"
        yield ': "${NEW_ADDRESS:?set it to the address of the new server}"'
    used = [fetching.FUNCTIONS, database.FUNCTIONS, files.FUNCTIONS]
    used += [replaying.FUNCTIONS] if situation.replays else []
    used += [] if situation.host_stands else [accounting.FUNCTIONS]
    yield "# From here to the next step: functions for the steps below. Nothing happens yet."
    for functions in used:
        yield from functions.strip().splitlines()
    if situation.host_stands and situation.replays:
        yield replaying.stoppable(situation)
    for location in situation.places:
        yield from fetching.preparation(location)
    yield 'mkdir -p -m 700 -- "$WORK"'


def _fetches(situation: Situation) -> Iterator[Step]:
    """Yield the steps that bring everything here and verify it: nothing is overwritten before."""
    for part in situation.parts:
        if part.component.kind not in _KINDS:
            continue
        copy, fetch = part.copy, situation.fetch(part)
        told = f"{copy.path} at {copy.location}, {write_size(copy.size)}."
        took_ms = situation.took_ms(part, "fetch")
        if took_ms:
            told += f" Expected: {write_span(took_ms)}."
        yield Step(f"Fetch and verify {part.name}", (told,), tuple(fetch.commands()))
