"""Whom untrusted input runs as: somebody who owns nothing."""

import grp
import os
import pwd
import secrets
from pathlib import Path

from nexoaudit.errors import SandboxError
from nexoaudit.process import Account

USER = "nexoaudit"
"""The account that packages create for the sandbox."""

UNASSIGNED = range(60578, 60706)
"""Numbers that neither Debian nor systemd gives to anybody, below the 65,536 of a container."""


def unprivileged() -> Account | None:
    """Return the account for a sandbox when we are root; None when we are nobody special anyway.

    It is the user `nexoaudit` if there is one, else a number that has no name, no group and no
    running process. Raise SandboxError when every such number is taken.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        return _unused()
    return Account(entry.pw_uid, entry.pw_gid)


def _unused() -> Account:
    taken = _running() | {entry.pw_uid for entry in pwd.getpwall()}
    taken |= {entry.gr_gid for entry in grp.getgrall()}
    free = [number for number in UNASSIGNED if number not in taken]
    if not free:
        raise SandboxError(
            f"no unused user id is left for the sandbox: create the user {USER!r} for it"
        )
    number = secrets.choice(free)
    return Account(number, number)


def _running() -> set[int]:
    """Return the user ids that own a process."""
    owners = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            owners.add(process.stat().st_uid)
        except FileNotFoundError:  # it ended meanwhile
            continue
    return owners
