"""One complete listing of a location, and which recovery points are in it."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.errors import LocationError
from nexoaudit.formats.names import Pattern, compile_pattern, matches
from nexoaudit.inventory.moment import moment_of
from nexoaudit.locations.directory import Found, list_directory
from nexoaudit.model.policy import Location, Policy
from nexoaudit.model.sighting import Sighting, Sweep

SIDECAR = ".sha256"
SETTLED_MS = 10 * 60_000
"""A file without a sidecar is finished when it has not changed for this long."""


class _Target(NamedTuple):
    """A series whose copies may lie in the location being swept."""

    component: str
    series: str
    pattern: Pattern


def sweep(location: Location, policy: Policy, now: datetime) -> tuple[Sweep, tuple[Sighting, ...]]:
    """List `location` as seen at `now` and return the sweep and the copies it saw.

    A location that cannot be listed gives a failed sweep and no sightings, never an exception.
    """
    now_ms = int(now.timestamp() * 1000)
    root = Path(location.path)
    try:
        found = list(list_directory(root))
        if not found:
            raise LocationError("location.empty", f"{root} holds no file")  # noqa: TRY301
        device = root.stat().st_dev
    except LocationError as error:
        return Sweep(location.id, now_ms, "failed", error.reason, str(error)), ()
    except OSError as error:
        return Sweep(location.id, now_ms, "failed", "location.unreadable", str(error)), ()
    sightings = tuple(_sightings(location, policy, found, now_ms))
    accounted = {sighting.path for sighting in sightings}
    accounted |= {sighting.sidecar for sighting in sightings}
    result = Sweep(
        location.id,
        now_ms,
        "complete",
        files=len(found),
        bytes=sum(file.size for file in found),
        unmatched=sum(1 for file in found if file.path not in accounted),
        listing_sha256=_digest(found),
        device=device,
    )
    return result, sightings


def _sightings(
    location: Location, policy: Policy, found: list[Found], now_ms: int
) -> Iterable[Sighting]:
    zone = ZoneInfo(policy.site.timezone)
    files = {file.path: file for file in found}
    targets = [
        _Target(component.id, series.id, compile_pattern(series.pattern))
        for component in policy.components
        for series in component.series
        if location.id in series.locations
    ]
    for file in found:
        for target in targets:
            if matches(target.pattern, file.path, zone):
                yield _sighting(
                    location, target, file, files.get(file.path + SIDECAR), zone, now_ms
                )
                break


def _sighting(
    location: Location,
    target: _Target,
    file: Found,
    sidecar: Found | None,
    zone: ZoneInfo,
    now_ms: int,
) -> Sighting:
    moment, source = moment_of(target.pattern, file.path, file.mtime_ms, zone)
    return Sighting(
        location=location.id,
        component=target.component,
        series=target.series,
        path=file.path,
        time_ms=int(moment.timestamp() * 1000),
        time_source=source,
        size=file.size,
        mtime_ms=file.mtime_ms,
        inode=f"{file.device}:{file.inode}",
        mode=file.mode,
        finished=sidecar is not None or abs(now_ms - file.mtime_ms) >= SETTLED_MS,
        sidecar="" if sidecar is None else sidecar.path,
        sidecar_ctime_ms=0 if sidecar is None else sidecar.ctime_ms,
        ctime_ms=file.ctime_ms,
    )


def _digest(found: list[Found]) -> str:
    """Return a digest of the listing: the same names, sizes and times give the same digest."""
    digest = hashlib.sha256()
    for file in sorted(found):
        line = f"{file.size} {file.mtime_ms} {file.path}\0"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
