"""One complete listing of a location, and which recovery points are in it."""

import hashlib
import stat
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.errors import LocationError
from nexoaudit.formats.names import matches, unsealed
from nexoaudit.inventory.groves import groves
from nexoaudit.inventory.listing import Listing, Tree, list_here, list_there
from nexoaudit.inventory.moment import moment_of
from nexoaudit.inventory.strays import strays
from nexoaudit.inventory.targets import SIDECAR, Target, targets_of
from nexoaudit.locations.directory import Found
from nexoaudit.locations.transport import Transport
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Policy
from nexoaudit.model.sighting import Sighting, Sweep

_OTHERS = 5
"""How many of the files that belong to no series are named."""
SETTLED_MS = 10 * 60_000
"""A file without a sidecar is finished when it has not changed for this long."""
FUTURE_MS = 10 * 60_000
"""How far ahead of the clock a time within a tree may be before it says nothing."""


class _Look(NamedTuple):
    """Where, when and how is looked."""

    location: Location
    demonstration: bool
    """The files of a demonstration are dated; their times of change cannot be."""
    zone: ZoneInfo
    now_ms: int

    def inode(self, file: Found) -> str:
        """Return what names of the same bytes have in common; empty where nobody can say."""
        if not self.location.remote:
            return f"{file.device}:{file.inode}"
        return f"{self.location.id}:{file.device}:{file.inode}" if file.inode else ""

    def finished(self, file: Found, sidecar: Found | None) -> bool:
        """Return whether nothing is being written there; an object appears as a whole."""
        settled = abs(self.now_ms - file.mtime_ms) >= SETTLED_MS
        return bool(file.token) or sidecar is not None or settled


def sweep(
    location: Location, policy: Policy, now: datetime, transport: Transport | None = None
) -> tuple[Sweep, tuple[Sighting, ...]]:
    """List `location` as seen at `now` and return the sweep and the copies it saw.

    One that lies elsewhere is listed through its `transport`. A location that cannot be listed
    gives a failed sweep and no sightings, never an exception.
    """
    now_ms = millis(now)
    zone = ZoneInfo(policy.site.timezone)
    targets = targets_of(location, policy)
    is_tree = _recogniser(targets, zone)
    try:
        if transport is None:
            listing = list_here(Path(location.path), is_tree, now_ms + FUTURE_MS)
        else:
            listing = list_there(transport, is_tree)
        if not listing.found and transport is None:
            said = f"{location.path or location.id} holds no file"
            raise LocationError("location.empty", said)  # noqa: TRY301
    except LocationError as error:
        return Sweep(location.id, now_ms, "failed", error.reason, str(error)), ()
    except OSError as error:
        return Sweep(location.id, now_ms, "failed", "location.unreadable", str(error)), ()
    look = _Look(location, policy.site.demonstration, zone, now_ms)
    sightings = tuple(_sightings(look, targets, listing))
    accounted = {sighting.path for sighting in sightings}
    accounted |= {sighting.sidecar for sighting in sightings}
    accounted |= {unsealed(sighting.path) + SIDECAR for sighting in sightings}
    unmatched = [file for file in listing.found if file.path not in accounted]
    result = Sweep(
        location.id,
        now_ms,
        "complete",
        files=listing.files,
        bytes=sum(file.size for file in listing.found),
        unmatched=len(unmatched),
        listing_sha256=_digest(listing.found),
        device=listing.device,
        strays=strays(unmatched, targets, zone),
        groves=groves(sightings, listing.trees),
        keys=_keys(unmatched, policy),
        others=tuple(file.path for file in unmatched[:_OTHERS]),
    )
    return result, sightings


def _keys(unmatched: list[Found], policy: Policy) -> tuple[str, ...]:
    """Return what is named like a file that opens encrypted copies, wherever it lies."""
    names = {
        Path(location.passphrase_file).name
        for location in policy.locations
        if location.passphrase_file
    }
    return tuple(file.path for file in unmatched if file.path.rpartition("/")[2] in names)[:_OTHERS]


def _recogniser(targets: list[Target], zone: ZoneInfo) -> Callable[[str], bool]:
    """Return whether a directory, by its path, is a tree that is one copy."""
    trees = [target.pattern for target in targets if target.pattern.text.endswith("/")]
    return lambda path: any(matches(pattern, path, zone) for pattern in trees)


def _sightings(look: _Look, targets: list[Target], listing: Listing) -> Iterable[Sighting]:
    files = {file.path: file for file in listing.found}
    for file in listing.found:
        for target in targets:
            if matches(target.pattern, file.path, look.zone):
                if file.path in listing.trees:
                    yield _tree(look, target, file, listing.trees[file.path])
                else:
                    yield _file(look, target, file, files.get(file.path + SIDECAR))
                break


def _file(look: _Look, target: Target, file: Found, sidecar: Found | None) -> Sighting:
    moment, source = moment_of(target.pattern, file.path, file.mtime_ms, look.zone)
    return Sighting(
        location=look.location.id,
        component=target.component,
        series=target.series,
        path=file.path,
        time_ms=millis(moment),
        time_source=source,
        size=file.size,
        mtime_ms=file.mtime_ms,
        inode=look.inode(file),
        mode=file.mode if not look.location.remote else file.mode & ~stat.S_IRWXO,
        finished=look.finished(file, sidecar),
        sidecar="" if sidecar is None else sidecar.path,
        sidecar_ctime_ms=0 if sidecar is None else sidecar.ctime_ms,
        ctime_ms=file.ctime_ms,
        token=file.token,
        tier=file.tier,
    )


def _tree(look: _Look, target: Target, top: Found, tree: Tree | None) -> Sighting:
    """Return a tree as seen; where its name has no time, it is that of the run that made it.

    The times of modification are those of what was copied, so the newest one is older than the
    run, unless the job touched the tree in the end; directories change when they are made. Where
    trees are transferred to, that is the transfer's moment and not the point's.
    """
    built_ms = 0 if tree is None or look.demonstration else tree.built_ms
    made_ms = top.mtime_ms if look.location.transfer else max(top.mtime_ms, built_ms)
    moment, source = moment_of(target.pattern, top.path, made_ms, look.zone)
    if source == "mtime" and made_ms > top.mtime_ms:
        source = "ctime"
    settled = look.now_ms - max(top.mtime_ms, built_ms) >= SETTLED_MS
    return Sighting(
        location=look.location.id,
        component=target.component,
        series=target.series,
        path=top.path,
        time_ms=millis(moment),
        time_source=source,
        size=top.size,
        mtime_ms=top.mtime_ms,
        inode="",
        mode=top.mode,
        finished=tree is not None and settled,
        ctime_ms=0 if tree is None else tree.stirred_ms,
        listing_sha256="" if tree is None else tree.listing_sha256,
    )


def _digest(found: list[Found]) -> str:
    """Return a digest of the listing: the same names, sizes and times give the same digest."""
    digest = hashlib.sha256()
    for file in sorted(found):
        line = f"{file.size} {file.mtime_ms} {file.path}\0{file.token}"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
