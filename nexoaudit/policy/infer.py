"""A schedule guessed from the times of the backups that are there."""

from collections import Counter
from datetime import datetime
from itertools import pairwise

_ENOUGH = 3
_MOST = 0.6
_BAND = 60
"""Minutes within which the starts of one job lie: its name or file may tell when it ended."""
_ROUND = 5


def inferred_schedule(times: tuple[datetime, ...]) -> str:
    """Return the daily or weekly cron expression that most of these moments follow.

    `times` are in the site's zone, oldest first. Empty when there are too few, or no one time of
    day is theirs: a guess that is not sure is worse than the guide's own number.
    """
    if len(times) < _ENOUGH:
        return ""
    start = _usual_minute(times)
    usual = [time for time in times if 0 <= time.hour * 60 + time.minute - start < _BAND]
    if len(usual) < _MOST * len(times):
        return ""
    gaps = Counter((later.date() - earlier.date()).days for earlier, later in pairwise(usual))
    days = gaps.most_common(1)[0][0] if gaps else 0
    hour, minute = divmod(start, 60)
    if days == 1:
        return f"{minute} {hour} * * *"
    if days == 7:
        return f"{minute} {hour} * * {usual[-1].isoweekday() % 7}"
    return ""


def _usual_minute(times: tuple[datetime, ...]) -> int:
    """Return the minute of the day at which the job starts, as far as its points tell."""
    minutes = Counter(time.hour * 60 + time.minute for time in times)
    exact, count = minutes.most_common(1)[0]
    if count >= _MOST * len(times):
        return exact
    starts = sorted(minutes)
    best = max(starts, key=lambda start: sum(minutes[m] for m in minutes if 0 <= m - start < _BAND))
    return best - best % _ROUND
