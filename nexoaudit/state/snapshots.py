"""Snapshots of live servers as JSON values and back."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.snapshot import Snapshot, Sum

_OF_ALL = ("component", "place", "taken_ms", "databases")
_OF_FAILED = (*_OF_ALL, "reason", "detail")


def encode_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as a JSON object; of one that failed why."""
    facts = snapshot._asdict()
    if snapshot.reason:
        facts = {name: facts[name] for name in _OF_FAILED}
        return {**facts, "databases": list(snapshot.databases), "outcome": "failed"}
    lists = {name: [list(row) for row in facts[name]] for name in ("sums", "left_out")}
    return {**facts, "databases": list(snapshot.databases), **lists, "outcome": "complete"}


def decode_snapshot(data: Mapping[str, Any]) -> Snapshot:
    """Return the snapshot of `encode_snapshot`; raise KeyError or TypeError for anything else."""
    facts = {name: value for name, value in data.items() if name != "outcome"}
    return Snapshot(
        **{
            **facts,
            "databases": tuple(data["databases"]),
            "sums": tuple(Sum(*row) for row in data.get("sums", ())),
            "left_out": tuple((name, why) for name, why in data.get("left_out", ())),
        }
    )
