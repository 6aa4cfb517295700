"""Directories for restored data: private, locked while in use, and swept when their owner died."""

import fcntl
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nexoaudit.errors import SandboxError
from nexoaudit.process import Account

PREFIX = "nexoaudit-sandbox-"
_UNLOCKED = "nexoaudit-new-"
_UNLOCKED_S = 300
_OURS = "nexoaudit-*"
_LOCK = "lock"
_ROOM = "room"


@contextmanager
def directory(account: Account | None = None, parent: Path | None = None) -> Iterator[Path]:
    """Yield a new directory of mode 0700 that belongs to `account` (None: to us).

    It lies below `parent` (default: the system's directory for temporary files) and is removed at
    the end, whatever happens inside. Raise SandboxError when it cannot be made or removed.
    """
    where = parent or Path(tempfile.gettempdir())
    try:
        _require_passage(where.resolve(), account)
        outer, lock = _make(where, account)
    except OSError as error:
        raise SandboxError(
            f"no private directory could be made in {where}: {error.strerror}"
        ) from error
    try:
        yield outer / _ROOM
    finally:
        _remove(outer)
        os.close(lock)


def sweep(parent: Path | None = None) -> int:
    """Remove what a killed owner left below `parent`; return how many directories went.

    Directories whose owner still lives, and those of other users, are left alone. It costs one
    look into `parent`, and raises nothing.
    """
    swept = 0
    with suppress(OSError):
        for outer in (parent or Path(tempfile.gettempdir())).glob(_OURS):
            with suppress(OSError):
                swept += _sweep(outer)
    return swept


def _sweep(outer: Path) -> bool:
    """Remove a directory whose owner is dead; return False when it must stay."""
    if outer.name.startswith(_UNLOCKED):
        # Between its making and its locking nobody can tell; that takes milliseconds.
        if time.time() - outer.lstat().st_mtime < _UNLOCKED_S:
            return False
    elif not outer.name.startswith(PREFIX):
        return False
    if not _is_dead(outer):
        return False
    with suppress(FileNotFoundError):  # an earlier removal was cut short
        _kill_servers_of(outer / _ROOM)
    shutil.rmtree(outer)
    return True


def _require_passage(where: Path, account: Account | None) -> None:
    """Raise SandboxError when `account` could not enter what lies in the directory `where`."""
    if account is None:
        return
    for path in (where, *where.parents):
        found = path.stat()
        owned = found.st_uid == account.uid and found.st_mode & stat.S_IXUSR
        shared = found.st_gid == account.gid and found.st_mode & stat.S_IXGRP
        if not (owned or shared or found.st_mode & stat.S_IXOTH):
            raise SandboxError(
                f"the sandbox's user may not enter {path}: set TMPDIR to a directory that is open"
            )


def _make(parent: Path, account: Account | None) -> tuple[Path, int]:
    """Return a new directory and the descriptor of its lock, which is held."""
    new = Path(tempfile.mkdtemp(prefix=_UNLOCKED, dir=parent))
    try:
        lock = os.open(new / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        (new / _ROOM).mkdir(mode=0o700)
        if account is not None:
            # The lock stays ours; the account may pass through to its room, nobody else may.
            os.chown(new, -1, account.gid)
            new.chmod(0o710)
            os.chown(new / _ROOM, account.uid, account.gid)
        # Only now does a sweep see it: it must never find a living one unlocked.
        outer = new.with_name(PREFIX + new.name.removeprefix(_UNLOCKED))
        new.rename(outer)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return outer, lock


def _remove(outer: Path) -> None:
    shutil.rmtree(outer, ignore_errors=True)
    if outer.exists():
        raise SandboxError(f"restored data could not be removed: delete {outer} by hand")


def _is_dead(outer: Path) -> bool:
    """Tell whether `outer` is ours and nobody holds its lock."""
    found = outer.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return False
    try:
        lock = os.open(outer / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:  # an earlier removal was cut short
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def _kill_servers_of(room: Path) -> None:
    """Kill what was being started in the very moment in which its parent died.

    A server names its data directory, a command that deals with restored data has it around it.
    """
    owner = room.stat().st_uid
    mark = b"=" + os.fsencode(room) + b"/"
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.stat().st_uid != owner:
                continue
            said = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            if mark in said:
                os.kill(int(process.name), signal.SIGKILL)
