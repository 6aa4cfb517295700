"""Verify one copy in one read."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nexoaudit.model.verification import Verification


def verify(  # noqa: PLR0913 - one fact of the copy each, all by name
    path: Path,
    *,
    kind: str,
    sidecar: Path | None,
    expects_sidecar: bool,
    point_ms: int,
    time_source: str,
    zone: ZoneInfo,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Read the file at `path` once and return everything found out about it.

    `kind` is the component's kind: it says what the content must be (`database`: an SQL dump,
    `binlog`: a binary log, all others: a tar archive). `sidecar` is the digest file beside it, if
    one was seen; `expects_sidecar` makes its absence a problem. `point_ms` and `time_source` are
    those of the recovery point, `zone` the zone of its dumps' trailers. `progress` is called with
    the number of compressed bytes read since the last call.

    Whatever is wrong with the file is a problem in the result, never an exception. A plain
    function of picklable arguments (but for `progress`), fit for any Executor.
    """
    raise NotImplementedError
