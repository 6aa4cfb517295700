"""Test restores of files and configurations, as the policy has them restored."""

from collections.abc import Iterator
from contextlib import contextmanager

from nexoaudit.auditor.baseline import baseline
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.targets import Target
from nexoaudit.auditor.trees import remembered
from nexoaudit.drill.files import Task
from nexoaudit.drill.livetree import Live
from nexoaudit.drill.reading import Verified, Wanted
from nexoaudit.model.copy import Copy
from nexoaudit.model.manifest import Manifest
from nexoaudit.model.policy import Component


@contextmanager
def task_of(session: Session, target: Target, copy: Copy, *, whole: bool) -> Iterator[Task]:
    """Give what a drill of `copy`, which is of the target, is to do."""
    component = target.component
    is_config = component.kind == "config"
    with remembered(session, copy.location) as known:
        yield Task(
            kind="config" if is_config else "files",
            wanted=Wanted(
                expect=component.expect,
                verified=_verified(copy, target.newest),
                web_user=session.policy.drill.web_user,
                only_code=is_config,
            ),
            live=_live(component, copy),
            known=known,
            whole=whole,
            rto_s=component.rto_s,
            before=baseline(session, target.kind, target.series, copy),
        )


def _verified(copy: Copy, newest: Manifest | None) -> Verified:
    """Return what is known of these very bytes; nothing of a tree, whose files are known each."""
    if not copy.sha256 or copy.path.endswith("/"):
        return Verified()
    if newest is None or newest.sha256 != copy.sha256:
        return Verified(copy.sha256)
    return Verified(
        copy.sha256, int(newest.facts.get("files", -1)), int(newest.facts.get("bytes", -1))
    )


def _live(component: Component, copy: Copy) -> Live | None:
    """Return which live files the copy is compared with; None where the policy names none.

    Where the name does not say when the job began, its usual run time is left out.
    """
    paths = component.watch if component.kind == "config" else component.data
    if not paths:
        return None
    begun_ms = copy.time_ms
    if copy.time_source != "name":
        begun_ms -= component.grace_s * 1000
    return Live(paths, begun_ms, component.expect.forbidden)
