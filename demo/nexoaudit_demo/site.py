"""A demonstration site: built day after day, with real backups, up to one moment."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from nexoaudit.errors import DemoError
from nexoaudit_demo import disk, dump, growth, incremental, offsite, packing, tree
from nexoaudit_demo.calendar import HOUR, calendar
from nexoaudit_demo.live import Live, live
from nexoaudit_demo.places import Places
from nexoaudit_demo.settings import Settings
from nexoaudit_demo.timetable import Job, Run, opening, timetable
from nexoaudit_demo.tree import Tree
from nexoaudit_demo.yard import Yard

_LEAST_ROWS = 1000
_DUMPS = 31
"""What `find -mtime +30` leaves."""
_LONGEST_DAYS = 180


class Plan(NamedTuple):
    """What to build."""

    root: Path
    """A directory that holds no site yet; the guide's absolute paths lie below it."""
    now: datetime
    """The last moment of the site; aware."""
    rows: int = 200_000
    """Rows of the whole database at that moment."""
    as_guide: bool = False
    """The guide's own jobs, with their faults, instead of mended ones."""
    timezone: str = "Europe/Madrid"
    first_day: date | None = None
    """The first day with dumps, binary logs, transfers and audits.

    Default: the first of the month before, or what a full set of dumps needs if that is earlier.
    """


def build(
    plan: Plan,
    *,
    after_jobs: Callable[[datetime], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Build the site of `plan`, all files dated as if made then, none later than its moment.

    `after_jobs` is called at 05:15 of each day from the first on, when the disk is as it was at
    that moment, and at the end with the very moment of the plan. `progress` is called with a day,
    how many days are done and how many there are.

    Raise DemoError when the plan cannot be carried out, ToolError when a program is missing,
    SandboxError when the database server cannot run.
    """
    if plan.now.tzinfo is None:
        raise DemoError("the moment of a demonstration site needs a time zone")
    if plan.rows < _LEAST_ROWS:
        raise DemoError(f"a demonstration site needs at least {_LEAST_ROWS} rows")
    local = calendar(plan.timezone)
    now = int(plan.now.timestamp())
    first_day = plan.first_day or _default_first(local.day(now))
    if not timedelta() <= local.day(now) - first_day <= timedelta(days=_LONGEST_DAYS):
        raise DemoError(f"the first day must lie within {_LONGEST_DAYS} days before the last one")
    places = Places(plan.root.absolute())
    _claim(places)
    opened = opening(local, now)
    first_hour = local.at(first_day, time()) - HOUR
    planned = growth.growth(plan.rows, local, opened, first_hour, now)
    yard = Yard(places, local, plan.as_guide)
    with live(planned, dump.PASSWORD, as_guide=plan.as_guide) as database:
        history = _History(yard, database, after_jobs)
        runs = timetable(local, first_day, now)
        days = (local.day(now) - first_day).days + 1
        for run in runs:
            history.make(run)
            if run.job is Job.AUDIT and progress is not None:
                day = local.day(run.moment)
                progress(day.isoformat(), (day - first_day).days + 1, days)
    if after_jobs is not None:
        after_jobs(plan.now)
    if progress is not None:
        progress(local.day(now).isoformat(), days, days)


def _default_first(today: date) -> date:
    month_before = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return min(month_before, today - timedelta(days=_DUMPS))


def _claim(places: Places) -> None:
    """Make the root; refuse one that has a site already."""
    for path in (places.backups, places.application, places.offsite):
        if path.exists():
            raise DemoError(f"{places.root} holds a site already: choose an empty directory")
    try:
        places.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoError(f"{places.root} could not be made: {error.strerror}") from error


class _History:
    """Carries out the timetable."""

    def __init__(
        self,
        yard: Yard,
        database: Live,
        after_jobs: Callable[[datetime], None] | None,
    ) -> None:
        self._yard = yard
        self._database = database
        self._after_jobs = after_jobs
        self._tree = Tree(yard.places, yard.calendar)
        self._settings = Settings(yard.places, yard.calendar, _script(yard, "cron"))
        self._dump: Path | None = None

    def make(self, run: Run) -> None:
        """Let one run happen."""
        yard, moment = self._yard, run.moment
        match run.job:
            case Job.OPEN:
                self._open(moment)
            case Job.RELEASE:
                self._tree.deploy(tree.RELEASES[run.number][1], moment)
            case Job.USE:
                self._tree.live(moment)
            case Job.CHANGE:
                self._settings.change(run.number, moment)
            case Job.BINLOG:
                dump.binary_log(yard, self._database, moment)
            case Job.DATABASE:
                self._dump = dump.database(yard, self._database, moment)
            case Job.FILES:
                packing.files(yard, moment)
            case Job.INCREMENTAL:
                incremental.incremental(yard, moment)
            case Job.CONFIG:
                packing.configuration(yard, self._settings, moment)
            case Job.LOGS:
                packing.logs(yard, moment)
            case Job.VERIFY:
                yard.say(moment + 4, "Database backup verification passed")
            case Job.OFFSITE:
                offsite.synchronise(yard, moment)
            case Job.SYSTEM:
                self._back_up_system(moment)
            case Job.AUDIT:
                if self._after_jobs is not None:
                    self._after_jobs(yard.calendar.local(moment))

    def _open(self, moment: int) -> None:
        places = self._yard.places
        self._settings.write(moment)
        self._tree.open(moment)
        dump.credentials(self._yard, moment)
        for name in _script_names(self._yard):
            disk.put(places.scripts / name, _script(self._yard, name), moment, 0o755)

    def _back_up_system(self, moment: int) -> None:
        """Pack everything; a system of long ago gets a dump of its own, kept nowhere else."""
        if self._dump is not None:
            packing.system(self._yard, self._settings, self._dump, moment)
            return
        self._database.move_to(moment)
        spool = self._yard.places.root / "var/spool"
        name = f"nexosupport_db_{self._yard.calendar.stamp(moment)}.sql.gz"
        disk.directory(spool, moment)
        dump.write(self._yard, self._database, spool / name, moment + 3)
        disk.date(spool / name, moment + 3)
        packing.system(self._yard, self._settings, spool / name, moment)
        disk.remove(spool / name, moment + 4)


def _script_names(yard: Yard) -> list[str]:
    folder = resources.files("nexoaudit_demo").joinpath("scripts", _kind(yard))
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".sh"))


def _script(yard: Yard, name: str) -> str:
    """Return a job script, or the cron table that runs them."""
    folder = resources.files("nexoaudit_demo").joinpath("scripts", _kind(yard))
    return folder.joinpath(name).read_text("utf-8")


def _kind(yard: Yard) -> str:
    return "guide" if yard.as_guide else "mended"
