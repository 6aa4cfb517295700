"""The steps around the data: what must stop, the new server, its code, and what starts again."""

from collections.abc import Iterator

from nexoaudit.runbook.files import HELD, jobs, timers
from nexoaudit.runbook.quoting import word
from nexoaudit.runbook.situation import Situation
from nexoaudit.runbook.step import Step
from nexoaudit.wording.values import write_span


def stop(situation: Situation) -> Step:
    """Return the step that stops whatever works on backups, and the web server."""
    # A new server has no timers yet: they lie in the configuration that is to come.
    units = ["cron.service", *(map(word, timers(situation)) if situation.host_stands else ())]
    return Step(
        "Stop every job and transfer, before anything else",
        (
            "A backup of the damage, or a transfer that deletes what is missing here, would take "
            "the copies that everything below needs. Stop what runs on other machines, too.",
        ),
        (
            *jobs(situation),
            f"systemctl stop {' '.join(units)}",
            'systemctl stop "$WEB"',
        ),
    )


def provision(situation: Situation) -> Step:
    """Return the step that asks for a new server, and looks whether it has the tools."""
    tools = ["awk", "curl", "gpg", "mariadb", "mariadb-binlog", "mariadb-dump", "sha256sum", "tar"]
    kinds = {place.kind for place in situation.places}
    tools += ["aws"] if "s3" in kinds else []
    tools += ["scp"] if "ssh" in kinds else []
    repositories = any(item.repository for item in situation.known.policy.components)
    tools += ["git"] if repositories else []
    return Step(
        "A new server",
        (
            "Same distribution and versions as before, the web server and its modules, a database "
            "server with nothing in it, and the tools below. "
            f"{declared(situation, 'provisioning')}",
        ),
        (
            f"for tool in {' '.join(sorted(tools))}; do",
            '  command -v "$tool" > /dev/null || { echo "STOP: install $tool" >&2; exit 1; }',
            "done",
        ),
    )


def code(situation: Situation) -> Iterator[Step]:
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


def declared(situation: Situation, part: str) -> str:
    """Return what people have declared about how long a part takes, as a sentence."""
    seconds = dict(situation.scene.scenario.declared).get(part)
    if seconds is None:
        return "Nobody has said how long this takes."
    return f"Declared to take {write_span(seconds * 1000)}."


def health(situation: Situation) -> Step:
    """Return the step that asks the site, at its new address, before DNS leads anybody there."""
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


def start_jobs(situation: Situation) -> Step:
    """Return the step that lets jobs run again, one after another, by hand."""
    starts = " ".join(["cron.service", *map(word, timers(situation))])
    why = [
        "First the backup jobs, by hand, and look at what they made. A transfer with --delete only "
        "with --dry-run, until it would delete nothing that is needed."
    ]
    why.append("They are those of the step that stopped them.")
    commands = []
    if situation.host_stands:
        commands.append(f"# systemctl start {starts}")
    else:
        why.append(
            "What was kept apart of the configuration is put back by hand, when you are sure."
        )
        commands.append(f"if [ -d {HELD} ]; then find {HELD} -type f; fi")
        commands.append(f"# systemctl start {starts}")
    return Step("Jobs and transfers, last", tuple(why), tuple(commands))
