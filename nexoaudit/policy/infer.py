"""A schedule guessed from the times of the backups that are there."""

from collections import Counter
from datetime import datetime
from itertools import pairwise

_ENOUGH = 3
_MOST = 0.6


def inferred_schedule(times: tuple[datetime, ...]) -> str:
    """Return the daily or weekly cron expression that most of these moments follow.

    `times` are in the site's zone, oldest first. Empty when there are too few, or no one time of
    day is theirs: a guess that is not sure is worse than the guide's own number.
    """
    if len(times) < _ENOUGH:
        return ""
    (hour, minute), count = Counter((time.hour, time.minute) for time in times).most_common(1)[0]
    if count < _MOST * len(times):
        return ""
    gaps = Counter(
        (later.date() - earlier.date()).days
        for earlier, later in pairwise(times)
        if (later.hour, later.minute) == (earlier.hour, earlier.minute) == (hour, minute)
    )
    days = gaps.most_common(1)[0][0] if gaps else 0
    if days == 1:
        return f"{minute} {hour} * * *"
    if days == 7:
        return f"{minute} {hour} * * {times[-1].isoweekday() % 7}"
    return ""
