"""Logs: do they say what really is on disk, and does every run have an end?"""

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Fact, Moment
from nexoaudit.model.policy import Component, Series
from nexoaudit.model.runlog import RunLog, Said
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import points
from nexoaudit.rules.runs import made_at

CONTROL = "logs"
RECENT_MS = 7 * points.DAY_MS
"""How long something in a log is told of."""
_UNREAD = MappingProxyType({"missing": "logs.missing", "failed": "logs.unreadable"})
_RUN_MS = 12 * 3_600_000
"""No run of a job takes longer: a start without an end has died by then."""


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Compare what the logs say of a component with its copies; nothing if no log names any."""
    if state.policy.jobs is None or component.parts:
        return ()
    found: list[Verdict] = []
    claims = 0
    for log in _readable(state):
        said = [item for item in log.said if now_ms - RECENT_MS < item.at_ms <= now_ms]
        own = [item for item in said if _series_of(component, item) is not None]
        claims += len(own)
        jobs = {item.job for item in own}
        found += _unmade(state, component, log, own, now_ms)
        found += _runs(component.id, log, [item for item in said if item.job in jobs], now_ms)
    found += _unclaimed(state, component, now_ms)
    if found:
        return tuple(found)
    if not claims:
        return ()
    return (Verdict(CONTROL, component.id, Status.PASS, "logs.agree", {"claims": claims}),)


def judge_site(state: State, now_ms: int) -> tuple[Verdict, ...]:
    """Judge what the logs say of jobs that make no files, and the logs that cannot be read."""
    if state.policy.jobs is None:
        return ()
    found: list[Verdict] = []
    for path in state.policy.jobs.logs:
        log = state.runlogs.get(path)
        if log is None or log.outcome != "read":
            reason = "logs.unseen" if log is None else _UNREAD[log.outcome]
            facts: dict[str, Fact] = {"log": path, "detail": "" if log is None else log.detail}
            found.append(Verdict(CONTROL, "", Status.UNVERIFIED, reason, facts, path))
            continue
        said = [item for item in log.said if now_ms - RECENT_MS < item.at_ms <= now_ms]
        told = {
            item.job
            for item in said
            for component in state.policy.components
            if _series_of(component, item) is not None
        }
        found += _runs("", log, [item for item in said if item.job not in told], now_ms)
        found += _despite(log, said)
    return tuple(found)


def _readable(state: State) -> Iterator[RunLog]:
    for path in state.policy.jobs.logs if state.policy.jobs is not None else ():
        log = state.runlogs.get(path)
        if log is not None and log.outcome == "read":
            yield log


def _series_of(component: Component, said: Said) -> Series | None:
    """Return the series that a line of success names a file of."""
    if said.kind != "success" or not said.name:
        return None
    for series in component.series:
        prefix = series.pattern.rpartition("/")[2].partition("{")[0].partition("*")[0]
        if len(prefix) >= 3 and said.name.startswith(prefix):
            return series
    return None


def _unmade(
    state: State, component: Component, log: RunLog, own: list[Said], now_ms: int
) -> Iterator[Verdict]:
    """Find files that a log says were made and that are nowhere."""
    lost = []
    for said in own:
        series = _series_of(component, said)
        if series is None or said.at_ms < now_ms - (series.keep_s * 1000 or RECENT_MS):
            continue
        looks = [state.sweeps.get(place) for place in made_at(state, series)]
        seen_ms = min((look.finished_ms if look is not None else 0 for look in looks), default=0)
        if said.at_ms + component.grace_s * 1000 > seen_ms:
            continue
        if not any(_is_named(copy, said.name) for copy in _copies(state, component, series)):
            lost.append(said)
    if lost:
        yield _verdict(component.id, log, "logs.no_file", lost)


def _unclaimed(state: State, component: Component, now_ms: int) -> Iterator[Verdict]:
    """Find files of scheduled runs, made while a log was kept, that no log names."""
    if not component.scheduled:
        return
    logs = list(_readable(state))
    names = [item.name for log in logs for item in log.said if item.name]
    slots = state.slots.get(component.id, ())
    end_ms = now_ms - component.grace_s * 1000
    for series in component.series:
        told = [log for log in logs if any(_series_of(component, s) is series for s in log.said)]
        start_ms = max([now_ms - RECENT_MS, *(log.from_ms for log in told)])
        made = {
            copy.path.rpartition("/")[2]: copy
            for place in made_at(state, series)
            for copy in state.copies.get((component.id, series.id, place), ())
            if start_ms < copy.time_ms < end_ms and _of_a_slot(copy, slots, component)
        }
        silent = [copy for copy in made.values() if not any(_is_named(copy, n) for n in names)]
        if told and silent:
            newest = max(silent, key=lambda copy: copy.time_ms)
            facts: dict[str, Fact] = {
                "log": told[0].path,
                "name": newest.path.rpartition("/")[2],
                "at": Moment(newest.time_ms),
                "count": len(silent),
            }
            yield Verdict(CONTROL, component.id, Status.WARN, "logs.no_line", facts, told[0].path)


def _of_a_slot(copy: Copy, slots: tuple[int, ...], component: Component) -> bool:
    """Tell whether a copy is of a scheduled run; one made by hand goes into no log."""
    grace_ms = component.grace_s * 1000
    return copy.time_source == "name" and any(
        slot - points.EARLY_MS <= copy.time_ms <= slot + grace_ms for slot in slots
    )


def _runs(component: str, log: RunLog, said: list[Said], now_ms: int) -> Iterator[Verdict]:
    """Find runs that never ended, that failed last, and that succeeded in spite of a complaint."""
    open_runs: dict[str, Said] = {}
    dead: list[Said] = []
    last: dict[str, Said] = {}
    for item in said:
        job = next((known for known in open_runs if _same(known, item.job)), item.job)
        before = open_runs.pop(job, None)
        if before is not None and (item.kind == "start" or item.at_ms - before.at_ms > _RUN_MS):
            dead.append(before)
        if item.kind == "start":
            open_runs[item.job] = item
        else:
            last[job] = item
    dead += [item for item in open_runs.values() if now_ms - item.at_ms > _RUN_MS]
    if dead:
        yield _verdict(component, log, "logs.no_end", dead)
    failed = [item for item in last.values() if item.kind == "failure"]
    if failed:
        yield _verdict(component, log, "logs.failed", failed)
    doubtful = [item for item in said if item.kind == "success" and item.complaint]
    if doubtful:
        yield _verdict(component, log, "logs.success_after_complaint", doubtful)


def _despite(log: RunLog, said: list[Said]) -> Iterator[Verdict]:
    """Find a job that reports success although one that it ran reported a failure."""
    begun: dict[str, int] = {}
    found = []
    for number, item in enumerate(said):
        if item.kind == "start":
            begun[item.job] = number
        if item.kind != "success":
            continue
        start = next((begun[job] for job in begun if _same(job, item.job)), None)
        inside = said[start:number] if start is not None else []
        if any(other.kind == "failure" and not _same(other.job, item.job) for other in inside):
            found.append(item)
    if found:
        yield _verdict("", log, "logs.completed_after_failure", found)


def _same(one: str, other: str) -> bool:
    """Tell whether two lines are of one job: `master backup` ends `nexosupport master backup`."""
    return f" {one}".endswith(f" {other}") or f" {other}".endswith(f" {one}")


def _copies(state: State, component: Component, series: Series) -> Iterable[Copy]:
    for place in series.locations:
        yield from state.copies.get((component.id, series.id, place), ())


def _is_named(copy: Copy, name: str) -> bool:
    own = copy.path.rpartition("/")[2]
    return own == name or own.startswith(f"{name}.")


def _verdict(component: str, log: RunLog, reason: str, told: list[Said]) -> Verdict:
    newest = max(told, key=lambda item: item.at_ms)
    facts: dict[str, Fact] = {
        "log": log.path,
        "job": newest.job,
        "name": newest.name,
        "at": Moment(newest.at_ms),
        "detail": newest.complaint,
        "count": len(told),
    }
    return Verdict(CONTROL, component, Status.WARN, reason, facts, f"{log.path}:{newest.job}")
