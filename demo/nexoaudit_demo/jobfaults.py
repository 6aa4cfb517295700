"""Faults of the cron table and of the job scripts."""

import os
from collections.abc import Callable
from pathlib import Path

from nexoaudit.errors import DemoError
from nexoaudit_demo.places import Places

_JOB = "nexosupport-db-backup.sh"


def unschedule(places: Places) -> str:
    """Turn the line of the database job into a comment."""
    _edit(places.cron, lambda line: f"# {line}")
    return f"the line of {_JOB} in {places.cron} is a comment"


def schedule_twice(places: Places) -> str:
    """Give the database job a second table."""
    line = next(line for line in _text(places.cron).splitlines() if _JOB in line)
    second = places.cron.with_name("nexosupport-database")
    second.write_text(f"{line}\n", "utf-8")
    second.chmod(0o644)
    return f"{second} runs {_JOB} a second time"


def dot(places: Places) -> str:
    """Give the cron table a name that cron passes over."""
    dotted = places.cron.with_name("nexosupport-backup.cron")
    places.cron.rename(dotted)
    return f"the cron table is called {dotted}, and cron passes over names with a dot"


def forbid(places: Places) -> str:
    """Take the right to be executed from the script of the database job."""
    script = places.scripts / _JOB
    script.chmod(0o644)
    return f"{script} may not be executed"


def leave_open(places: Places) -> str:
    """Take the end of the last line from the cron table."""
    _rewrite(places.cron, _text(places.cron).rstrip("\n"))
    return f"{places.cron} does not end with a line feed: cron refuses it"


def move_hour(places: Places) -> str:
    """Let the database job run at another hour than the policy says."""
    _edit(places.cron, lambda line: line.replace("0 2 * * *", "0 6 * * *", 1))
    return f"{places.cron} runs {_JOB} at 06:00"


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
