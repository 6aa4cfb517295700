"""What lies below the locations, to and from the ledger, and by how much it fills."""

from collections.abc import Mapping

from nexoaudit.ledger import Draft, Ledger
from nexoaudit.model.disk import Disk
from nexoaudit.model.sighting import Sweep
from nexoaudit.state.disks import decode_disk, encode_disk

_SUBJECT = "disk:"
_GROWTH_MS = 28 * 86_400_000
"""Growth is measured over whole weeks, so that weekly jobs do not sway it."""
_LEAST_GROWTH_MS = 7 * 86_400_000


def disk_draft(disk: Disk) -> Draft:
    """Return the record of what a location lies on; its growth is in the sweeps already."""
    derived = {"observed_ms", "grown", "grown_ms"}
    facts = {key: value for key, value in encode_disk(disk).items() if key not in derived}
    return Draft("live", f"{_SUBJECT}{disk.location}", facts)


def recall_disks(
    ledger: Ledger, size: int, now_ms: int, sweeps: Mapping[str, Sweep]
) -> dict[str, Disk]:
    """Return by location what it lies on, as the first `size` entries say.

    `sweeps` are the newest complete listings: with those of four weeks before, or of what there is
    if that is a week at least, they tell by how much a location grew.
    """
    earlier = _earlier(ledger, size, now_ms, len(sweeps))
    found = {}
    for entry in ledger.latest(("live",), size=size):
        if entry.subject.startswith(_SUBJECT):
            disk = decode_disk({**entry.facts, "observed_ms": entry.ts})
            then, last = earlier.get(disk.location), sweeps.get(disk.location)
            if then is not None and last is not None:
                span = last.finished_ms - then.finished_ms
                disk = disk._replace(grown=last.bytes - then.bytes, grown_ms=max(0, span))
            found[disk.location] = disk
    return found


def _earlier(ledger: Ledger, size: int, now_ms: int, wanted: int) -> dict[str, Sweep]:
    """Return by location the first complete listing of the last four weeks, a week old or more."""
    found: dict[str, Sweep] = {}
    window = now_ms - _GROWTH_MS, now_ms - _LEAST_GROWTH_MS
    for entry in ledger.between(*window, size=size, kinds=("sweep",)):
        if entry.facts["outcome"] == "complete":
            found.setdefault(entry.subject, Sweep(**entry.facts))
        if len(found) == wanted:
            break
    return found
