"""The whole runbook of one scenario, from the first thing to stop to the last one to start."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from nexoaudit.auditor.scene import scene
from nexoaudit.model.drill import Drill
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Scenario
from nexoaudit.model.state import State
from nexoaudit.runbook import accounts as accounting
from nexoaudit.runbook import database, fetching, files, replaying
from nexoaudit.runbook.accounts import accounts, grants
from nexoaudit.runbook.database import databases
from nexoaudit.runbook.files import HELD, Files, jobs, timers
from nexoaudit.runbook.head import head
from nexoaudit.runbook.quoting import word
from nexoaudit.runbook.situation import Situation
from nexoaudit.runbook.step import Step
from nexoaudit.wording.values import write_size, write_span

_KINDS = {"database", "uploads", "config"}


def write(state: State, scenario: Scenario, now: datetime, zone: tzinfo) -> str:
    """Return the commands that recover from a scenario now, as text for bash.

    All there is to know comes from the state: no network, no ledger, no configuration is needed.
    Nothing is run.
    """
    found = scene(state, scenario, millis(now))
    situation = Situation(state, found, _last_good(state, scenario))
    lines = [*head(situation, now, zone), ""]
    for number, step in enumerate(_steps(situation)):
        lines += step.lines(number)
    return "\n".join(lines)


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
    yield _stop(situation)
    if not situation.host_stands:
        yield _provision(situation)
        configurations = [Files(situation, part) for part in situation.of_kind("config")]
    yield from _fetches(situation)
    yield from replaying.fetches(situation, tuple(named))
    if not situation.host_stands:
        yield from _code(situation)
    yield from (item.configuration() for item in configurations)
    yield from (item.unpack() for item in archives)
    if bases and not situation.host_stands:
        yield accounts(situation, bases, (*configurations, *archives))
    yield from (item.load() for item in named)
    yield from (item.swap() for item in named)
    yield from () if situation.host_stands else grants(bases)
    yield from filter(None, (replaying.replays(situation, item) for item in named))
    yield from (item.lay("APPLICATION") for item in archives)
    yield _health(situation)
    if not situation.host_stands:
        yield Step(
            "DNS",
            (
                "Only now: lead the users to the new address, and wait until they arrive there. "
                f"{_declared(situation, 'dns')}",
            ),
        )
    yield _start_jobs(situation)
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
        yield ': "${NEW_ADDRESS:?set it to the address of the new server}"'
    used = [fetching.FUNCTIONS, database.FUNCTIONS, files.FUNCTIONS]
    used += [replaying.FUNCTIONS] if situation.replays else []
    used += [] if situation.host_stands else [accounting.FUNCTIONS]
    for functions in used:
        yield from functions.strip().splitlines()
    for location in _used(situation):
        yield from fetching.preparation(location)
    yield 'mkdir -p -m 700 -- "$WORK"'


def _used(situation: Situation) -> list[Location]:
    used = {part.copy.location for part in situation.parts}
    used |= {run.holding[2] for run in situation.replays}
    return [place for place in situation.known.policy.locations if place.id in used]


def _stop(situation: Situation) -> Step:
    stops = " ".join(["cron.service", *map(word, timers(situation))])
    return Step(
        "Stop every job and transfer, before anything else",
        (
            "A backup of the damage, or a transfer that deletes what is missing here, would take "
            "the copies that everything below needs. Stop what runs on other machines, too.",
        ),
        (
            *jobs(situation),
            f"systemctl stop {stops}",
            'systemctl stop "$WEB"',
        ),
    )


def _provision(situation: Situation) -> Step:
    tools = "bash, coreutils, tar, gzip, gnupg, mariadb-server, curl, and what the commands name"
    return Step(
        "A new server",
        (
            "Same distribution and versions as before, the web server and its modules, a database "
            f"server with nothing in it, and: {tools}. Do not start cron. "
            f"{_declared(situation, 'provisioning')}",
        ),
        (
            "for tool in sha256sum tar mariadb mariadb-dump mariadb-binlog curl; do",
            '  command -v "$tool" > /dev/null || { echo "STOP: install $tool" >&2; exit 1; }',
            "done",
        ),
    )


def _code(situation: Situation) -> Iterator[Step]:
    """Yield the step that brings the application's code back, where it has a repository."""
    for component in situation.known.policy.components:
        if not component.repository:
            continue
        change = situation.known.changes.get(component.id)
        commit = change.detail if change is not None and change.saved else ""
        commands = [
            f"REPOSITORY=${{REPOSITORY:-{word(component.repository)}}}   # or a clone elsewhere",
            '(umask 022; git clone --quiet -- "$REPOSITORY" "$APPLICATION")',
        ]
        if commit:
            asked = f"checkout --quiet --detach {word(commit)}"
            commands.append(f'(umask 022; git -C "$APPLICATION" {asked})   # as deployed')
        yield Step(f"Application code ({component.id})", (), tuple(commands))


def _declared(situation: Situation, part: str) -> str:
    seconds = dict(situation.scene.scenario.declared).get(part)
    if seconds is None:
        return "Nobody has said how long this takes."
    return f"Declared to take {write_span(seconds * 1000)}."


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


def _health(situation: Situation) -> Step:
    there = "" if situation.host_stands else ' --connect-to "::$NEW_ADDRESS:"'
    return Step(
        "Start, and ask the new place itself whether it is well",
        ("The question goes to the new address, whatever DNS still says.",)
        if there
        else ("Ask before anybody is let in again.",),
        (
            'systemctl start "$WEB"',
            f'curl --fail --silent --show-error --max-time 60{there} "$HEALTH_URL"',
        ),
    )


def _start_jobs(situation: Situation) -> Step:
    starts = " ".join(["cron.service", *map(word, timers(situation))])
    why = [
        "First the backup jobs, by hand, and look at what they made. A transfer with --delete only "
        "with --dry-run, until it would delete nothing that is needed."
    ]
    commands = [*jobs(situation)]
    if situation.host_stands:
        commands.append(f"# systemctl start {starts}")
    else:
        why.append(
            "What was kept apart of the configuration is put back by hand, when you are sure."
        )
        commands.append(f"if [ -d {HELD} ]; then find {HELD} -type f; fi")
        commands.append(f"# systemctl start {starts}")
    return Step("Jobs and transfers, last", tuple(why), tuple(commands))
