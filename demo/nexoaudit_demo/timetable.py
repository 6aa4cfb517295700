"""The timetable: which job runs when, from the opening of the site to its last moment."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from enum import Enum
from typing import NamedTuple

from nexoaudit_demo import settings, tree
from nexoaudit_demo.calendar import Calendar

END_S = 10
"""A job that started less than this before the last moment has not ended, and is left out."""

OPENING_DAYS = 400
"""How long before its last day the site opened."""

_FILES_DAYS = 95
_LOGS_DAYS = 100
_SYSTEM_DAYS = 75
_SUNDAY = 6


class Job(Enum):
    """What happens to a site. The order is that of jobs that start at the same moment."""

    OPEN = "open"
    RELEASE = "release"
    USE = "use"
    CHANGE = "change"
    BINLOG = "binlog"
    DATABASE = "database"
    FILES = "files"
    INCREMENTAL = "incremental"
    CONFIG = "config"
    LOGS = "logs"
    VERIFY = "verify"
    OFFSITE = "offsite"
    SYSTEM = "system"
    AUDIT = "audit"


class Run(NamedTuple):
    """One run of one job."""

    moment: int
    job: Job
    number: int = 0
    """Which release or change of the configuration, from 0."""


def timetable(calendar: Calendar, first: date, now: int) -> list[Run]:
    """Return every run from the opening of the site to `now`, in order.

    Dumps, binary logs, transfers and audits begin on the day `first`.
    """
    order = list(Job)
    today = calendar.day(now)
    runs = [
        run
        for run in (
            *_history(calendar, today),
            *_daily(calendar, first, today),
            *(Run(hour, Job.BINLOG) for hour in calendar.hours(calendar.at(first, time()), now)),
        )
        if run.moment + END_S <= now
    ]
    return sorted(runs, key=lambda run: (run.moment, order.index(run.job)))


def opening(calendar: Calendar, now: int) -> int:
    """Return when the site of the last moment `now` opened."""
    return calendar.at(calendar.day(now) - timedelta(days=OPENING_DAYS), time(10))


def _history(calendar: Calendar, today: date) -> Iterator[Run]:
    """Yield what needs no audit of its own time."""

    def at(days_ago: int, hour: int, minute: int = 0) -> int:
        return calendar.at(today - timedelta(days=days_ago), time(hour, minute))

    yield Run(opening(calendar, calendar.at(today, time(12))), Job.OPEN)
    for number, (days_ago, _version) in enumerate(tree.RELEASES):
        yield Run(at(days_ago, 16), Job.RELEASE, number)
    for number, days_ago in enumerate(settings.DAYS_AGO):
        yield Run(at(days_ago, 10, 40), Job.CHANGE, number)
        yield Run(at(days_ago, 10, 45), Job.CONFIG)
    for days_ago in range(_FILES_DAYS, -1, -1):
        yield Run(at(days_ago, 1, 50), Job.USE)
        yield Run(at(days_ago, 2, 30), Job.FILES)
    for days_ago in range(_LOGS_DAYS, -1, -1):
        if (today - timedelta(days=days_ago)).weekday() == _SUNDAY:
            yield Run(at(days_ago, 3, 30), Job.LOGS)
            if days_ago <= _SYSTEM_DAYS:
                yield Run(at(days_ago, 5), Job.SYSTEM)


def _daily(calendar: Calendar, first: date, today: date) -> Iterator[Run]:
    """Yield the jobs of each day that is audited, and the audit after them."""
    day = first
    while day <= today:
        yield Run(calendar.at(day, time(2)), Job.DATABASE)
        yield Run(calendar.at(day, time(2, 45)), Job.INCREMENTAL)
        yield Run(calendar.at(day, time(4)), Job.VERIFY)
        yield Run(calendar.at(day, time(4, 30)), Job.OFFSITE)
        if day < today:
            yield Run(calendar.at(day, time(5, 15)), Job.AUDIT)
            if (day + timedelta(days=1)).day == 1:
                yield Run(calendar.at(day, time(23, 55)), Job.AUDIT)
        day += timedelta(days=1)
