"""A policy's moments: slots, transfers, windows and turned-back clocks, all in milliseconds."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Component, Policy
from nexoaudit.schedule import window
from nexoaudit.schedule.cron import slots_around

_SLOT_DAYS = 40


def slots(policy: Policy, now: datetime) -> dict[str, tuple[int, ...]]:
    """Return per scheduled component the due moments of its retention, and the next two.

    Those of the auditor's own jobs are called `auditor.audit` and so on.
    """
    zone = ZoneInfo(policy.site.timezone)
    found: dict[str, tuple[int, ...]] = {}
    for component in policy.components:
        if component.scheduled and component.configured:
            back = timedelta(days=_days(component))
            found[component.id] = _millis(slots_around(component.schedule, zone, now, back))
    for name, days in (("audit", 2), ("drill", _SLOT_DAYS), ("report", _SLOT_DAYS)):
        expression = getattr(policy.auditor, name)
        around = slots_around(expression, zone, now, timedelta(days=days))
        found[f"auditor.{name}"] = _millis(around)
    return found


def transfers(policy: Policy, now: datetime) -> dict[str, tuple[int, ...]]:
    """Return per location the moments of its transfer job for as long as points are kept."""
    zone = ZoneInfo(policy.site.timezone)
    back = timedelta(days=_longest(policy))
    return {
        location.id: _millis(slots_around(location.transfer, zone, now, back))
        for location in policy.locations
        if location.transfer
    }


def windows(policy: Policy, now: datetime) -> dict[str, tuple[int, ...]]:
    """Return per component with a window its opening and closing moments in turn, in order."""
    zone = ZoneInfo(policy.site.timezone)
    start, end = now - timedelta(days=_SLOT_DAYS), now + timedelta(days=1)
    return {
        component.id: _edges(window.windows(component.window, zone, start, end))
        for component in policy.components
        if component.window and component.scheduled
    }


def turned_back(policy: Policy, now: datetime) -> tuple[tuple[int, int], ...]:
    """Return when clocks went back in the time of the slots, and by how many milliseconds."""
    zone = ZoneInfo(policy.site.timezone)
    jumps = window.turned_back(zone, now - timedelta(days=_longest(policy)), now)
    return tuple((millis(moment), length // timedelta(milliseconds=1)) for moment, length in jumps)


def _days(component: Component) -> int:
    keep_s = max([component.keep_s, *(series.keep_s for series in component.series)])
    return max(_SLOT_DAYS, keep_s // 86400 + 3)


def _longest(policy: Policy) -> int:
    return max([_SLOT_DAYS, *(_days(component) for component in policy.components)])


def _edges(pairs: tuple[tuple[datetime, datetime], ...]) -> tuple[int, ...]:
    """Return the edges of windows, those joined that touch."""
    edges: list[int] = []
    for opening, closing in pairs:
        if edges and millis(opening) <= edges[-1]:
            edges[-1] = millis(closing)
        else:
            edges += (millis(opening), millis(closing))
    return tuple(edges)


def _millis(moments: tuple[datetime, ...]) -> tuple[int, ...]:
    return tuple(millis(moment) for moment in moments)
