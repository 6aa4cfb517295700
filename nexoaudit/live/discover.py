"""Which of the site's jobs makes which backups: for a first configuration, to be reviewed."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from nexoaudit.formats.programs import basename, plain_words
from nexoaudit.formats.shell import Command, read_command
from nexoaudit.live.jobs import inside, observe_jobs
from nexoaudit.live.scripts import JobScript, Scripts
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Jobs, Policy, Site

_MAKERS = re.compile(r"mysqldump|mariadb-dump|mariabackup|xtrabackup|pg_dump|tar|rsync|cp")
_SENDERS = re.compile(r"rsync|aws|rclone|scp|restic|borg|s3cmd|mc")
_AWAY = re.compile(r"^[^/=\s-][^/=\s]*:|^s3://|^sftp:")
_HOMES = ("/usr/local/bin/*", "/usr/local/sbin/*")


class FoundJobs(NamedTuple):
    """What the live system tells of the jobs of one directory of backups."""

    makers: Mapping[str, str]
    """By directory (as on this machine) the name of the one script that fills it."""
    transfer: str = ""
    """The name of the one script that copies all of them elsewhere."""
    logs: tuple[str, ...] = ()
    root: str = "/"


def discover(root: Path, scanned: Path, directories: Iterable[Path], jobs: Jobs) -> FoundJobs:
    """Look through the scheduled jobs and the usual places of scripts; nothing is run.

    Where more than one script could be meant, none is named.
    """
    looked = jobs._replace(root=str(root), scripts=_HOMES)
    policy = Policy(Site("?"), (Location("?", str(scanned)),), ())
    table = observe_jobs(policy, looked)
    scripts = Scripts(str(root))
    held = [scripts.get(path) for path in table.paths]
    own = [script for script in held if script is not None and script.shell is not None]
    makers = {}
    for directory in directories:
        told = inside(str(root), str(directory))
        name = _only([script for script in own if _fills(script, told)])
        if name:
            makers[str(directory)] = name
    source = inside(str(root), str(scanned))
    transfer = _only([script for script in own if _sends(script, source)])
    logs = [log for job in table.scheduled for log in _appended(job.command)]
    return FoundJobs(makers, transfer, tuple(dict.fromkeys(logs)), str(root))


def _only(scripts: list[JobScript]) -> str:
    return basename(scripts[0].path) if len(scripts) == 1 else ""


def _fills(script: JobScript, directory: str) -> bool:
    """Tell whether a script says that this is its directory, and runs what makes backups."""
    commands = _commands(script)
    said = any(
        word.partition("=")[2].rstrip("/") == directory
        for command in commands
        if not plain_words(command)
        for word in command.words
    )
    return said and any(
        _MAKERS.fullmatch(basename(word)) for c in commands for word in plain_words(c)[:1]
    )


def _sends(script: JobScript, source: str) -> bool:
    if source not in script.file.text:
        return False
    for command in _commands(script):
        words = plain_words(command)
        if words and _SENDERS.fullmatch(basename(words[0])):
            text = script.file.text
            if any(_AWAY.match(word) or word.startswith("$") for word in words[1:]) and (
                "s3://" in text or re.search(r"@\S+:", text)
            ):
                return True
    return False


def _commands(script: JobScript) -> tuple[Command, ...]:
    return () if script.shell is None else script.shell.commands


def _appended(command: str) -> list[str]:
    """Return the files that a job's output is appended to."""
    targets = [r for part in read_command(command) for r in part.redirects if r.startswith(">>")]
    return [target[2:] for target in targets if target.startswith(">>/")]
