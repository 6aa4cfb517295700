"""Moments as the ledger has them: milliseconds since the epoch."""

from datetime import UTC, datetime


def millis(moment: datetime) -> int:
    """Return an aware moment as milliseconds since the epoch."""
    return int(moment.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """Return milliseconds since the epoch as an aware moment in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)
