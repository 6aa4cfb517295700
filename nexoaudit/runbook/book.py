"""The whole runbook of one scenario, from the first thing to stop to the last one to start."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from nexoaudit.auditor.scene import scene
from nexoaudit.model.drill import Drill
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Scenario
from nexoaudit.model.state import State
from nexoaudit.outlook import survivors, undeclared
from nexoaudit.runbook import database, fetching, files
from nexoaudit.runbook.database import Database, accounts
from nexoaudit.runbook.files import HELD, Files, jobs, timers
from nexoaudit.runbook.quoting import comment, word
from nexoaudit.runbook.situation import Situation
from nexoaudit.runbook.step import Step
from nexoaudit.wording.values import write_moment, write_size, write_span

_KINDS = {"database", "uploads", "config"}


def write(state: State, scenario: Scenario, now: datetime, zone: tzinfo) -> str:
    """Return the commands that recover from a scenario now, as text for bash.

    All there is to know comes from the state: no network, no ledger, no configuration is needed.
    Nothing is run.
    """
    found = scene(state, scenario, millis(now))
    situation = Situation(state, found, _last_good(state, scenario))
    lines = [*_head(situation, now, zone), ""]
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


def _head(situation: Situation, now: datetime, zone: tzinfo) -> Iterator[str]:
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
    told += [
        f"NOBODY VOUCHES that the passphrase of {name} is kept elsewhere."
        for name in found.unvouched
    ]
    told += [
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


def _steps(situation: Situation) -> Iterator[Step]:
    databases = [Database(situation, part) for part in situation.of_kind("database")]
    archives = [Files(situation, part) for part in situation.of_kind("uploads")]
    yield Step("Names and tools", (), tuple(_preparation(situation)))
    yield _stop(situation)
    if not situation.host_stands:
        yield _provision(situation)
    yield from _fetches(situation)
    if not situation.host_stands:
        yield from _code(situation)
    if not situation.host_stands:
        for part in situation.of_kind("config"):
            yield Files(situation, part).configuration()
    yield accounts(situation)
    yield from (item.load() for item in databases)
    yield from (item.unpack() for item in archives)
    yield from (item.swap() for item in databases)
    for item in databases:
        if (replayed := item.replay()) is not None:
            yield replayed
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
    if situation.of_kind("uploads"):
        deployed = next((c.deployed for c in situation.known.policy.components if c.deployed), "")
        if deployed:
            yield f"APPLICATION=${{APPLICATION:-{word(deployed)}}}"
        yield ': "${APPLICATION:?set it to the directory of the application}"'
    yield ': "${HEALTH_URL:?set it to the address that answers only when the site is well}"'
    if situation.host_stands and any(map(situation.logs, situation.of_kind("database"))):
        yield ': "${STOP:?set it to the moment just before the damage, as 2026-11-20 14:29:59}"'
    if not situation.host_stands:
        yield "ROOT=${ROOT:-/}"
        yield ': "${NEW_ADDRESS:?set it to the address of the new server}"'
    for location in _used(situation):
        if location.passphrase_file:
            name = fetching.passphrase_variable(location)
            yield f"{name}=${{{name}:-{word(location.passphrase_file)}}}   # from escrow"
        if location.bucket is not None and location.bucket.credentials_file:
            name = fetching.credentials_variable(location)
            yield f"{name}=${{{name}:-{word(location.bucket.credentials_file)}}}   # from escrow"
    yield 'mkdir -p -m 700 -- "$WORK"'
    yield from fetching.FUNCTIONS.splitlines()
    yield from database.FUNCTIONS.strip().splitlines()
    yield from files.FUNCTIONS.splitlines()


def _used(situation: Situation) -> list[Location]:
    used = {part.copy.location for part in situation.parts}
    for part in situation.of_kind("database"):
        run = situation.logs(part)
        used |= {copy.location for copy in run.logs} if run is not None else set()
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
            'git clone -- "$REPOSITORY" "${APPLICATION:?}"',
        ]
        if commit:
            commands.append(f'git -C "$APPLICATION" checkout --detach {word(commit)}')
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
