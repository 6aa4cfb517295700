"""Pruning that goes on while new points fail: in how many days is the last good one gone?"""

from nexoaudit.model.fact import Moment
from nexoaudit.model.policy import Component, Series
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import points

_MISSED = 2
"""So many of the newest slots without a good point are no accident."""
_SOON_MS = 7 * points.DAY_MS
_SLACK_MS = 2 * points.DAY_MS


def fading(
    state: State, component: Component, series: Series, location: str, now_ms: int
) -> Verdict | None:
    """Return a verdict when the newest good point of a series grows old while pruning goes on."""
    held = state.copies.get((component.id, series.id, location), ())
    good = [copy for copy in held if points.usable(copy)]
    keep_ms = series.keep_s * 1000
    if not good or not keep_ms or not component.scheduled:
        return None
    newest_ms = good[-1].time_ms
    since = [slot for slot in state.slots.get(component.id, ()) if newest_ms < slot < now_ms]
    if len(since) < _MISSED or now_ms - newest_ms < points.DAY_MS:
        return None
    run_badly = any(copy.finished for copy in held if copy.time_ms > newest_ms)
    kept_from = max(component.since_ms, newest_ms - keep_ms, state.started_ms)
    pruned = held[0].time_ms > kept_from + _SLACK_MS
    if not run_badly and not pruned:
        return None  # nobody prunes: the job stands still as a whole
    left_ms = max(0, newest_ms + keep_ms - now_ms)
    status = Status.FAIL if left_ms <= min(_SOON_MS, keep_ms // 2) else Status.WARN
    facts: dict[str, str | int] = {
        "location": f"{location}, {series.id}" if len(component.series) > 1 else location,
        "newest": Moment(newest_ms),
        "days": left_ms // points.DAY_MS,
    }
    return Verdict("retention", component.id, status, "retention.fading", facts, location)
