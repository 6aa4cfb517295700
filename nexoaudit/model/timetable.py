"""What the live system is told to run and when, and the scripts that it runs."""

from typing import NamedTuple


class Scheduled(NamedTuple):
    """One line of a cron table, or one timer, that runs something of the backups."""

    source: str
    """The table or unit file."""
    line: int
    user: str
    when: str
    """Five fields, `@reboot`, or what cron could not say, as written."""
    command: str
    """Passwords left out."""
    programs: tuple[str, ...]
    """What it runs: scripts by their paths, commands by their names."""
    through: tuple[str, ...]
    """What those scripts run in turn."""
    faults: tuple[str, ...]
    """Codes of what keeps cron from running it, such as `cron.dotted_name`."""
    detail: str = ""
    """What the first fault is about."""


class Fault(NamedTuple):
    """One fault in a script."""

    code: str
    line: int
    """Counted from 1."""
    detail: str = ""


class Script(NamedTuple):
    """One job script, as it was last read."""

    path: str
    sha256: str
    faults: tuple[Fault, ...] = ()
    seen_ms: int = 0
    """When it was first seen as it is."""
    before: str = ""
    """The digest of what it was before; empty: never seen otherwise."""
    before_ms: int = 0
    """When it was first seen as it was before."""


class Timetable(NamedTuple):
    """Everything that is scheduled for the backups."""

    scheduled: tuple[Scheduled, ...]
    paths: tuple[str, ...]
    """Of the job scripts there are: named by a job, or by the configuration."""
    failures: tuple[tuple[str, str], ...] = ()
    """What could not be read: path and reason. A job may be hidden there."""
    zone: str = ""
    """The machine's time zone, as far as it says; cron goes by it."""
    scripts: tuple[Script, ...] = ()
    """What was last read at those paths; each is recorded by itself."""
