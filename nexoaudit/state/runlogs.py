"""What logs say, as JSON values and back; the ledger keeps it by day."""

from collections.abc import Iterable, Mapping
from typing import Any

from nexoaudit.model.runlog import RunLog, Said


def encode_log(log: RunLog) -> dict[str, Any]:
    """Return a log as a JSON value."""
    return {**log._asdict(), "said": encode_said(log.said)}


def decode_log(data: Mapping[str, Any]) -> RunLog:
    """Return the log of `encode_log`; raise KeyError or TypeError for anything else."""
    return RunLog(**{**data, "said": decode_said(data["said"])})


def encode_said(said: Iterable[Said]) -> list[list[Any]]:
    """Return lines as rows."""
    return [list(item) for item in said]


def decode_said(rows: Iterable[Iterable[Any]]) -> tuple[Said, ...]:
    """Return the lines of `encode_said`; raise TypeError for anything else."""
    return tuple(Said(*row) for row in rows)
