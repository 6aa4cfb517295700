"""Faults of the cron table and of the job scripts."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from nexoaudit.errors import DemoError
from nexoaudit_demo.places import Places

_JOB = "nexosupport-db-backup.sh"


def _unschedule(places: Places) -> str:
    """Turn the line of the database job into a comment."""
    _edit(places.cron, lambda line: f"# {line}")
    return f"the line of {_JOB} in {places.cron} is a comment"


def _schedule_twice(places: Places) -> str:
    """Give the database job a second table."""
    line = next(line for line in _text(places.cron).splitlines() if _JOB in line)
    second = places.cron.with_name("nexosupport-database")
    second.write_text(f"{line}\n", "utf-8")
    second.chmod(0o644)
    return f"{second} runs {_JOB} a second time"


def _dot(places: Places) -> str:
    """Give the cron table a name that cron passes over."""
    dotted = places.cron.with_name("nexosupport-backup.cron")
    places.cron.rename(dotted)
    return f"the cron table is called {dotted}, and cron passes over names with a dot"


def _forbid(places: Places) -> str:
    """Take the right to be executed from the script of the database job."""
    script = places.scripts / _JOB
    script.chmod(0o644)
    return f"{script} may not be executed"


def _leave_open(places: Places) -> str:
    """Take the end of the last line from the cron table."""
    _rewrite(places.cron, _text(places.cron).rstrip("\n"))
    return f"{places.cron} does not end with a line feed: cron refuses it"


def _move_hour(places: Places) -> str:
    """Let the database job run at another hour than the policy says."""
    _edit(places.cron, lambda line: line.replace("0 2 * * *", "0 6 * * *", 1))
    return f"{places.cron} runs {_JOB} at 06:00"


def _always_succeed(places: Places) -> str:
    """Put the script of the database job back as the guide writes it."""
    script = places.scripts / _JOB
    folder = resources.files("nexoaudit_demo").joinpath("scripts", "guide")
    _rewrite(script, folder.joinpath(_JOB).read_text("utf-8"))
    return f"{script} is the guide's: it notices no failure and says success"


def _mirror_anything(places: Places) -> str:
    """Put the script of the off-site job back as the guide writes it."""
    script = places.scripts / "nexosupport-offsite-sync.sh"
    folder = resources.files("nexoaudit_demo").joinpath("scripts", "guide")
    _rewrite(script, folder.joinpath(script.name).read_text("utf-8"))
    return f"{script} is the guide's: it deletes off-site whatever is gone here"


def _claim(places: Places) -> str:
    """Let the log name a dump that was never made."""
    moment = _yesterday(places, 12)
    name = f"nexosupport_db_{moment:%Y%m%d_%H%M%S}.sql.gz"
    _say(places, moment, f"Database backup successful: {name}")
    return f"{places.log} names {name}, which is nowhere"


def _keep_silent(places: Places) -> str:
    """Take the line about the newest dump from the log."""
    lines = _text(places.log).splitlines(keepends=True)
    newest = max(n for n, line in enumerate(lines) if "backup successful: nexosupport_db" in line)
    _rewrite(places.log, "".join(lines[:newest] + lines[newest + 1 :]))
    return f"{places.log} says nothing of the newest dump"


def _never_end(places: Places) -> str:
    """Let a run begin and never end."""
    moment = _yesterday(places, 13)
    _say(places, moment, "Starting file backup...")
    return f"{places.log} has a file backup that began and never ended"


def _complete_anyway(places: Places) -> str:
    """Let the master script report success after its transfer failed."""
    moment = _yesterday(places, 14)
    _say(places, moment, "Starting NexoSupport master backup")
    _say(places, moment, "Starting off-site transfer...")
    _say(places, moment, "Off-site transfer FAILED")
    _say(places, moment, "Master backup completed successfully")
    return f'{places.log} has "completed" after "FAILED"'


def _yesterday(places: Places, hour: int) -> datetime:
    """Return an hour of the day before the log's last, on the site's own clock."""
    day = datetime.fromisoformat(_text(places.log).splitlines()[-1][1:11])
    return day - timedelta(days=1) + timedelta(hours=hour)


def _say(places: Places, moment: datetime, text: str) -> None:
    """Put a line into the log where it belongs by its time."""
    said = f"[{moment:%Y-%m-%d %H:%M:%S}] {text}\n"
    lines = _text(places.log).splitlines(keepends=True)
    at = next((n for n, line in enumerate(lines) if line[:21] > said[:21]), len(lines))
    _rewrite(places.log, "".join([*lines[:at], said, *lines[at:]]))


def _edit(path: Path, change: Callable[[str], str]) -> None:
    lines = _text(path).splitlines(keepends=True)
    _rewrite(path, "".join(change(line) if _JOB in line else line for line in lines))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise DemoError(f"{path} cannot be read: build a site first") from error


def _rewrite(path: Path, text: str) -> None:
    """Replace the content of `path`; its times stay."""
    found = path.stat()
    path.write_text(text, "utf-8")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


PLANTERS: Mapping[str, tuple[str, Callable[[Places], str]]] = MappingProxyType(
    {
        "O11": ("the transfer deletes off-site whatever is gone here", _mirror_anything),
        "R6": ("the log names a dump that was never made", _claim),
        "R6a": ("the dump script notices no failure and says success", _always_succeed),
        "R6b": ("the log says nothing of the newest dump", _keep_silent),
        "R6c": ("a run that began and never ended", _never_end),
        "R6d": ("the log says completed after FAILED", _complete_anyway),
        "R7": ("the dump job is not scheduled", _unschedule),
        "R7a": ("the dump job is scheduled twice", _schedule_twice),
        "R7b": ("the cron table has a name that cron passes over", _dot),
        "R7c": ("the script of the dump job is not executable", _forbid),
        "R7d": ("the cron table has no end of line at its end", _leave_open),
        "R7e": ("the dump job runs at another time than it should", _move_hour),
    }
)
"""What can be planted: id, what it is in a few words, and how."""
