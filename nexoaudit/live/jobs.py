"""The site's own jobs on the live system: what is scheduled, whether it can run, what it runs."""

import os
from pathlib import Path

from nexoaudit.formats.programs import Program, basename
from nexoaudit.formats.secrets import redacted
from nexoaudit.live.accounts import Accounts
from nexoaudit.live.crontables import Line, cron_lines, matching
from nexoaudit.live.recognise import recognise
from nexoaudit.live.scripts import ELSEWHERE, JobScript, Scripts, direct
from nexoaudit.live.textfile import below, read_text
from nexoaudit.live.timers import timer_lines
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Jobs, Policy
from nexoaudit.model.timetable import Scheduled, Script, Timetable

_TOOLS = ("mysqldump", "mariadb-dump", "mariabackup", "xtrabackup", "pg_dump")
_HOMES = (*ELSEWHERE[:2], "/root/bin", "/opt/backup", "/etc/cron.daily")
"""Where a job's script is looked for that nothing schedules."""
_LONGEST = 500


def observe_jobs(policy: Policy, jobs: Jobs) -> Timetable:
    """Return what is scheduled for the backups, and the scripts of it.

    A job belongs to the backups when the policy names it, when the configuration lists its
    script, or when its script names a directory of the backups or a program that makes dumps.
    """
    return _Look(policy, jobs).review()


def _mark(root: str, place: Location) -> str:
    """Return what a script that has to do with a location names."""
    if place.bucket is not None:
        return place.bucket.bucket
    if place.host is not None:
        return place.host.host
    return inside(root, place.path) if place.path else place.id


class _Look:
    """One look at the live system."""

    def __init__(self, policy: Policy, jobs: Jobs) -> None:
        self._jobs = jobs
        self._scripts = Scripts(jobs.root)
        self._accounts = Accounts(jobs.root)
        named = (item.job for item in policy.components), (item.job for item in policy.locations)
        self._names = {name for names in named for name in names if name}
        self._marks = (*_TOOLS, *(_mark(jobs.root, place) for place in policy.locations))
        self._failures: list[tuple[str, str]] = []
        self._listed = {
            path
            for pattern in jobs.scripts
            for path in matching(jobs.root, pattern, self._failures)
        }

    def review(self) -> Timetable:
        tables, timers = cron_lines(self._jobs), timer_lines(self._jobs)
        scheduled = []
        for line in (*tables.lines, *timers.lines):
            job = self._scheduled(line)
            if job is not None:
                scheduled.append(job)
        paths = self._reviewed(scheduled)
        failures = (*self._failures, *tables.failures, *timers.failures)
        own = [item for item in self._scripts.failures if self._wanted(item[0])]
        return Timetable(
            tuple(scheduled),
            tuple(script.path for script in paths),
            tuple(dict.fromkeys((*failures, *own))),
            machine_zone(self._jobs.root),
            tuple(self._script(script) for script in paths),
        )

    def _script(self, script: JobScript) -> Script:
        if script.shell is None:
            return Script(script.path, script.file.sha256)
        faults = recognise(script.shell, script.file.mode, self._scripts.missing)
        return Script(script.path, script.file.sha256, faults)

    def _scheduled(self, line: Line) -> Scheduled | None:
        """Return what a line runs of the backups; None when it has nothing to do with them."""
        programs = direct(line.command)
        paths = [self._find(program, line.path) for program in programs]
        through = [path for start in paths for path in self._scripts.reached(start, line.path)]
        names = [path or program.name for program, path in zip(programs, paths, strict=True)]
        if not any(self._wanted(name) for name in (*names, *through)):
            return None
        faults, detail = list(line.faults), line.detail
        if not faults:
            faults, detail = self._hindered(line, programs)
        return Scheduled(
            line.source,
            line.line,
            line.user,
            line.when,
            redacted(line.command)[:_LONGEST],
            tuple(dict.fromkeys(names)),
            tuple(dict.fromkeys(through)),
            tuple(faults),
            redacted(detail)[:_LONGEST] if faults else "",
        )

    def _find(self, program: Program, search: str) -> str:
        """Return the path of a program, wherever it lies; "" when it lies nowhere."""
        places = f"{search}:{':'.join(ELSEWHERE)}"
        return self._scripts.resolve(program.name, places)

    def _wanted(self, name: str) -> bool:
        if name in self._listed or self._is_job(name):
            return True
        script = self._scripts.get(name) if name.startswith("/") else None
        return script is not None and self._mentions(script)

    def _is_job(self, name: str) -> bool:
        return name in self._names or basename(name) in self._names

    def _mentions(self, script: JobScript) -> bool:
        return any(mark in script.file.text for mark in self._marks)

    def _hindered(self, line: Line, programs: list[Program]) -> tuple[list[str], str]:
        """Return why a line that cron takes would not run its job, and what about it."""
        if not self._accounts.knows(line.user):
            return ["cron.unknown_user"], line.user
        for program in programs:
            path = self._scripts.resolve(program.name, line.path)
            if not path and self._find(program, line.path):
                return ["cron.not_in_path"], program.name
            if program.name.startswith("/") and not self._scripts.exists(program.name):
                if self._is_job(program.name):
                    return ["cron.no_such_file"], program.name
                continue
            script = self._scripts.get(path) if path else None
            if script is None:
                continue
            if program.itself and not self._accounts.may_run(line.user, script.file):
                return ["cron.not_executable"], f"{path}, mode {script.file.mode:04o}"
            lost = self._scripts.missing_commands(script, line.path)
            if lost:
                return ["cron.not_in_path"], f"{lost}, in {path}"
        return [], ""

    def _reviewed(self, scheduled: list[Scheduled]) -> list[JobScript]:
        """Return the scripts of the backups, wherever they are named."""
        names = [name for job in scheduled for name in (*job.programs, *job.through)]
        homes = [f"{home}/{name}" for name in sorted(self._names) for home in _HOMES]
        paths = [*names, *sorted(self._listed), *sorted(self._names), *homes]
        found = {}
        for path in paths:
            script = self._scripts.get(path) if path.startswith("/") else None
            if script is not None and self._wanted(path):
                found[path] = script
        return [found[path] for path in sorted(found)]


def machine_zone(root: str) -> str:
    """Return the time zone of the machine below `root`; "" when it does not say."""
    link = below(root, "/etc/localtime")
    try:
        named = os.readlink(link) if link.is_symlink() else ""  # noqa: PTH115 - text is wanted
        if "zoneinfo/" in named:
            return named.partition("zoneinfo/")[2]
        file = read_text(below(root, "/etc/timezone"))
    except OSError:
        return ""
    return "" if file is None else file.text.strip()


def inside(root: str, path: str) -> str:
    """Return an absolute path of this machine as the site below `root` itself writes it."""
    base = root.rstrip("/")
    return path.removeprefix(base) if base and Path(path).is_relative_to(base) else path
