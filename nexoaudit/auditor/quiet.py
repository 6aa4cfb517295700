"""When a drill is in no backup job's way."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nexoaudit.model.policy import Policy
from nexoaudit.schedule.window import windows

_AROUND = timedelta(days=2)


def is_quiet(policy: Policy, now: datetime, takes: timedelta = timedelta()) -> bool:
    """Return whether work of that length can begin without meeting a component's backup window.

    Work that fits between no two windows may begin whenever all of them are closed: a drill that
    waits for ever proves nothing, and it runs at the lowest priority.
    """
    spans = _windows(policy, now)
    if any(opening <= now < closing for opening, closing in spans):
        return False
    after = [opening for opening, _ in spans if opening > now]
    before = [closing for _, closing in spans if closing <= now]
    if not after or now + takes <= min(after):
        return True
    return bool(before) and takes > min(after) - max(before)


def _windows(policy: Policy, now: datetime) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(policy.site.timezone)
    return [
        span
        for component in policy.components
        if component.window and component.scheduled and component.configured
        for span in windows(component.window, zone, now - _AROUND, now + _AROUND)
    ]
