"""Jobs: is each one scheduled once, at its time, able to run, and are its scripts sound?"""

import math
from collections.abc import Iterator
from itertools import product

from nexoaudit.formats.crontab import times
from nexoaudit.model.fact import Fact, Moment
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.model.timetable import Scheduled, Script, Timetable
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import points

CONTROL = "jobs"
RECENT_MS = 30 * points.DAY_MS
"""How long a changed script is told of."""
_GRAVEST = (
    "script.pipe_status",
    "script.completes_anyway",
    "script.moves_into",
    "script.dump_incomplete",
    "script.path_missing",
    "script.hides_errors",
    "script.mirrors_deletion",
    "script.removes_anyway",
    "script.prunes_anyway",
    "script.drops_anyway",
    "script.unchecked",
    "script.exits_zero",
    "script.says_success",
    "script.digest_anyway",
)
"""Faults by which a backup is lost and nobody notices, the worst first."""
_MOST_MOMENTS = 20_000
"""Of one job in its week or year; beyond it nothing is compared."""


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Judge the job of a component and its script; nothing for a component that names no job."""
    if state.policy.jobs is None or not component.job:
        return ()
    wanted = component.schedule if component.scheduled else ""
    return tuple(_job(state, component.id, component.job, wanted, now_ms))


def judge_site(state: State, now_ms: int) -> tuple[Verdict, ...]:
    """Judge what belongs to no one component: transfers, other scripts, tables left unread."""
    table = state.timetable
    if state.policy.jobs is None or table is None:
        return ()
    found = [
        Verdict(CONTROL, "", Status.UNVERIFIED, "jobs.unreadable", {"path": path, "detail": why})
        for path, why in table.failures
    ]
    for place in state.policy.locations:
        if place.job:
            found += _job(state, "", place.job, place.transfer, now_ms)
    named = {item.job for item in state.policy.components}
    named |= {item.job for item in state.policy.locations}
    for script in table.scripts:
        if not any(_is(script.path, name) for name in named if name):
            found += _reviewed(state, script, "", now_ms)
    return tuple(found)


def _job(state: State, component: str, job: str, schedule: str, now_ms: int) -> Iterator[Verdict]:
    table = state.timetable
    if table is None:
        yield Verdict(CONTROL, component, Status.UNVERIFIED, "jobs.unseen", {"job": job}, job)
        return
    if schedule:
        here = table.zone in {"", state.policy.site.timezone}
        yield _scheduled(table, component, job, schedule if here else "")
    own = [script for script in table.scripts if _is(script.path, job)]
    for script in own:
        yield from _reviewed(state, script, component, now_ms)
    if not own and not schedule and not _runs(table, job):
        yield Verdict(CONTROL, component, Status.FAIL, "jobs.no_script", {"job": job}, job)


def _scheduled(table: Timetable, component: str, job: str, schedule: str) -> Verdict:
    """Judge whether a job is scheduled once, at the policy's times, in a way that cron heeds.

    Without a `schedule` its times are not compared: cron goes by another clock than the policy.
    """
    found = _runs(table, job)
    facts: dict[str, Fact] = {"job": job, "schedule": schedule}
    if found:
        heeded = [item for item in found if not item.faults]
        status, reason = _standing(heeded, job, schedule)
        if not heeded:
            status, reason = Status.FAIL, found[0].faults[0]
        facts |= _about((heeded or found)[-1]) | {
            "times": len(heeded),
            "found": " and ".join(dict.fromkeys(item.when for item in heeded)),
        }
        return Verdict(CONTROL, component, status, reason, facts, job)
    if table.failures:
        facts |= {"path": table.failures[0][0], "detail": table.failures[0][1]}
        return Verdict(CONTROL, component, Status.UNVERIFIED, "jobs.perhaps_hidden", facts, job)
    return Verdict(CONTROL, component, Status.FAIL, "jobs.not_scheduled", facts, job)


def _standing(heeded: list[Scheduled], job: str, schedule: str) -> tuple[Status, str]:
    """Compare what cron heeds with the policy, as far as it can be compared."""
    direct = [item for item in heeded if any(_is(name, job) for name in item.programs)]
    if direct and len(direct) < len(heeded):
        return Status.WARN, "jobs.twice_through"
    asked = _moments(schedule)
    known = [_moments(item.when) for item in direct]
    if not direct or any(moments is None for moments in known):
        return Status.PASS, "jobs.scheduled"
    each = [moments for moments in known if moments is not None]
    union = frozenset[tuple[int, ...]]().union(*each)
    if sum(map(len, each)) > len(union):
        return Status.WARN, "jobs.twice"
    if asked is not None and union != asked:
        return Status.WARN, "jobs.other_times"
    return Status.PASS, "jobs.scheduled"


def _about(job: Scheduled) -> dict[str, Fact]:
    where = f"{job.source}:{job.line}" if job.line else job.source
    return {"where": where, "when": job.when, "user": job.user, "detail": job.detail}


def _moments(expression: str) -> frozenset[tuple[int, ...]] | None:
    """Return the moments of a job so that two jobs can be compared; None where that cannot be.

    Cron takes either day where both kinds are given; here it matters only whether two are equal.
    """
    if expression == "@reboot":
        return frozenset()  # at no time at all
    asked = times(expression)
    if asked is None:
        return None
    minutes, hours, days, months, weekdays = asked
    if len(days) == 31 and len(months) == 12:
        days = months = frozenset({0})
    elif len(weekdays) == 7:
        weekdays = frozenset({-1})
    if math.prod(map(len, (minutes, hours, days, months, weekdays))) > _MOST_MOMENTS:
        return None
    return frozenset(product(months, days, weekdays, hours, minutes))


def _runs(table: Timetable, job: str) -> list[Scheduled]:
    return [
        item
        for item in table.scheduled
        if any(_is(name, job) for name in (*item.programs, *item.through))
    ]


def _is(name: str, job: str) -> bool:
    """Return whether a program is the job: by its whole path, or by its last part."""
    return name == job or ("/" not in job and name.rpartition("/")[2] == job)


def _reviewed(state: State, script: Script, component: str, now_ms: int) -> Iterator[Verdict]:
    """Yield a standing finding for each fault of a script, and a note when it changed."""
    for (code, detail), lines in _grouped(state, script).items():
        facts: dict[str, Fact] = {
            "where": f"{script.path}:{', '.join(map(str, lines))}",
            "script": script.path,
            "detail": detail,
            "seen": Moment(script.seen_ms),
        }
        subject = f"{script.path}:{lines[0]}:{code}"
        yield Verdict(CONTROL, component, Status.WARN, code, facts, subject)
    if script.before and now_ms - script.seen_ms < RECENT_MS:
        facts = {
            "script": script.path,
            "seen": Moment(script.seen_ms),
            "before": Moment(script.before_ms),
            "digest": script.sha256[:12],
            "digest_before": script.before[:12],
        }
        yield Verdict(CONTROL, component, Status.PASS, "jobs.changed", facts, script.path)


def _grouped(state: State, script: Script) -> dict[tuple[str, str], list[int]]:
    """Return the lines of each fault that matters here."""
    table = state.timetable
    lines: dict[tuple[str, str], list[int]] = {}
    for fault in script.faults:
        if fault.code == "script.asks_password" and (
            table is None or not _runs(table, script.path)
        ):
            continue  # somebody at a terminal runs it
        if fault.code == "script.no_position" and not _has_binary_logs(state):
            continue
        lines.setdefault((fault.code, fault.detail), []).append(fault.line)
    return dict(sorted(lines.items(), key=lambda item: _gravity(item[0][0])))


def _gravity(code: str) -> int:
    """Return the place of a fault among others: what loses backups unnoticed comes first."""
    return _GRAVEST.index(code) if code in _GRAVEST else len(_GRAVEST)


def _has_binary_logs(state: State) -> bool:
    return any(component.kind == "binlog" for component in state.policy.components)
