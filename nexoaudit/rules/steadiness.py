"""Which counts are steady enough that a fall of one says something."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from nexoaudit.rules.trend import WINDOW_MS

_DEEP_DIPS = 2
"""So often a count has to fall below half and come back before such a fall says nothing."""
_DIPS = 3
"""So often it has to fall by a fifth and come back before it swings."""
_SURPRISE = 3
"""A count that swings falls further than ever before one day: but not by so many times that,
reckoned in factors. One that fell to 70 % now and then may fall to a third."""
Naming = Callable[[Collection[str]], Mapping[str, bool]]
"""Returns which of the names say that what they count comes and goes; True: past any doubt."""


class _Dip(NamedTuple):
    """A fall that was made up for."""

    time_ms: int
    high: int
    low: int

    @property
    def deep(self) -> bool:
        """It went below half."""
        return 2 * self.low < self.high


class _Course:
    """How one count went up and down."""

    def __init__(self, count: int) -> None:
        self._last = self._high = self._low = count
        self._falling = False
        self._rises = self._falls = False
        self._dips: list[_Dip] = []

    @property
    def moves(self) -> bool:
        """Return whether it has been seen to rise and to fall, by however little."""
        return self._rises and self._falls

    def add(self, count: int, time_ms: int) -> None:
        """Take the next value."""
        self._rises |= count > self._last
        self._falls |= count < self._last
        self._last = count
        if not self._falling:
            self._high = max(self._high, count)
            self._falling = 5 * count <= 4 * self._high and count < self._high
            self._low = count
        elif 2 * (count - self._low) >= self._high - self._low:
            self._dips.append(_Dip(time_ms, self._high, self._low))
            self._high, self._falling = count, False
        else:
            self._low = min(self._low, count)

    def swings(self, time_ms: int, count: int) -> bool:
        """Return whether `count` is nothing special, after the 30 days before that moment."""
        recent = [dip for dip in self._dips if time_ms - WINDOW_MS <= dip.time_ms <= time_ms]
        if sum(1 for dip in recent if dip.deep) >= _DEEP_DIPS:
            return True
        if len(recent) < _DIPS:
            return False
        deepest = min(recent, key=lambda dip: dip.low / dip.high)
        factor = (deepest.low / deepest.high) ** _SURPRISE
        return count > 0 and count >= self._high * factor


class Steadiness:
    """Tells which counts come and go: sessions and queues do, that one falls says nothing.

    Its history tells it of any count. One fall, mended or not, does not make a count unsteady:
    two below half that came back within 30 days do, and of a count that keeps swinging by a fifth
    or more, a fall within reach of its swings is no news. `naming` tells it of the others before
    they ever fell; where a name leaves a doubt, the count must have moved both ways.
    """

    def __init__(self, naming: Naming | None = None) -> None:
        self._naming = naming
        self._courses: dict[str, _Course] = {}
        self._named: Mapping[str, bool] = {}
        self._names = 0

    def add(self, counts: Mapping[str, int], time_ms: int) -> None:
        """Take the counts of the next point."""
        for name, count in counts.items():
            if name in self._courses:
                self._courses[name].add(count, time_ms)
            else:
                self._courses[name] = _Course(count)
        if self._naming is not None and len(self._courses) != self._names:
            self._names = len(self._courses)
            self._named = self._naming(self._courses.keys())

    def unsteady(self, time_ms: int, counts: Mapping[str, int]) -> tuple[str, ...]:
        """Return the names of the counts that are unsteady, for a point that holds `counts`."""
        by_name = {
            name for name, certain in self._named.items() if certain or self._courses[name].moves
        }
        swinging = {
            name
            for name, course in self._courses.items()
            if course.swings(time_ms, counts.get(name, 0))
        }
        return tuple(sorted(by_name | swinging))
