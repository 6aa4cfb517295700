"""A commented configuration for a site that was just scanned, with the guide's own numbers."""

from collections.abc import Iterator
from pathlib import Path

from nexoaudit.model.policy import RESIDUES
from nexoaudit.policy.found import Starter
from nexoaudit.policy.guide import COMPONENTS, DECLARED, MIN_SIZE, SCENARIOS, TRANSFER
from nexoaudit.policy.section import section
from nexoaudit.policy.spec import CRON_TABLES
from nexoaudit.policy.toml import text, texts
from nexoaudit.policy.trees import is_tree, trees


def starter_toml(site: Starter) -> str:
    """Return the text of a configuration that audits what was found, ready to be reviewed."""
    lines = [
        "# nexoaudit configuration. The numbers are the backup guide's; change them to your own.",
        "# Check it with `nexoaudit status`; the JSON Schema is docs/nexoaudit.schema.json.",
        "",
        "[site]",
        f"name = {text(site.name)}",
        f"timezone = {text(site.timezone)}          # names, trailers and schedules are in it",
        'language = "en"',
        f"state_dir = {text(site.state_dir)}",
    ]
    if site.monitoring_group:
        lines.append(f"monitoring_group = {text(site.monitoring_group)}   # may read state.json")
    else:
        lines.append('# monitoring_group = "nagios"   # the group that may read state.json')
    if site.demonstration:
        below = [str(site.root) + pattern for pattern in RESIDUES]
        lines.append(f"residues = {texts(below)}   # of restores")
        lines.append("demonstration = true   # ledger and report say that this is made up")
    lines += ["", *_locations(site), ""]
    files = site._replace(groups=tuple(group for group in site.groups if not is_tree(group)))
    for advice in COMPONENTS:
        lines += [*section(files, advice), ""]
    lines += trees(site)
    lines += [*_scenarios(site), *_jobs(site), "", *_rest()]
    return "\n".join(lines) + "\n"


def _locations(site: Starter) -> Iterator[str]:
    for directory, count in site.others:
        yield f"# Found there, but not audited, below {text(directory)}: {count}"
    yield "[location.local]"
    yield f"path = {text(site.scanned)}"
    yield 'medium = "disk"'
    yield 'failure_domain = "server"   # what is lost together with it'
    yield f"# min_size = {text(MIN_SIZE)}   # the guide's: without the # it is asked for"
    yield ""
    if site.offsite is None:
        yield "# No off-site location was given: 3-2-1 will fail until there is one."
        yield "# [location.offsite]"
        yield '# path = "/mnt/offsite/backups"'
        yield '# medium = "remote"'
        yield '# failure_domain = "other-site"'
        yield "# offsite = true"
        yield f"# transfer = {text(TRANSFER)}"
        yield '# or a bucket (kind = "s3", bucket = "..."), a host (kind = "ssh", host = "..."), or'
        yield '# a tape that people answer for (kind = "attested"): docs/offsite.md'
        return
    yield "[location.offsite]"
    yield f"path = {text(site.offsite)}"
    yield 'medium = "remote"'
    yield 'failure_domain = "other-site"'
    yield "offsite = true"
    yield f"transfer = {text(TRANSFER)}   # when points are copied there"
    if site.jobs is not None and site.jobs.transfer:
        yield f"job = {text(site.jobs.transfer)}   # the script that copies them"
    yield 'grace = "1h"'


def _scenarios(site: Starter) -> Iterator[str]:
    yield "# What a disaster destroys: copies in those failure domains do not count for it."
    for name, rpo, rto, destroys in SCENARIOS:
        yield f"[scenario.{name}]"
        yield f"rpo = {text(rpo)}"
        yield f"rto = {text(rto)}"
        yield f"destroys = {texts(destroys)}"
        parts = DECLARED[len(destroys) > 1]
        made_up = ", ".join(f"{part} = {text(span)}" for part, span in parts)
        asked = ", ".join(f'{part} = "?"' for part, _ in parts)
        if site.demonstration:
            yield f"declared = {{ {made_up} }}   # what no drill can measure"
        else:
            yield f"# declared = {{ {asked} }}   # what no drill can measure: say how long"
        yield ""


def _jobs(site: Starter) -> Iterator[str]:
    found = site.jobs is not None and bool(site.jobs.makers or site.jobs.transfer)
    mark = "" if found else "# "
    yield "# Where the jobs are written down: scheduled once, able to run, scripts without traps."
    if not found:
        yield '# Name the script of each component too: job = "site-db-backup.sh"'
    yield f"{mark}[jobs]"
    yield f"{mark}cron = {texts(CRON_TABLES)}"
    yield f"{mark}systemd = true   # timers too"
    if site.jobs is not None and site.jobs.logs:
        yield f"{mark}logs = {texts(site.jobs.logs)}   # compared with what is on disk"
    if site.root != Path("/"):
        yield f"{mark}root = {text(site.root)}   # where these paths begin"


def _rest() -> Iterator[str]:
    yield "# When the auditor's own jobs run; `nexoaudit run --due` comes from cron."
    yield "[auditor]"
    yield 'audit = "*/15 * * * *"'
    yield 'drill = "0 3 1 * *"      # the monthly test restores'
    yield 'recovery = "90d"         # each scenario is tried again within this time'
    yield 'report = "0 6 1 * *"     # the report of the past month, and its mail'
    yield 'reverify = "30d"         # each copy is read again within this time,'
    yield 'reverify_at = "0 0 * * *"   # at night, in the background,'
    yield 'budget = "2h"            # no longer than this'
    yield '# rate = "50MB"          # and no faster than this per second'
    yield ""
    yield "# [mail]"
    yield '# recipients = ["auditor@example.com"]'
    yield '# sender = "nexoaudit@example.com"'
    yield '# host = "mail.example.com"'
    yield "# port = 587"
    yield '# user = "nexoaudit"'
    yield '# password_file = "/etc/nexoaudit/mail.password"   # mode 0600'
