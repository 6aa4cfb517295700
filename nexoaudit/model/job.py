"""What the auditor itself did, and when."""

from typing import NamedTuple


class Job(NamedTuple):
    """One run of one of the auditor's own scheduled jobs."""

    name: str
    """`audit`, `drill`, `report`, `reverify` or `mail`; `reverify.begun` for its beginning."""
    slot_ms: int
    """The scheduled moment it answered."""
    finished_ms: int
    outcome: str
    """`pass`, `fail` or `unverified`."""
    detail: str = ""
