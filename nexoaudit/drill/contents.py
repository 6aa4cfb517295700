"""The test of what a database dump holds, in a fraction of the time that a recovery would take."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from nexoaudit.drill.database import Backup, drill_database, restore_alone
from nexoaudit.drill.record import Progress, Record, StoppedError
from nexoaudit.drill.terms import Terms
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import CONTENTS, Drill
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis


def drill_contents(
    location: Location,
    copy: Copy,
    terms: Terms,
    *,
    now: datetime,
    parent: Path | None = None,
    progress: Progress | None = None,
) -> Drill:
    """Do what `drill_database` does, with the same arguments, but pour the rows in.

    The result is of kind `CONTENTS`: all that is judged of what came back is judged, and nothing of
    how long it took. Where rows do not come in exactly as they were in the dump, this way cannot
    tell why: the copy is restored once more as it should be, and the result is that drill.
    """
    record = Record(progress=progress)
    with suppress(StoppedError):
        restore_alone(record, Backup(location, copy, terms, fast=True), now, parent)
    if "drill.not_fast" in record.details:
        return drill_database(location, copy, terms, now=now, parent=parent, progress=progress)
    return record.drill(CONTENTS, copy, millis(now))
