"""Faults of retention and of the schedule: dumps gone too early, kept too long, late, or twice."""

import gzip
import re
from datetime import datetime, timedelta

from nexoaudit_demo import archive, disk
from nexoaudit_demo.held import Held

_STAMP = "%Y%m%d_%H%M%S"
_NAME = f"nexosupport_db_{_STAMP}.sql.gz"
_LONG_AGO = (45, 44, 43)
"""Days before the newest dump, past every ceiling of a 30-day retention."""
_FAILING = 4
_TAKES = timedelta(seconds=7)
_TRAILER = re.compile(rb"(-- Dump completed on )[^\n]*")


def too_early(dumps: Held) -> str:
    """Let the pruning have had the wrong number of days, here and so off-site."""
    names = dumps.names()
    gone = names[: len(names) // 3]
    for name in gone:
        dumps.drop(name)
    return f"the oldest {len(gone)} dumps were deleted before their time"


def too_long(dumps: Held) -> str:
    """Let the pruning have been forgotten for some dumps of long ago."""
    _long_ago(dumps)
    return f"{len(_LONG_AGO)} dumps of more than six weeks ago are still there"


def orphans(dumps: Held) -> str:
    """Let the pruning have taken dumps of long ago, but not their checksum files."""
    for name in _long_ago(dumps):
        for path in dumps.at_all(name):
            disk.remove(path, int(path.parent.stat().st_mtime))
    return f"{len(_LONG_AGO)} checksum files of more than six weeks ago have no dump any more"


def late(dumps: Held) -> str:
    """Let the newest dump have ended an hour and forty minutes after it began."""
    newest = dumps.newest()
    end = _when(newest) + timedelta(minutes=100)
    _make(dumps, newest, _when(newest), end)
    return f"{newest} was complete at {end:%H:%M} only"


def twice(dumps: Held) -> str:
    """Let the job have run once more in the same night, as a second cron table would have it."""
    newest = dumps.newest()
    again = _when(newest) + timedelta(minutes=20)
    _make(dumps, newest, again, again + _TAKES)
    return f"there is a second dump of {again:%H:%M} beside {newest}"


def failing(dumps: Held) -> str:
    """Let the newest dumps hold nothing, while the job deletes old ones as ever."""
    for name in dumps.names()[-_FAILING:]:
        dumps.remake(name, gzip.compress(b"", mtime=0))
    return f"the newest {_FAILING} dumps hold nothing, and the good ones are pruned as ever"


def _long_ago(dumps: Held) -> list[str]:
    """Make dumps of long ago, and return their names."""
    oldest, newest = dumps.names()[0], _when(dumps.newest())
    moments = [newest - timedelta(days=days) for days in _LONG_AGO]
    return [_make(dumps, oldest, moment, moment + _TAKES) for moment in moments]


def _when(name: str) -> datetime:
    """Return the time in the name of a dump, on the site's clock."""
    return datetime.strptime(name, _NAME)  # noqa: DTZ007 - no zone is needed to count from it


def _make(dumps: Held, like: str, when: datetime, end: datetime) -> str:
    """Put a dump `like` another, begun at `when` and complete at `end`, everywhere; name it."""
    name = f"{when:{_NAME}}"
    trailer = f"{end:%Y-%m-%d} {end.hour:2}:{end:%M:%S}".encode()
    data = gzip.compress(_TRAILER.sub(rb"\g<1>" + trailer, dumps.text(like)), 1, mtime=0)
    age = end - (_when(like) + _TAKES)
    moment = int(dumps.local(like).stat().st_mtime + age.total_seconds())
    for path in (dumps.local(name), dumps.offsite(name)):
        mode = dumps.local(like).stat().st_mode & 0o777
        disk.put(path, data, moment, mode)
        beside = archive.line(path, str(dumps.local(name)))
        disk.put(archive.sidecar(path), beside, moment + 1, mode)
    return name
