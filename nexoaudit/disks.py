"""What lies below the locations, to and from the ledger, and by how much it fills."""

from collections.abc import Mapping

from nexoaudit.ledger import Draft, Ledger
from nexoaudit.model.disk import Disk
from nexoaudit.model.sighting import Sweep
from nexoaudit.state.disks import decode_disk, encode_disk

_SUBJECT = "disk:"
_RESIDUES = "residues:site"
_DAY_MS = 86_400_000
_WINDOWS = ((28, 7), (7, 6))
"""Days before now in which to look for a listing to compare with: whole weeks, so that weekly jobs
do not sway it, and two of them, so that neither one large file nor the end of a young location's
first growth does."""


def disk_draft(disk: Disk) -> Draft:
    """Return the record of what a location lies on; its growth is in the sweeps already."""
    facts = {
        key: value
        for key, value in encode_disk(disk).items()
        if key not in {"observed_ms", "growth"}
    }
    return Draft("live", f"{_SUBJECT}{disk.location}", facts)


def residues_draft(paths: tuple[str, ...]) -> Draft:
    """Return the record of what restores left behind."""
    return Draft("live", _RESIDUES, {"paths": list(paths)})


def recall_residues(ledger: Ledger, size: int) -> tuple[str, ...]:
    """Return what restores left behind, as the first `size` entries say."""
    for entry in ledger.latest(("live",), size=size):
        if entry.subject == _RESIDUES:
            return tuple(entry.facts["paths"])
    return ()


def recall_disks(
    ledger: Ledger, size: int, now_ms: int, sweeps: Mapping[str, Sweep]
) -> dict[str, Disk]:
    """Return by location what it lies on, as the first `size` entries say.

    `sweeps` are the newest complete listings: earlier ones tell by how much a location grew.
    """
    earlier = [
        _earlier(ledger, size, now_ms - first * _DAY_MS, now_ms - last * _DAY_MS + 1, len(sweeps))
        for first, last in _WINDOWS
    ]
    found = {}
    for entry in ledger.latest(("live",), size=size):
        if entry.subject.startswith(_SUBJECT):
            disk = decode_disk({**entry.facts, "observed_ms": entry.ts})
            now = sweeps.get(disk.location)
            rates = [_rate(then.get(disk.location), now) for then in earlier]
            found[disk.location] = disk._replace(growth=min(rates))
    return found


def _rate(then: Sweep | None, now: Sweep | None) -> int:
    """Return by how many bytes a day a location grew between two listings."""
    if then is None or now is None or now.finished_ms <= then.finished_ms:
        return 0
    return max(0, (now.bytes - then.bytes) * _DAY_MS // (now.finished_ms - then.finished_ms))


def _earlier(
    ledger: Ledger, size: int, start_ms: int, end_ms: int, wanted: int
) -> dict[str, Sweep]:
    """Return by location the first complete listing in [start_ms, end_ms)."""
    found: dict[str, Sweep] = {}
    for entry in ledger.between(start_ms, end_ms, size=size, kinds=("sweep",)):
        if entry.facts["outcome"] == "complete":
            found.setdefault(entry.subject, Sweep(**entry.facts))
        if len(found) == wanted:
            break
    return found
