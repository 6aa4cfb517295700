"""Test restores of chosen recovery points, recorded."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.auditor.baseline import baseline
from nexoaudit.auditor.exact import demanded, prepare
from nexoaudit.auditor.filedrills import task_of
from nexoaudit.auditor.moments import drill_to_moment
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.targets import Target, is_arriving
from nexoaudit.drill.contents import drill_contents
from nexoaudit.drill.database import drill_database
from nexoaudit.drill.files import drill_files
from nexoaudit.drill.onward import Onward
from nexoaudit.drill.point_in_time import KIND as POINT_IN_TIME
from nexoaudit.drill.terms import Terms
from nexoaudit.drill.versions import Deployed
from nexoaudit.live.fits import read_code
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Policy


def drill(
    session: Session,
    target: Target,
    *,
    whole: bool = False,
    until_ms: int = 0,
    exact: bool = False,
    fast: bool = False,
) -> Drill:
    """Restore the target in a sandbox, record what came of it, publish, and return it.

    With `whole` all of its files are put on disk instead of a sample. `until_ms` is the moment of a
    point-in-time drill; 0: it chooses one. With `exact` that is one at which the live server was
    asked what it holds: until the logs reach it, nothing is restored and no drill recorded.
    With `fast` only the contents of a database are proven: see `drill_contents`.
    """
    if target.kind == POINT_IN_TIME and exact:
        found = prepare(session, target)
        if isinstance(found, Drill):
            session.publish()
            return found._replace(series=target.series.id)
        result = demanded(drill_to_moment(session, target, snapshot=found))
        result = result._replace(series=target.series.id)
    elif target.kind == POINT_IN_TIME:
        result = drill_to_moment(session, target, until_ms)._replace(series=target.series.id)
    else:
        result = restored(session, target, whole=whole, fast=fast)
    session.append([evidence.drill_draft(result)])
    session.publish()
    return result


def restored(
    session: Session,
    target: Target,
    *,
    whole: bool = False,
    onward: Onward | None = None,
    fast: bool = False,
) -> Drill:
    """Restore one backup in a sandbox and return what came of it; nothing is recorded.

    `onward` is replayed after the dump of a database; with `fast` only its contents are proven.
    """
    if target.copy is None:
        result = _absent(session, target)
    elif target.kind == "database":
        result = _run_database(session, target, target.copy, onward, fast=fast)
    else:
        result = _run_files(session, target, target.copy, whole=whole)
    return result._replace(series=target.series.id)


def _run_database(
    session: Session, target: Target, copy: Copy, onward: Onward | None, *, fast: bool
) -> Drill:
    run = drill_contents if fast else partial(drill_database, onward=onward)
    return run(
        session.policy.location(copy.location),
        copy,
        database_terms(session, target, copy),
        now=_now(session),
        progress=lambda _size: session.beat(),
    )


def _run_files(session: Session, target: Target, copy: Copy, *, whole: bool) -> Drill:
    location = session.policy.location(copy.location)
    with task_of(session, target, copy, whole=whole) as task:
        return drill_files(
            location, copy, task, now=_now(session), progress=lambda _size: session.beat()
        )


def _now(session: Session) -> datetime:
    """Return what time it is, in the site's zone."""
    return session.clock().astimezone(ZoneInfo(session.policy.site.timezone))


def database_terms(session: Session, target: Target, copy: Copy) -> Terms:
    """Return what a restore of `copy` is held against, by the policy and by the evidence so far."""
    component, series = target.component, target.series
    before = baseline(session, target.kind, series, copy)
    known = session.recall().histories.get((component.id, series.id))
    raw_bytes = 0 if before is None else int(dict(before.measures).get("raw_bytes", 0))
    return Terms(
        expect=component.expect,
        rto_s=component.rto_s,
        deployed=_deployed(session.policy, component.id),
        asserts=component.asserts,
        before=before,
        unsteady=() if known is None else known.unsteady,
        raw_bytes=raw_bytes if known is None else known.newest.raw_size,
    )


def _deployed(policy: Policy, database: str) -> tuple[Deployed, ...]:
    """Return what is said of the version of the code that works on a database."""
    asked = [(item.id, item.schema) for item in policy.components if item.schema is not None]
    found = []
    for name, versions in asked:
        if versions.component == database:
            code = read_code(versions)
            found.append(Deployed(name, versions.sql, code.version, code.changed_ms))
    return tuple(found)


def _absent(session: Session, target: Target) -> Drill:
    now_ms = evidence.millis(session.clock())
    component, place = target.component, target.location
    absent = Drill(target.kind, component.id, now_ms, 0, "fail", "drill.no_copy", location=place)
    if is_arriving(session.recall(), component, target.series, place):
        return absent._replace(outcome="unverified", reason="drill.unfinished")
    return absent
