"""What is scheduled and the job scripts, to and from the ledger."""

from nexoaudit.ledger import Draft, Ledger
from nexoaudit.model.timetable import Script, Timetable
from nexoaudit.state.jobs import decode_timetable, encode_script, encode_timetable, remembered

TIMETABLE = "jobs:timetable"
SCRIPT = "script:"


def timetable_draft(table: Timetable) -> Draft:
    """Return the record of what the live system is told to run for the backups."""
    return Draft("live", TIMETABLE, encode_timetable(table._replace(scripts=())))


def script_draft(script: Script) -> Draft:
    """Return the record of one job script."""
    return Draft("live", SCRIPT + script.path, encode_script(script))


def recall_timetable(ledger: Ledger, size: int) -> Timetable | None:
    """Return what was scheduled and its scripts, each with what it was before.

    None when the first `size` entries say nothing of it: it was never looked at.
    """
    looks = list(ledger.since("live", TIMETABLE, "", size=size))
    table = decode_timetable(looks[-1].facts) if looks else None
    if table is None:
        return None
    scripts = []
    for path in table.paths:
        seen = [(e.ts, e.facts) for e in ledger.since("live", SCRIPT + path, "", size=size)]
        if seen:
            scripts.append(remembered(seen))
    return table._replace(scripts=tuple(scripts))
