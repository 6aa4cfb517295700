"""How old a test restore may be before it proves nothing any more."""

from itertools import pairwise

from nexoaudit.model.drill import Drill
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status

DAY_MS = 86_400_000
FUTURE_MS = 10 * 60_000
MONTH_MS = 31 * DAY_MS
SLACK_MS = 4 * DAY_MS
"""How much later than scheduled a test restore may be run."""


class Limits:
    """How old is too old, in milliseconds; `-w` and `-c` of a check replace the cadence."""

    def __init__(self, allowed_ms: int, warn_ms: int | None, fail_ms: int | None) -> None:
        asked = (warn_ms, fail_ms) != (None, None)
        self.allowed_ms = allowed_ms
        self._limits = (
            (Status.FAIL, fail_ms if asked else 2 * allowed_ms),
            (Status.WARN, warn_ms if asked else allowed_ms),
        )

    def status(self, age_ms: int) -> Status:
        """Return how a good test restore of that age stands."""
        for status, limit_ms in self._limits:
            if limit_ms is not None and age_ms > limit_ms:
                return status
        return Status.PASS


def allowed_ms(state: State) -> int:
    """Return how old the newest drill of a component may be: its schedule's longest pause."""
    slots = state.slots.get("auditor.drill", ())
    pauses = [after - before for before, after in pairwise(slots)]
    return max(pauses, default=MONTH_MS) + SLACK_MS


def newest(drills: list[Drill]) -> Drill | None:
    """Return the newest of some drills, whatever came of it."""
    return max(drills, key=lambda drill: drill.started_ms, default=None)


def newest_good(drills: list[Drill]) -> Drill | None:
    """Return the newest of some drills that passed."""
    return newest([drill for drill in drills if drill.outcome == "pass"])
