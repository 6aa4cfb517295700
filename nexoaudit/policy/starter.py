"""A commented configuration for a site that was just scanned, with the guide's own numbers."""

import glob
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

from nexoaudit.policy.guide import (
    COMPONENTS,
    SCENARIOS,
    TRANSFER,
    UNWANTED_PATHS,
    WANTED_PATHS,
    WATCHED,
    Advice,
)
from nexoaudit.policy.infer import inferred_schedule
from nexoaudit.policy.units import parse_duration


class FoundGroup(Protocol):
    """A group of backups with one name pattern, as `inventory.scan` finds them."""

    @property
    def pattern(self) -> str:
        """The series pattern."""

    @property
    def kind(self) -> str:
        """The kind of component."""

    @property
    def files(self) -> int:
        """How many files."""

    @property
    def sidecars(self) -> int:
        """How many of them have a checksum file."""

    @property
    def times(self) -> tuple[datetime, ...]:
        """The moments in their names, oldest first, in the site's zone."""


class Starter(NamedTuple):
    """What is known about a site before it has a configuration."""

    name: str
    timezone: str
    state_dir: Path
    scanned: Path
    groups: tuple[FoundGroup, ...]
    others: tuple[tuple[str, int], ...]
    now: datetime
    offsite: Path | None = None
    application: Path | None = None
    """The live application's directory."""
    repository: Path | None = None
    root: Path = Path("/")
    """Root of the live system: another one than `/` for a demonstration."""
    monitoring_group: str = ""
    demonstration: bool = False


def starter_toml(site: Starter) -> str:
    """Return the text of a configuration that audits what was found, ready to be reviewed."""
    lines = [
        "# nexoaudit configuration. The numbers are the backup guide's; change them to your own.",
        "# Check it with `nexoaudit status`; the JSON Schema is docs/nexoaudit.schema.json.",
        "",
        "[site]",
        f"name = {_text(site.name)}",
        f"timezone = {_text(site.timezone)}          # names, trailers and schedules are in it",
        'language = "en"',
        f"state_dir = {_text(site.state_dir)}",
    ]
    if site.monitoring_group:
        lines.append(f"monitoring_group = {_text(site.monitoring_group)}   # may read state.json")
    else:
        lines.append('# monitoring_group = "nagios"   # the group that may read state.json')
    if site.demonstration:
        lines.append("demonstration = true   # ledger and report say that this is made up")
    lines += ["", *_locations(site), ""]
    for advice in COMPONENTS:
        lines += [*_component(site, advice), ""]
    lines += [*_scenarios(site), *_rest()]
    return "\n".join(lines) + "\n"


def _locations(site: Starter) -> Iterator[str]:
    for directory, count in site.others:
        yield f"# Found there, but not audited: {count} files below {_text(directory)}"
    yield "[location.local]"
    yield f"path = {_text(site.scanned)}"
    yield 'medium = "disk"'
    yield 'failure_domain = "server"   # what is lost together with it'
    yield ""
    if site.offsite is None:
        yield "# No off-site location was given: 3-2-1 will fail until there is one."
        yield "# [location.offsite]"
        yield '# path = "/mnt/offsite/backups"'
        yield '# medium = "remote"'
        yield '# failure_domain = "other-site"'
        yield "# offsite = true"
        yield f"# transfer = {_text(TRANSFER)}"
        return
    yield "[location.offsite]"
    yield f"path = {_text(site.offsite)}"
    yield 'medium = "remote"'
    yield 'failure_domain = "other-site"'
    yield "offsite = true"
    yield f"transfer = {_text(TRANSFER)}   # when points are copied there"
    yield 'grace = "1h"'


def _component(site: Starter, advice: Advice) -> Iterator[str]:
    groups = [group for group in site.groups if group.kind == advice.kind]
    schedule = _schedule(advice, groups)
    yield f"# {advice.title}"
    yield from (f"# {note}" for note in advice.notes)
    yield f"[component.{advice.kind}]"
    yield f"kind = {_text(advice.kind)}"
    yield f"schedule = {_text(schedule)}"
    if advice.window:
        yield f"window = {_text(advice.window)}"
    yield f"grace = {_text(advice.grace)}   # the job's usual run time included"
    if advice.rpo:
        yield f"rpo = {_text(advice.rpo)}"
    if advice.rto:
        yield f"rto = {_text(advice.rto)}"
    if advice.kind == "config":
        yield f"watch = {_list(_watched(site))}"
    if advice.kind == "code":
        yield from _code(site)
        return
    if advice.kind == "system" and not groups:
        yield from _system_of_parts(site, advice)
        return
    since = _since(advice, groups, site.now)
    if since:
        yield f"since = {since}   # the oldest backup found: earlier ones are not asked for"
    if not groups:
        yield "# Nothing that looks like it was found: add a series, or it stays `unconfigured`."
    for number, group in enumerate(groups):
        yield from _series(site, advice, group, number)
    yield from _expect(site, advice)


def _series(site: Starter, advice: Advice, group: FoundGroup, number: int) -> Iterator[str]:
    locations = ["local", "offsite"] if site.offsite is not None else ["local"]
    yield f"[[component.{advice.kind}.series]]   # {group.files} files found"
    yield f"id = {_text('full' if not number else f'full-{number + 1}')}"
    yield f"pattern = {_text(group.pattern)}"
    yield f"keep = {_text(advice.keep)}"
    yield f"locations = {_list(locations)}"
    if not advice.sidecar and not group.sidecars:
        yield "sidecar = false   # no .sha256 beside these files"


def _expect(site: Starter, advice: Advice) -> Iterator[str]:
    if advice.kind == "database":
        yield f"# [component.{advice.kind}.expect]"
        yield '# tables = ["users"]           # must be in every dump'
        yield "# min_rows = { users = 1 }"
    if advice.kind == "uploads":
        application = site.application
        wanted = [path for path in WANTED_PATHS if application and _exists(application / path)]
        mark = "" if wanted else "# "
        yield f"{mark}[component.{advice.kind}.expect]   # below the archive's top directory"
        yield f"{mark}paths = {_list(wanted or WANTED_PATHS)}"
        yield f"{mark}forbidden = {_list(UNWANTED_PATHS)}"


def _code(site: Starter) -> Iterator[str]:
    if site.repository is not None and site.application is not None:
        yield f"repository = {_text(site.repository)}"
        yield f"deployed = {_text(site.application)}"
        return
    yield "# Without these two it stays `unconfigured`:"
    yield '# repository = "/srv/git/site.git"   # where every deployed commit must be'
    yield '# deployed = "/var/www/site"         # the working tree'


def _system_of_parts(site: Starter, advice: Advice) -> Iterator[str]:
    found = {group.kind for group in site.groups}
    yield "# No archive of the whole system was found: a set from one night counts as one."
    parts = [kind for kind in ("database", "uploads", "config") if kind in found]
    mark = "" if len(parts) > 1 else "# "
    yield f"{mark}parts = {_list(parts or ['database', 'uploads', 'config'])}"
    yield f"{mark}keep = {_text(advice.keep)}"


def _scenarios(site: Starter) -> Iterator[str]:
    yield "# What a disaster destroys: copies in those failure domains do not count for it."
    for name, rpo, rto, destroys in SCENARIOS:
        domains = [item for item in destroys if item == "data" or site.groups]
        yield f"[scenario.{name}]"
        yield f"rpo = {_text(rpo)}"
        yield f"rto = {_text(rto)}"
        yield f"destroys = {_list(domains)}"
        yield ""


def _rest() -> Iterator[str]:
    yield "# When the auditor's own jobs run; `nexoaudit run --due` comes from cron."
    yield "[auditor]"
    yield 'audit = "*/15 * * * *"'
    yield 'drill = "0 3 1 * *"      # the monthly test restores'
    yield 'report = "0 6 1 * *"     # the report of the past month, and its mail'
    yield ""
    yield "# [mail]"
    yield '# recipients = ["auditor@example.com"]'
    yield '# sender = "nexoaudit@example.com"'
    yield '# host = "mail.example.com"'
    yield "# port = 587"
    yield '# user = "nexoaudit"'
    yield '# password_file = "/etc/nexoaudit/mail.password"   # mode 0600'


def _schedule(advice: Advice, groups: list[FoundGroup]) -> str:
    if advice.schedule == "on-change" or not groups:
        return advice.schedule
    return inferred_schedule(groups[0].times) or advice.schedule


def _since(advice: Advice, groups: list[FoundGroup], now: datetime) -> str:
    """Return the date from which points are asked for, when the history is shorter than `keep`."""
    times = [time for group in groups for time in group.times]
    if not times or advice.keep == "forever" or advice.schedule == "on-change":
        return ""
    oldest = min(times)
    if now - oldest >= timedelta(seconds=parse_duration(advice.keep)):
        return ""
    return oldest.date().isoformat()


def _watched(site: Starter) -> list[str]:
    root = str(site.root).rstrip("/")
    application = str(site.application or f"{root}/var/www/{site.name}")
    names: Mapping[str, str] = {"application": application, "root": root}
    patterns = [pattern.format_map(names) for pattern in WATCHED]
    return [pattern for pattern in patterns if glob.glob(pattern)]  # noqa: PTH207


def _exists(pattern: Path) -> bool:
    return bool(glob.glob(str(pattern)))  # noqa: PTH207


def _text(value: object) -> str:
    """Return a TOML basic string: JSON's escapes are a subset of TOML's."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Iterable[object]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"
