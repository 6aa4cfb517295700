"""The one way to run another program: an argument list, a deadline and no shell."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from nexoaudit.errors import ToolError

Handle = subprocess.Popen[bytes]
"""A running program."""

DEVNULL = subprocess.DEVNULL
PIPE = subprocess.PIPE

POLITE = ("nice", "-n", "19")
"""Goes before a command that comes last beside production; a later renice would miss threads."""


class Account(NamedTuple):
    """Whom a program runs as."""

    uid: int
    gid: int


class Result(NamedTuple):
    """How a program ended."""

    returncode: int
    stdout: bytes
    stderr: bytes


def find(program: str, package: str) -> str:
    """Return the path of `program`; `package` is the Debian package that has it.

    Raise ToolError with the line that installs it when it is missing.
    """
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if path is None:
        raise ToolError(f"{program} is not installed: run `apt-get install {package}`")
    return path


def guarded(argv: Sequence[str], account: Account | None = None) -> list[str]:
    """Return `argv` wrapped so that the program dies with the thread that starts it.

    The kernel clears the death signal when a process changes its user, so the order (user first,
    signal second) matters; `setpriv` has it right. Start it from a thread that lives on.
    """
    prefix = [find("setpriv", "util-linux"), "--pdeathsig", "KILL", "--no-new-privs"]
    if account is not None and os.geteuid() == 0:
        prefix += [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    return [*prefix, *argv]


def start(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: int | IO[bytes] = DEVNULL,
    stdout: int | IO[bytes] = DEVNULL,
    stderr: int | IO[bytes] = DEVNULL,
    pass_fds: Sequence[int] = (),
) -> Handle:
    """Start `argv` in a session of its own and return its handle.

    It inherits the descriptors `pass_fds`, under their numbers, and no other ones. Raise ToolError
    when it cannot be started.
    """
    try:
        return subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            list(argv),
            env=dict(env) if env is not None else None,
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            pass_fds=tuple(pass_fds),
        )
    except OSError as error:
        raise ToolError(f"{argv[0]} could not be started: {error.strerror}") from error


def stop(handle: Handle) -> None:
    """Kill the program and everything in its session, and wait for its end."""
    try:
        os.killpg(handle.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except PermissionError:
        handle.kill()
    handle.wait()
    for stream in (handle.stdin, handle.stdout, handle.stderr):
        if stream is not None:
            stream.close()


def ended(handle: Handle, within_s: float) -> int | None:
    """Wait at most `within_s` seconds for the end; return the exit code, None while it runs."""
    try:
        return handle.wait(max(0.0, within_s))
    except subprocess.TimeoutExpired:
        return None


def run(
    argv: Sequence[str],
    *,
    deadline_s: float,
    data: bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Result:
    """Run `argv` to its end and return how it ended, whatever its exit code.

    Raise ToolError when it cannot be started or does not end within `deadline_s` seconds.
    """
    handle = start(
        argv,
        env=env,
        cwd=cwd,
        stdin=DEVNULL if data is None else PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        stdout, stderr = handle.communicate(data, timeout=deadline_s)
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{argv[0]} did not end within {deadline_s:g} seconds") from error
    finally:
        stop(handle)
    return Result(handle.returncode, stdout, stderr)
