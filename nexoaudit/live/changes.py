"""The newest change of what an `on-change` component protects, on the live system; read only."""

import glob
import os
from datetime import datetime
from pathlib import Path

from nexoaudit.errors import LocationError
from nexoaudit.formats.gitstore import deployed_commit, holds
from nexoaudit.formats.worktree import differences
from nexoaudit.locations.directory import write_path
from nexoaudit.model.moments import file_ms, millis
from nexoaudit.model.policy import Component
from nexoaudit.model.state import Change

_AHEAD_MS = 10 * 60_000


def observe_change(component: Component, now: datetime) -> Change | None:
    """Return the newest change of what a component watches or deploys; None if it does neither.

    What cannot be read makes the outcome `failed`, with the reason as detail; so does a change
    dated in the future, which would hide every later one.
    """
    now_ms = millis(now)
    if component.repository:
        change = _deployed(component, now_ms)
    elif component.watch:
        change = _watched(component, now_ms)
    else:
        return None
    if change.outcome == "complete" and change.changed_ms > now_ms + _AHEAD_MS:
        return change._replace(outcome="failed", detail="its newest change lies in the future")
    return change


def _watched(component: Component, now_ms: int) -> Change:
    newest, failed = 0, ""
    for pattern in component.watch:
        paths = glob.glob(pattern)  # noqa: PTH207 - the pattern is absolute
        if not paths and not glob.has_magic(pattern):
            failed = failed or f"{pattern} does not exist"
        for path in paths:
            try:
                newest = max(newest, file_ms(os.stat(path).st_mtime_ns))  # noqa: PTH116
            except OSError as error:
                failed = failed or f"{path}: {error.strerror}"
    if not newest and not failed:
        failed = "no watched file exists"
    outcome = "failed" if failed else "complete"
    return Change(component.id, now_ms, newest, outcome, failed)


def _deployed(component: Component, now_ms: int) -> Change:
    """Compare the deployed commit with the repository."""
    try:
        found = deployed_commit(Path(component.deployed))
        saved = holds(Path(component.repository), found.commit)
        unlike = differences(Path(component.deployed))
    except LocationError as error:
        return Change(component.id, now_ms, 0, "failed", str(error))
    return Change(
        component.id,
        now_ms,
        max(found.committed_ms, unlike.newest_ms),
        "complete",
        found.commit[:12],
        saved=saved,
        differing=unlike.files,
        first=write_path(unlike.first),
    )
