"""What one binary log says of itself."""

from typing import NamedTuple


class Binlog(NamedTuple):
    """What the events of a binary log say."""

    problem: str
    """`binlog.not_binlog`, `.encrypted`, `.truncated`, `.corrupt`, `.checksum` or empty."""
    detail: str
    events: int
    first_ms: int
    """Time of the first event, UTC; 0 when there is none."""
    last_ms: int
    """Time of the last event that has one, UTC."""
    end: int
    """Offset at which the last whole event ends."""
    cut: int
    """Bytes that follow it: an event that was being written when an open log was copied."""
    server_id: int
    """Of the server that wrote the file, which may pass on events of others."""
    server: str
    """Its version."""
    engine: str
    """`MariaDB` or `MySQL`."""
    checksums: bool
    """Every event was checked by its own CRC32."""
    in_use: bool
    """Copied while the server had it open, or left so by a crash."""
    ending: str
    """The event with which a server ends a file: `rotate`, `stop`; or empty."""
    next_name: str
    """Name of the file that follows, by the rotate event."""
    before: str
    """The transactions before this log, as in `Gtids.before`."""
    after: str
    """The transactions before the next log."""

    @property
    def closed(self) -> bool:
        """The last event is the one with which a server ends a file."""
        return bool(self.ending)
