"""What lies below the locations, to and from the ledger, and by how much it fills."""

from collections.abc import Mapping

from nexoaudit.ledger import Draft, Entry, Ledger
from nexoaudit.model.disk import Disk
from nexoaudit.model.sighting import Sweep
from nexoaudit.state.disks import decode_disk, encode_disk
from nexoaudit.state.sweeps import decode_sweep

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


def recall_residues(live: Mapping[str, Entry]) -> tuple[str, ...]:
    """Return what restores left behind, from the newest live facts by subject."""
    entry = live.get(_RESIDUES)
    return () if entry is None else tuple(entry.facts["paths"])


def recall_disks(
    ledger: Ledger, size: int, live: Mapping[str, Entry], now_ms: int, sweeps: Mapping[str, Sweep]
) -> dict[str, Disk]:
    """Return by location what it lies on, from the newest `live` facts by subject.

    `sweeps` are the newest complete listings: earlier ones tell by how much a location grew.
    """
    earlier = [
        _earlier(ledger, size, now_ms - first * _DAY_MS, now_ms - last * _DAY_MS + 1, len(sweeps))
        for first, last in _WINDOWS
    ]
    found = {}
    for subject, entry in live.items():
        if subject.startswith(_SUBJECT):
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
            found.setdefault(entry.subject, decode_sweep(entry.facts))
        if len(found) == wanted:
            break
    return found
