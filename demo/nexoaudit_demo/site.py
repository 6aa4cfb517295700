"""A demonstration site: built day after day, with real backups, up to one moment."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from nexoaudit import process
from nexoaudit.errors import DemoError
from nexoaudit_demo import dump, growth
from nexoaudit_demo.calendar import HOUR, Calendar, calendar
from nexoaudit_demo.history import History
from nexoaudit_demo.live import CLIENT_PACKAGE, live
from nexoaudit_demo.places import Places
from nexoaudit_demo.timetable import Job, opening, timetable
from nexoaudit_demo.yard import Yard

_LEAST_ROWS = 1000
_DUMPS = 31
"""What `find -mtime +30` leaves."""
_LONGEST_DAYS = 180
_PROGRAMS = (
    ("mariadb", CLIENT_PACKAGE),
    ("mariadb-dump", CLIENT_PACKAGE),
    ("faketime", "faketime"),
    ("git", "git"),
    ("openssl", "openssl"),
)


class Plan(NamedTuple):
    """What to build."""

    root: Path
    """A directory that holds no site yet; the guide's absolute paths lie below it."""
    now: datetime
    """The last moment of the site; aware."""
    rows: int = 200_000
    """Rows of the whole database at that moment, those that only name files left out."""
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

    `after_jobs` is called at 05:15 of each day from the first on, and at 23:55 of the last day of
    a month, when the disk is as it was at that moment, and at the end with the very moment of the
    plan. `progress` is called with a day, how many days are done and how many there are.

    Raise DemoError when the plan cannot be carried out, ToolError when a program is missing,
    SandboxError when the database server cannot run.
    """
    local, first_day = _check(plan)
    now = int(plan.now.timestamp())
    places = Places(plan.root.absolute())
    _claim(places)
    planned = growth.growth(
        plan.rows, local, opening(local, now), local.at(first_day, time()) - HOUR, now
    )
    days = (local.day(now) - first_day).days + 1
    with live(planned, dump.PASSWORD, as_guide=plan.as_guide) as database:
        history = History(Yard(places, local, plan.as_guide), database)
        for run in timetable(local, first_day, now):
            try:
                history.make(run)
            except OSError as error:
                raise DemoError(f"{plan.root} could not be written: {error.strerror}") from error
            if run.job is Job.AUDIT:
                day = local.local(run.moment)
                if after_jobs is not None:
                    after_jobs(day)
                if progress is not None:
                    progress(day.date().isoformat(), (day.date() - first_day).days + 1, days)
    if after_jobs is not None:
        after_jobs(plan.now)
    if progress is not None:
        progress(local.day(now).isoformat(), days, days)


def _check(plan: Plan) -> tuple[Calendar, date]:
    """Return the calendar and the first day of a plan that can be carried out."""
    if plan.now.tzinfo is None:
        raise DemoError("the moment of a demonstration site needs a time zone")
    if plan.rows < _LEAST_ROWS:
        raise DemoError(f"a demonstration site needs at least {_LEAST_ROWS} rows")
    local = calendar(plan.timezone)
    today = local.day(int(plan.now.timestamp()))
    first_day = plan.first_day or _default_first(today)
    if not timedelta() <= today - first_day <= timedelta(days=_LONGEST_DAYS):
        raise DemoError(f"the first day must lie within {_LONGEST_DAYS} days before the last one")
    for program, package in _PROGRAMS:
        process.find(program, package)
    return local, first_day


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
