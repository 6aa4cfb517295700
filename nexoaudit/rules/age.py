"""Lateness: is every recovery point there that was due by its slot + grace?"""

from nexoaudit.model.fact import Moment, Span
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.rules import points

CONTROL = "age"
_FUTURE_MS = 10 * 60_000
"""How far the clocks of two machines may be apart."""


def judge(
    state: State,
    component: Component,
    now_ms: int,
    warn_ms: int | None = None,
    fail_ms: int | None = None,
) -> tuple[Verdict, ...]:
    """Judge a component's newest point: `warn` when one slot passed it by, `fail` at two.

    `warn_ms` and `fail_ms` replace the schedule by plain ages: of the newest point, or of the
    change that is in no repository yet.
    """
    if component.repository:
        return (_code(state, component, now_ms, warn_ms, fail_ms),)
    return points.by_series(component, lambda part: _newest(state, part, now_ms, warn_ms, fail_ms))


def _newest(
    state: State, component: Component, now_ms: int, warn_ms: int | None, fail_ms: int | None
) -> Verdict:
    # A point of the future proves nothing: its name or a clock is wrong.
    times = [time for time in points.times(state, component) if time <= now_ms + _FUTURE_MS]
    if not times:
        return Verdict(CONTROL, component.id, Status.FAIL, "age.none")
    newest = times[-1]
    if warn_ms is not None or fail_ms is not None:
        return _by_age(component, now_ms, newest, warn_ms, fail_ms)
    if not component.scheduled:
        return _on_change(state, component, now_ms, newest)
    return _by_slot(state, component, now_ms, newest)


def _by_slot(state: State, component: Component, now_ms: int, newest: int) -> Verdict:
    early = points.early_ms(component)
    grace = component.grace_s * 1000
    ahead = [slot for slot in state.slots.get(component.id, ()) if slot - early > newest]
    facts = {"newest": Moment(newest), "age": Span(now_ms - newest)}
    if len(ahead) < 2:
        return Verdict(CONTROL, component.id, Status.UNVERIFIED, "age.slots_unknown", facts)
    warn_at, fail_at = ahead[0] + grace, ahead[1] + grace
    missed = sum(1 for slot in ahead if slot + grace < now_ms)
    status = (Status.PASS, Status.WARN, Status.FAIL)[min(missed, 2)]
    return Verdict(
        CONTROL,
        component.id,
        status,
        "age.late" if missed else "age.on_time",
        {
            **facts,
            "warn": Span(warn_at - newest),
            "fail": Span(fail_at - newest),
            "slot": Moment(ahead[0]),
            "missed": missed,
        },
    )


def _by_age(
    component: Component, now_ms: int, newest: int, warn_ms: int | None, fail_ms: int | None
) -> Verdict:
    age = now_ms - newest
    facts: dict[str, str | int] = {"newest": Moment(newest), "age": Span(age)}
    if warn_ms is not None:
        facts["warn"] = Span(warn_ms)
    if fail_ms is not None:
        facts["fail"] = Span(fail_ms)
    status = _over(age, warn_ms, fail_ms)
    reason = "age.on_time" if status is Status.PASS else "age.over_limit"
    return Verdict(CONTROL, component.id, status, reason, facts)


def _over(age_ms: int, warn_ms: int | None, fail_ms: int | None) -> Status:
    if fail_ms is not None and age_ms > fail_ms:
        return Status.FAIL
    return Status.WARN if warn_ms is not None and age_ms > warn_ms else Status.PASS


def _on_change(state: State, component: Component, now_ms: int, newest: int) -> Verdict:
    facts: dict[str, str | int] = {"newest": Moment(newest), "age": Span(now_ms - newest)}
    change = state.changes.get(component.id)
    if change is None or change.outcome != "complete":
        reason = "age.change_unknown" if component.watch else "age.no_watch"
        facts["detail"] = change.detail if change is not None else ""
        return Verdict(CONTROL, component.id, Status.UNVERIFIED, reason, facts)
    facts["changed"] = Moment(change.changed_ms)
    if newest + points.EARLY_MS >= change.changed_ms:
        return Verdict(CONTROL, component.id, Status.PASS, "age.after_change", facts)
    return Verdict(
        CONTROL,
        component.id,
        _overdue(component, change.changed_ms, now_ms),
        "age.before_change",
        facts,
    )


def _code(
    state: State, component: Component, now_ms: int, warn_ms: int | None, fail_ms: int | None
) -> Verdict:
    change = state.changes.get(component.id)
    if change is None or change.outcome != "complete":
        detail = change.detail if change is not None else ""
        return Verdict(
            CONTROL, component.id, Status.UNVERIFIED, "age.change_unknown", {"detail": detail}
        )
    facts: dict[str, str | int] = {"changed": Moment(change.changed_ms), "commit": change.detail}
    if change.saved and not change.differing:
        return Verdict(CONTROL, component.id, Status.PASS, "age.code_saved", facts)
    if warn_ms is None and fail_ms is None:
        status = _overdue(component, change.changed_ms, now_ms)
    else:
        status = _over(now_ms - change.changed_ms, warn_ms, fail_ms)
    if change.saved:
        facts |= {"count": change.differing, "name": change.first}
        return Verdict(CONTROL, component.id, status, "age.code_differs", facts)
    return Verdict(CONTROL, component.id, status, "age.code_unsaved", facts)


def _overdue(component: Component, changed_ms: int, now_ms: int) -> Status:
    """Return how a change without a backup stands: a day after the grace it is a failure."""
    over = now_ms - changed_ms - component.grace_s * 1000
    if over <= 0:
        return Status.PASS
    return Status.WARN if over <= points.DAY_MS else Status.FAIL
