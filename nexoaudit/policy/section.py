"""One component of a starting configuration, with the guide's numbers and what was found."""

import glob
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from nexoaudit.policy.found import FoundGroup, Starter
from nexoaudit.policy.guide import UNWANTED_PATHS, WANTED_PATHS, WATCHED, WATCHED_ANYWHERE, Advice
from nexoaudit.policy.infer import inferred_schedule
from nexoaudit.policy.toml import text, texts
from nexoaudit.policy.units import parse_duration

_FEW = 3
"""A pattern with fewer files than this, beside a fuller one of its kind, is a stray."""


def section(site: Starter, advice: Advice) -> Iterator[str]:
    """Yield the lines of a kind of component: one component for each pattern of its names.

    Two databases are two components, each with a schedule of its own.
    """
    groups = [group for group in site.groups if group.kind == advice.kind]
    chosen = [group for group in groups if group.files >= _FEW] or groups[:1]
    yield f"# {advice.title}"
    yield from (f"# {note}" for note in advice.notes)
    for number, group in enumerate(chosen or [None]):
        name = advice.kind if not number else f"{advice.kind}-{number + 1}"
        yield from _component(site, advice, name, [] if group is None else [group])
    yield from (f"# Left out as a stray: {text(g.pattern)}" for g in groups if g not in chosen)


def _component(site: Starter, advice: Advice, name: str, series: list[FoundGroup]) -> Iterator[str]:
    schedule = _schedule(advice, series)
    yield f"[component.{name}]"
    yield f"kind = {text(advice.kind)}"
    yield f"schedule = {text(schedule)}"
    if advice.window and schedule == advice.schedule:
        yield f"window = {text(advice.window)}"
    yield f"grace = {text(advice.grace)}   # the job's usual run time included"
    if advice.rpo:
        yield f"rpo = {text(advice.rpo)}"
    if advice.rto:
        yield f"rto = {text(advice.rto)}"
    jobs = {site.job_of(group.pattern) for group in series} - {""}
    if jobs:
        yield f"job = {text(min(jobs))}   # the script that makes it"
    yield from _data(site, advice)
    if advice.kind == "config":
        yield f"watch = {texts(_watched(site))}   # files whose change asks for a backup"
    if advice.kind == "code":
        yield from _code(site)
    elif advice.kind == "system" and not series:
        yield from _system_of_parts(site, advice)
    else:
        yield from _series_of(site, advice, name, series)
        yield from expected(site, advice, name)


def _series_of(site: Starter, advice: Advice, name: str, series: list[FoundGroup]) -> Iterator[str]:
    since = _since(site, advice, series)
    if since:
        yield f"since = {since}   # the oldest backup found: earlier ones are not asked for"
    if not series:
        yield "# Nothing that looks like it was found: add a series, or it stays `unconfigured`;"
        yield "# delete this section if the site has none."
    locations = ["local", "offsite"] if site.offsite is not None else ["local"]
    for group in series:
        yield f"[[component.{name}.series]]   # files found: {group.files}"
        yield 'id = "full"'
        yield f"pattern = {text(group.pattern)}"
        yield f"keep = {text(advice.keep)}"
        yield f"locations = {texts(locations)}"
        if not group.sidecars:
            yield "sidecar = false   # no .sha256 lies beside any: the first read records a digest"


def expected(site: Starter, advice: Advice, name: str) -> Iterator[str]:
    """Yield the lines of what must, and must not, be inside every copy of a component."""
    if advice.kind == "database":
        yield f"# [component.{name}.expect]"
        yield '# tables = ["users"]           # must be in every dump'
        yield "# min_rows = { users = 1 }"
        yield '# absent = ["sessions"]        # left out on purpose, as by --ignore-table'
        yield f"# [component.{name}.live]     # the live server, looked at: docs/live.md"
        yield '# socket = "/run/mysqld/mysqld.sock"'
        yield '# user = "nexoaudit"'
        yield '# password_file = "/etc/nexoaudit/live.password"   # mode 0600'
        yield f"# backup_user = {text(site.name + '_backup@localhost')}   # who makes the dumps"
    if advice.kind == "uploads":
        application = site.application
        wanted = [path for path in WANTED_PATHS if application and _exists(application / path)]
        mark = "" if wanted else "# "
        yield f"{mark}[component.{name}.expect]   # below the top directory"
        yield f"{mark}paths = {texts(wanted or WANTED_PATHS)}"
        yield f"{mark}forbidden = {texts(UNWANTED_PATHS)}"
    if advice.kind == "config" and (inside := _inside_config(site)):
        yield f"[component.{name}.expect]   # as the archive names them; add keys, certificates,"
        yield "# environment files and the record of the DNS settings, wherever yours lie"
        yield f"paths = {texts(inside)}"


def _data(site: Starter, advice: Advice) -> Iterator[str]:
    paths = texts([str(path) for kind, path in site.data if kind == advice.kind])
    if paths == texts([]):
        return
    if site.unseen_disks:
        yield f"# The disks below the backups cannot be told ({site.unseen_disks}): not compared."
        yield f"# data = {paths}"
    else:
        yield f"data = {paths}   # the guide wants its backups on another disk"


def _code(site: Starter) -> Iterator[str]:
    deployed = text(site.application or "/var/www/site")
    if site.repository is not None and site.application is not None:
        yield f"repository = {text(site.repository)}"
        yield f"deployed = {deployed}"
        return
    yield "# Without these two it stays `unconfigured`; or delete this section."
    yield '# repository = "/srv/git/site.git"   # where every deployed commit must be'
    yield f"# deployed = {deployed}   # the working tree"


def _system_of_parts(site: Starter, advice: Advice) -> Iterator[str]:
    found = {group.kind for group in site.groups}
    yield "# No archive of the whole system was found: a set from one night counts as one."
    parts = [kind for kind in ("database", "uploads", "config") if kind in found]
    if len(parts) > 1:
        since = max(_since(site, advice, [g for g in site.groups if g.kind == p]) for p in parts)
        if since:
            yield f"since = {since}"
    mark = "" if len(parts) > 1 else "# "
    yield f"{mark}parts = {texts(parts or ['database', 'uploads', 'config'])}"
    yield f"{mark}keep = {text(advice.keep)}"


def _schedule(advice: Advice, series: list[FoundGroup]) -> str:
    if advice.schedule == "on-change" or not series or not series[0].timed:
        return advice.schedule
    return inferred_schedule(series[0].times) or advice.schedule


def _since(site: Starter, advice: Advice, series: list[FoundGroup]) -> str:
    """Return from when points are asked for, when the history is shorter than `keep`; else ""."""
    times = [time for group in series for time in group.times]
    if not times or advice.keep == "forever" or advice.schedule == "on-change":
        return ""
    oldest = min(times)
    if site.now - oldest >= timedelta(seconds=parse_duration(advice.keep)):
        return ""
    if all(group.timed for group in series):
        return oldest.date().isoformat()
    return oldest.replace(tzinfo=None, microsecond=0).isoformat()


def _watched(site: Starter) -> list[str]:
    root = str(site.root).rstrip("/")
    application = str(site.application or f"{root}/var/www/{site.name}")
    names: Mapping[str, str] = {"application": application, "root": root}
    found = _existing(WATCHED, names)
    if any(pattern.startswith(f"{application}/") for pattern in found):
        return found
    return _existing(WATCHED_ANYWHERE, names) + found


def _inside_config(site: Starter) -> list[str]:
    """Return the watched files as members of an archive of them are named."""
    root = str(site.root).rstrip("/")
    return [pattern.removeprefix(root).lstrip("/") for pattern in _watched(site)]


def _existing(patterns: tuple[str, ...], names: Mapping[str, str]) -> list[str]:
    written = [pattern.format_map(names) for pattern in patterns]
    return [pattern for pattern in written if glob.glob(pattern)]  # noqa: PTH207


def _exists(pattern: Path) -> bool:
    return bool(glob.glob(str(pattern)))  # noqa: PTH207
