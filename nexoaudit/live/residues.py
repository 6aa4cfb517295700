"""What restores left behind: safety dumps and restored trees, with personal data in them."""

import glob
import os
from collections.abc import Iterable
from datetime import datetime, timedelta

from nexoaudit.locations.directory import write_path

_OLD = timedelta(days=1)
"""Whoever restores may still need it on the same day."""


def residues(patterns: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Return, in order, the paths that match one of the globs and have not changed for a day.

    A link is not followed: what it leads to is not a restore's. What vanishes meanwhile is gone.
    """
    limit = (now - _OLD).timestamp()
    found = set()
    for path in {path for pattern in patterns for path in glob.glob(pattern)}:  # noqa: PTH207
        try:
            changed = os.lstat(path).st_mtime
        except OSError:
            continue
        if changed < limit and not os.path.islink(path):  # noqa: PTH114 - may be no UTF-8
            found.add(write_path(path))
    return tuple(sorted(found))
