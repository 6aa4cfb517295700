"""Around a new demonstration: the checks as the monitoring user runs them, and what to see."""

import grp
import os
import pwd
import sys
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from nexoaudit import process
from nexoaudit.state.file import NAME
from nexoaudit_demo.elsewhere import Elsewhere

CHECKS = (
    "age",
    "checksum",
    "copies",
    "offsite",
    "retention",
    "schedule",
    "content",
    "binlog",
    "restore",
    "storage",
    "auditor",
)
_COLOURS = ("green", "yellow", "bold red", "magenta")
_DEADLINE_S = 30.0
_MONITORING_USERS = ("nagios", "nobody")


class Tour(NamedTuple):
    """What there is to see."""

    directory: Path
    config: Path
    report: Path


def monitoring_group() -> str:
    """Return the group of the user the checks are polled as; empty when that is ourselves."""
    user = _monitoring_user()
    return "" if user is None else grp.getgrgid(user.pw_gid).gr_name


def tour(console: Console, found: Tour) -> None:
    """Poll every check as the monitoring user and print where everything is."""
    user = _monitoring_user()
    state = found.directory / "state" / NAME
    name = user.pw_name if user is not None else "this user"
    console.print(f"\nThe checks, polled as {name}:", style="bold")
    for check in CHECKS:
        _poll(console, [*_command(f"check_backup_{check}"), "--state", str(state)], user)
    program = Path(sys.argv[0])
    steps = (
        ("the report", str(found.report)),
        ("the verdicts", f"{program} status --config {found.config}"),
        *bucket_step(found.directory),
        ("a fault", f"{program} demo --break D2 {found.directory}"),
        ("  is found", f"{program} audit --config {found.config}"),
        ("  and shown", f"{program} status --config {found.config}"),
        ("a check", f"{program.with_name('check_backup_age')} --state {state} -v"),
        ("a restore", f"{program} drill database --config {found.config}"),
        ("its files", str(found.directory)),
    )
    console.print("\nLook around:", style="bold")
    for what, how in steps:
        console.print(f"  {what:<13}{how}", soft_wrap=True)


def bucket_step(directory: Path) -> list[tuple[str, str]]:
    """Return how to have the bucket of a demonstration again, if it has one."""
    if not Elsewhere(directory).has_bucket:
        return []
    return [("its bucket", f"{sys.argv[0]} demo --serve {directory}   # in another terminal")]


def _poll(console: Console, argv: list[str], user: pwd.struct_passwd | None) -> None:
    if user is not None:
        argv = process.guarded(argv, process.Account(user.pw_uid, user.pw_gid))
    result = process.run(argv, deadline_s=_DEADLINE_S, cwd=Path("/"))
    line = result.stdout.decode("utf-8", "replace").partition("\n")[0]
    text, bar, data = line.partition("|")
    shown = Text(f"[{result.returncode}] {text}", style=_colour(result.returncode))
    console.print(shown.append(bar + data, style="dim"), soft_wrap=True)


def _command(check: str) -> list[str]:
    """Return the installed check beside this program."""
    beside = Path(sys.argv[0]).absolute().with_name(check)
    return [str(beside) if beside.exists() else process.find(check, "nexoaudit")]


def _colour(code: int) -> str:
    return _COLOURS[code] if 0 <= code < len(_COLOURS) else "default"


def _monitoring_user() -> pwd.struct_passwd | None:
    """Return the user who polls the checks: root becomes another one, nobody else can."""
    if os.geteuid() != 0:
        return None
    for name in _MONITORING_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None
