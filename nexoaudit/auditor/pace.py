"""The pace of reading in the background: never above a rate, and how long the next copy takes."""

import time
from collections.abc import Callable

_CREDIT_S = 1.0
"""Time that was not used to read may be made up for, but no more than this."""
_KNOWN_BYTES = 64 << 20
"""What must have been read before the speed of the medium is taken for known."""


class Pace:
    """Told of every block that is read, waits where reading would pass the rate."""

    def __init__(
        self,
        rate: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Set the most bytes per second; 0: no limit. `clock` counts seconds, `sleep` waits."""
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._next = self._start = clock()
        self._read = 0

    def advance(self, size: int) -> None:
        """Note that `size` bytes were read, and wait until more may be."""
        self._read += size
        if not self._rate:
            return
        now = self._clock()
        self._next = max(self._next, now - _CREDIT_S) + size / self._rate
        if self._next > now:
            self._sleep(self._next - now)

    def takes_s(self, size: int) -> float:
        """Return how many seconds a read of `size` bytes will last; 0 while nothing is known."""
        speeds = [float(self._rate)] if self._rate else []
        spent = self._clock() - self._start
        if self._read >= _KNOWN_BYTES and spent > 0:
            speeds.append(self._read / spent)
        return size / min(speeds) if speeds else 0.0
