"""One moment of a live server: its place in the binary logs, and what its tables held there."""

from typing import NamedTuple


class Sum(NamedTuple):
    """What one table held."""

    database: str
    table: str
    checksum: int
    """As CHECKSUM TABLE has it: the same for equal rows on servers of one series."""
    rows: int

    @property
    def name(self) -> str:
        """Database and table in one."""
        return f"{self.database}.{self.table}"


class Snapshot(NamedTuple):
    """One look at the tables of a component; after a failure the reason, and nothing else."""

    component: str
    place: str
    """Socket, or host and port."""
    taken_ms: int = 0
    reason: str = ""
    """Reason code of a failure; empty: it could be taken."""
    detail: str = ""
    version: str = ""
    log: str = ""
    """Name of the binary log that the server was writing then."""
    offset: int = 0
    """Where in that log the next transaction was to begin."""
    gtid: str = ""
    """The newest transactions before that place, one of each domain."""
    databases: tuple[str, ...] = ()
    sums: tuple[Sum, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    """`database.table` that could not be summed up at that moment, and why."""

    @property
    def where(self) -> str:
        """The place in the logs in one word."""
        return f"{self.log}:{self.offset}"


def series_of(version: str) -> str:
    """Return what versions must share for equal rows to have equal checksums: `10.11`."""
    return ".".join(version.split("-", 1)[0].split(".")[:2])
