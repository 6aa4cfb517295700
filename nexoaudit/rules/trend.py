"""How much a series' points hold, one after the other."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from statistics import median

from nexoaudit.model.collapse import FEW
from nexoaudit.model.fact import Size
from nexoaudit.model.manifest import Dwindled, Manifest, Total
from nexoaudit.rules.finding import Finding, failed, warned

DAY_MS = 86_400_000
WINDOW_MS = 30 * DAY_MS
MEDIAN_OF = 7
"""Points, the newest good ones, whose size is the usual one."""
_LEAST = 3
"""Points that are needed before a size is implausible."""
_SLOPE = 7
"""Points that are needed before a decline is one."""


def shrunk(now: Manifest, series: Sequence[Total]) -> list[Finding]:
    """Compare the bytes inside with the median of the last 7 good points.

    Less than 70 % is a warning, less than half a failure.
    """
    recent = [total.bytes for total in series[-MEDIAN_OF:] if total.bytes]
    if len(recent) < _LEAST:
        return []
    usual = int(median(recent))
    if 10 * now.bytes >= 7 * usual:
        return []
    make = failed if 2 * now.bytes < usual else warned
    return [make("content.size", size=Size(now.bytes), usual=Size(usual))]


def dwindled(points: Sequence[Manifest], unsteady: Collection[str]) -> tuple[Dwindled, ...]:
    """Return the counts that fell at almost every point, to half or less from the first on.

    In the sum of all counts such a decline may be hidden by what grows meanwhile.
    """
    if len(points) < _SLOPE:
        return ()
    first, last = points[0], points[-1]
    found = []
    for name, before in first.counts.items():
        after = last.counts.get(name, 0)
        if name in unsteady or before < FEW or 2 * after > before:
            continue
        values = [point.counts.get(name, 0) for point in points]
        if _keeps_falling(values):
            found.append(Dwindled(name, before, after, first.time_ms))
    return tuple(found)


def _keeps_falling(values: Sequence[int]) -> bool:
    falls = sum(1 for one, other in pairwise(values) if other < one)
    return 5 * falls >= 4 * (len(values) - 1)


def dwindling(now: Manifest, found: Sequence[Dwindled]) -> list[Finding]:
    """Return a warning about the count of these that lost most."""
    if not found:
        return []
    worst = max(found, key=lambda item: item.before - item.after)
    return [
        warned(
            "content.dwindling",
            name=worst.name,
            before=worst.before,
            after=worst.after,
            days=round((now.time_ms - worst.time_ms) / DAY_MS),
            count=len(found),
        )
    ]


def declined(now: Manifest, series: Sequence[Total]) -> list[Finding]:
    """Find a slow decline: at almost every point a little less, a tenth or more in 30 days."""
    points = [*series, Total(now.time_ms, now.total, now.bytes)]
    if len(points) < _SLOPE:
        return []
    for unit in ("total", "bytes"):
        values = [int(getattr(point, unit)) for point in points]
        if 10 * values[-1] <= 9 * values[0] and _keeps_falling(values):
            span = points[-1].time_ms - points[0].time_ms
            percent = 100 - 100 * values[-1] // values[0]
            return [warned(f"content.declining_{unit}", percent=percent, days=round(span / DAY_MS))]
    return []
