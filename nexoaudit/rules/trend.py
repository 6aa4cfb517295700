"""How much a series' points hold, one after the other."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median

from nexoaudit.model.fact import Size
from nexoaudit.model.manifest import Manifest, Total
from nexoaudit.rules.finding import Finding, failed, warned

DAY_MS = 86_400_000
WINDOW_MS = 30 * DAY_MS
_MEDIAN_OF = 7
_LEAST = 3
"""Points that are needed before a size is implausible."""
_SLOPE = 7
"""Points that are needed before a decline is one."""
_RETURNS = 2


def shrunk(now: Manifest, series: Sequence[Total]) -> list[Finding]:
    """Compare the bytes inside with the median of the last 7 good points.

    Less than 70 % is a warning, less than half a failure.
    """
    recent = [total.bytes for total in series[-_MEDIAN_OF:] if total.bytes]
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


class Steadiness:
    """Tells from history which counts fall to half and come back again and again.

    Sessions and queues do: that such a count falls says nothing. One fall, mended or not, does
    not make a count unsteady; two that came back within 30 days do.
    """

    def __init__(self) -> None:
        self._marks: dict[str, tuple[int, bool]] = {}
        self._returns: dict[str, list[int]] = {}

    def add(self, counts: Mapping[str, int], time_ms: int) -> None:
        """Take the counts of the next point."""
        for name, count in counts.items():
            mark, low = self._marks.get(name, (count, False))
            if low and count > 2 * mark:
                self._returns.setdefault(name, []).append(time_ms)
                mark, low = count, False
            elif not low and 2 * count < mark:
                mark, low = count, True
            else:
                mark = min(mark, count) if low else max(mark, count)
            self._marks[name] = mark, low

    def unsteady(self, time_ms: int) -> tuple[str, ...]:
        """Return the names of the counts that were unsteady in the 30 days before a moment."""
        return tuple(sorted(name for name, moments in self._named() if _often(moments, time_ms)))

    def _named(self) -> Iterable[tuple[str, list[int]]]:
        return self._returns.items()


def _often(moments: list[int], time_ms: int) -> bool:
    recent = [moment for moment in moments if time_ms - WINDOW_MS <= moment <= time_ms]
    return len(recent) >= _RETURNS
