"""The cron tables and timers of the live system, and what keeps cron from heeding them."""

import glob
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from nexoaudit.formats.crontab import DEFAULT_PATH, read_table
from nexoaudit.live.textfile import TextFile, below, read_text
from nexoaudit.model.policy import Jobs

_MOST_FILES = 1000
_PARTS = re.compile(r"cron\.(hourly|daily|weekly|monthly)")
_TAKEN = re.compile(r"[A-Za-z0-9_-]+")
"""Names that cron and run-parts take; others are passed over in silence."""
_OTHERS_WRITE = 0o022


class Line(NamedTuple):
    """One thing that is scheduled, whatever it is."""

    source: str
    line: int
    user: str
    when: str
    command: str
    path: str = DEFAULT_PATH
    """The PATH it is run with."""
    faults: tuple[str, ...] = ()
    detail: str = ""


class Found(NamedTuple):
    """What was found, and what could not be read."""

    lines: list[Line]
    failures: list[tuple[str, str]]


def cron_lines(jobs: Jobs) -> Found:
    """Return every job of the cron tables; the paths are those of the site, below its root."""
    found = Found([], [])
    for pattern in jobs.cron:
        for path in matching(jobs.root, pattern, found.failures):
            try:
                file = read_text(below(jobs.root, path))
            except OSError as error:
                found.failures.append((path, error.strerror or "unreadable"))
                continue
            if file is not None:
                found.lines.extend(_lines(jobs.root, path, file))
    return found


def matching(root: str, pattern: str, failures: list[tuple[str, str]]) -> list[str]:
    """Return the paths of the site that match; a directory that may not be listed is a failure."""
    fixed = pattern
    while glob.has_magic(fixed):
        fixed = fixed.rpartition("/")[0]
    if glob.has_magic(pattern):
        try:
            closed = below(root, fixed).is_dir() and not os.access(below(root, fixed), os.R_OK)
        except OSError as error:
            failures.append((fixed, error.strerror or "unreadable"))
            return []
        if closed:
            failures.append((fixed, "Permission denied"))
            return []
    prefix = glob.escape(root.rstrip("/"))
    names = list(islice(glob.iglob(prefix + pattern), _MOST_FILES + 1))  # noqa: PTH207
    if len(names) > _MOST_FILES:
        failures.append((pattern, f"matches more than {_MOST_FILES} files"))
    cut = len(root.rstrip("/"))
    return sorted(name[cut:] for name in names[:_MOST_FILES])


def _lines(root: str, path: str, file: TextFile) -> Iterator[Line]:
    parent, name = Path(path).parent.name, Path(path).name
    if _PARTS.fullmatch(parent):
        skipped = () if _TAKEN.fullmatch(name) else ("cron.dotted_name",)
        yield Line(path, 0, "root", parent, path, faults=skipped, detail=name)
        return
    if parent.startswith("cron.") and parent != "cron.d":
        return  # cron.yearly and the like, which nothing runs here
    system = parent == "cron.d" or name == "crontab"
    table = read_table(file.text, system=system)
    faults, detail = _table_faults(root, path, file)
    if table.bad:
        faults, detail = [*faults, "cron.bad_line"], detail or f"line {table.bad[0]}"
    if not table.ended:
        faults = [*faults, "cron.no_newline"]
    for job in table.jobs:
        own = [*faults, "cron.percent"] if job.cut else faults
        user = job.user if system else name
        yield Line(
            path, job.line, user, job.when, job.command, job.path, tuple(own), detail or job.command
        )


def _table_faults(root: str, path: str, file: TextFile) -> tuple[list[str], str]:
    """Return why cron does not take a table at all, and what about it."""
    if Path(path).parent.name == "cron.d" and not _TAKEN.fullmatch(Path(path).name):
        return ["cron.dotted_name"], Path(path).name
    if not (Path(path).parent.name == "cron.d" or Path(path).name == "crontab"):
        return [], ""
    if file.mode & _OTHERS_WRITE:
        return ["cron.writable"], f"mode {file.mode:04o}"
    # The file system of a container may belong to another user than this machine's root.
    if file.owner != below(root, "/").stat().st_uid:
        return ["cron.owner"], f"user {file.owner}"
    return [], ""
