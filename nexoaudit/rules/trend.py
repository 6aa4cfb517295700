"""How much a series' points hold, one after the other."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from nexoaudit.model.fact import Size
from nexoaudit.model.manifest import Manifest, Total
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


def declined(now: Manifest, series: Sequence[Total]) -> list[Finding]:
    """Find a slow decline: at almost every point a little less, a tenth or more in 30 days."""
    points = [*series, Total(now.time_ms, now.total, now.bytes)]
    if len(points) < _SLOPE:
        return []
    for unit in ("total", "bytes"):
        values = [int(getattr(point, unit)) for point in points]
        falls = sum(1 for one, other in pairwise(values) if other < one)
        if 10 * values[-1] <= 9 * values[0] and 5 * falls >= 4 * (len(values) - 1):
            span = points[-1].time_ms - points[0].time_ms
            percent = 100 - 100 * values[-1] // values[0]
            return [warned(f"content.declining_{unit}", percent=percent, days=round(span / DAY_MS))]
    return []
