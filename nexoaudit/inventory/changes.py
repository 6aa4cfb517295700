"""The newest change of what an `on-change` component protects, on the live system; read only."""

import glob
import os
from datetime import datetime
from pathlib import Path

from nexoaudit import process
from nexoaudit.errors import ToolError
from nexoaudit.model.policy import Component
from nexoaudit.model.state import Change

_GIT_DEADLINE_S = 20.0


def observe_change(component: Component, now: datetime) -> Change | None:
    """Return the newest change of what a component watches or deploys; None if it does neither.

    What cannot be read makes the outcome `failed`, with the reason as detail.
    """
    now_ms = int(now.timestamp() * 1000)
    if component.repository:
        return _deployed(component, now_ms)
    if component.watch:
        return _watched(component, now_ms)
    return None


def _watched(component: Component, now_ms: int) -> Change:
    newest, failed = 0, ""
    for pattern in component.watch:
        paths = glob.glob(pattern)  # noqa: PTH207 - the pattern is absolute
        if not paths and not glob.has_magic(pattern):
            failed = failed or f"{pattern} does not exist"
        for path in paths:
            try:
                newest = max(newest, os.stat(path).st_mtime_ns // 1_000_000)  # noqa: PTH116
            except OSError as error:
                failed = failed or f"{path}: {error.strerror}"
    if not newest and not failed:
        failed = "no watched file exists"
    outcome = "failed" if failed else "complete"
    return Change(component.id, now_ms, newest, outcome, failed)


def _deployed(component: Component, now_ms: int) -> Change:
    """Compare the deployed commit with the repository; both are only read."""
    try:
        commit, seconds = _git(component.deployed, "log", "-1", "--format=%H %ct").split()
    except (ToolError, ValueError) as error:
        return Change(component.id, now_ms, 0, "failed", _first_line(error))
    try:
        _git(component.repository, "cat-file", "-e", f"{commit}^{{commit}}")
        saved = True
    except ToolError as error:
        if not Path(component.repository).is_dir():
            return Change(component.id, now_ms, 0, "failed", _first_line(error))
        saved = False
    return Change(component.id, now_ms, int(seconds) * 1000, "complete", commit[:12], saved=saved)


def _git(directory: str, *arguments: str) -> str:
    """Return what git prints; raise ToolError when it fails.

    The repository belongs to another user than the auditor, and its configuration is not ours:
    no hook, pager, lock or external program of it may run.
    """
    argv = [
        process.find("git", "git"),
        "--no-pager",
        "--no-optional-locks",
        *("-c", f"safe.directory={directory}"),
        *("-c", "core.fsmonitor=false"),
        *("-c", "core.hooksPath=/dev/null"),
        *("-C", directory),
        *arguments,
    ]
    env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "HOME": "/nonexistent"}
    result = process.run(argv, deadline_s=_GIT_DEADLINE_S, env=env)
    if result.returncode:
        said = result.stderr.decode("utf-8", "replace").strip()
        raise ToolError(f"git in {directory}: {said or f'exit code {result.returncode}'}")
    return result.stdout.decode("utf-8", "replace")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]
