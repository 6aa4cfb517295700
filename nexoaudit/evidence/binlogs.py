"""Binary logs, and the places of dumps in them, from the records of their reads."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from nexoaudit.evidence.copies import same_bytes
from nexoaudit.evidence.newest import Newest
from nexoaudit.ledger import Entry, Ledger
from nexoaudit.model.binlog import LogFile, Position
from nexoaudit.model.policy import Policy
from nexoaudit.model.sighting import Sighting
from nexoaudit.model.state import Holding
from nexoaudit.state.logs import log_file, position


class _Found(NamedTuple):
    """A copy whose bytes are known."""

    path: str
    read: Entry
    manifest: Mapping[str, Any]
    holding: Holding


def _found(known: Newest, policy: Policy, kind: str) -> Iterator[_Found]:
    """Yield the copies of a kind whose bytes were read, there or where the same bytes are.

    A copy that was proven by checksums holds what was found in the bytes it was compared with.
    """
    inside = {
        read.facts["sha256"]: read.facts["manifest"]
        for read in known.reads.values()
        if read.facts["manifest"]
    }
    kinds = {component.id for component in policy.components if component.kind == kind}
    for subject, entry in known.present.items():
        read = known.reads.get(subject)
        if entry.facts["component"] not in kinds or read is None:
            continue
        sighting = Sighting(**entry.facts)
        if read.facts["sha256"] and same_bytes(sighting, read.facts):
            manifest = read.facts["manifest"] or inside.get(read.facts["sha256"], {})
            holding = sighting.component, sighting.series, sighting.location
            yield _Found(sighting.path, read, manifest, holding)


def recall_binlogs(
    ledger: Ledger, size: int, known: Newest, policy: Policy
) -> dict[Holding, tuple[LogFile, ...]]:
    """Return the binary logs that were read, by holding and ordered by number."""
    held: dict[Holding, list[LogFile]] = {}
    for copy in _found(known, policy, "binlog"):
        found = log_file(copy.path, copy.manifest, _altered_ms(ledger, size, copy.read))
        if found is not None:
            held.setdefault(copy.holding, []).append(found)
    return {key: tuple(sorted(files, key=_by_number)) for key, files in held.items()}


def _altered_ms(ledger: Ledger, size: int, newest: Entry) -> int:
    """Return when this log was first read closed and sound, if it had other bytes then; else 0."""
    for read in ledger.since("copy.verified", newest.subject, "copy.gone", size=size):
        manifest = read.facts["manifest"]
        closed = manifest.get("closed") and not manifest.get("in_use")
        if closed and not read.facts["problems"]:
            return read.ts if read.facts["sha256"] != newest.facts["sha256"] else 0
    return 0


def _by_number(file: LogFile) -> tuple[int, str]:
    return file.number, file.path


def recall_positions(known: Newest, policy: Policy) -> dict[Holding, tuple[Position, ...]]:
    """Return where in the binary logs each dump that was read was made, by holding."""
    held: dict[Holding, list[Position]] = {}
    for copy in _found(known, policy, "database"):
        held.setdefault(copy.holding, []).append(position(copy.path, copy.manifest))
    return {key: tuple(found) for key, found in held.items()}
