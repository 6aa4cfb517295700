"""Systemd timers of the live system, read from their unit files."""

import os
from collections.abc import Iterator
from pathlib import Path

from nexoaudit.formats.timer import Unit, as_cron, read_unit
from nexoaudit.live.crontables import Found, Line, matching
from nexoaudit.live.textfile import below, read_text
from nexoaudit.model.policy import Jobs

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def timer_lines(jobs: Jobs) -> Found:
    """Return the commands that the timers below the unit directories start."""
    found = Found([], [])
    seen: set[str] = set()
    enabled = _enabled(jobs)
    for directory in jobs.systemd:
        for path in matching(jobs.root, f"{directory}/*.timer", found.failures):
            name = Path(path).name
            if name in seen:
                continue
            seen.add(name)
            timer = _unit(jobs, path, found)
            if timer is not None:
                faults = () if name in enabled else ("timer.not_enabled",)
                found.lines.extend(_started(jobs, path, timer, faults, found))
    return found


def _started(
    jobs: Jobs, path: str, timer: Unit, faults: tuple[str, ...], found: Found
) -> Iterator[Line]:
    name = timer.starts or Path(path).stem + ".service"
    places = (f"{directory}/{name}" for directory in jobs.systemd)
    service = next((unit for place in places if (unit := _unit(jobs, place, found))), None)
    if service is None:
        return
    for calendar in timer.calendar:
        for command in service.commands:
            when = as_cron(calendar) or calendar
            yield Line(path, 0, service.user or "root", when, command, _PATH, faults, name)


def _unit(jobs: Jobs, path: str, found: Found) -> Unit | None:
    try:
        file = read_text(below(jobs.root, path))
    except OSError as error:
        found.failures.append((path, error.strerror or "unreadable"))
        return None
    return None if file is None else read_unit(file.text)


def _enabled(jobs: Jobs) -> set[str]:
    """Return the timers that some target wants."""
    names: set[str] = set()
    for directory in jobs.systemd:
        for wants in matching(jobs.root, f"{directory}/*.wants", []):
            try:
                names.update(os.listdir(below(jobs.root, wants)))  # noqa: PTH208 - names only
            except OSError:
                continue
    return names
