"""Manifests of binary logs and dumps as what the proof of continuity needs of them."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.binlog import LogFile, Position, log_number


def log_file(path: str, manifest: Mapping[str, Any], altered_ms: int) -> LogFile | None:
    """Return the binary log that a read found; None when it does not say where the log ends."""
    number = log_number(path)
    if not number or "end" not in manifest:
        return None
    return LogFile(
        path=path,
        number=number,
        first_ms=manifest["first"],
        last_ms=manifest["last"],
        end=manifest["end"],
        server_id=manifest["server_id"],
        in_use=bool(manifest["in_use"]),
        ending=manifest.get("ending", ""),
        next_name=manifest.get("next", ""),
        checksums=bool(manifest["checksums"]),
        before=manifest.get("gtids_before", ""),
        after=manifest.get("gtids_after", ""),
        altered_ms=altered_ms,
    )


def position(path: str, manifest: Mapping[str, Any]) -> Position:
    """Return where in the binary logs a dump was made, as far as it says so."""
    log, _, offset = manifest.get("position", "").rpartition(":")
    return Position(path, log, int(offset) if log else 0, manifest.get("gtid", ""))
