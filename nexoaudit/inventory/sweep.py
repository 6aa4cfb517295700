"""One complete listing of a location, and which recovery points are in it."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.errors import LocationError
from nexoaudit.formats.names import matches
from nexoaudit.inventory.moment import moment_of
from nexoaudit.inventory.strays import strays
from nexoaudit.inventory.targets import SIDECAR, Target, targets_of
from nexoaudit.locations.directory import Found, list_directory, locate
from nexoaudit.locations.tree import Survey, survey
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Policy
from nexoaudit.model.sighting import Sighting, Sweep

_OTHERS = 5
"""How many of the files that belong to no series are named."""
SETTLED_MS = 10 * 60_000
"""A file without a sidecar is finished when it has not changed for this long."""
FUTURE_MS = 10 * 60_000
"""How far ahead of the clock a time within a tree may be before it says nothing."""


class _Listing(NamedTuple):
    """What lies at a location."""

    found: list[Found]
    trees: Mapping[str, Survey | None]
    """By path; None for one that changed while it was listed."""

    @property
    def files(self) -> int:
        """Regular files, those in trees included."""
        alone = len(self.found) - len(self.trees)
        return alone + sum(tree.files for tree in self.trees.values() if tree is not None)


class _Look(NamedTuple):
    """Where, when and how is looked."""

    location: Location
    demonstration: bool
    """The files of a demonstration are dated; their times of change cannot be."""
    zone: ZoneInfo
    now_ms: int


def sweep(location: Location, policy: Policy, now: datetime) -> tuple[Sweep, tuple[Sighting, ...]]:
    """List `location` as seen at `now` and return the sweep and the copies it saw.

    A location that cannot be listed gives a failed sweep and no sightings, never an exception.
    """
    now_ms = int(now.timestamp() * 1000)
    root = Path(location.path)
    zone = ZoneInfo(policy.site.timezone)
    targets = targets_of(location, policy)
    try:
        listing = _list(root, targets, zone, now_ms)
        if not listing.found:
            raise LocationError("location.empty", f"{root} holds no file")  # noqa: TRY301
        device = root.stat().st_dev
    except LocationError as error:
        return Sweep(location.id, now_ms, "failed", error.reason, str(error)), ()
    except OSError as error:
        return Sweep(location.id, now_ms, "failed", "location.unreadable", str(error)), ()
    look = _Look(location, policy.site.demonstration, zone, now_ms)
    sightings = tuple(_sightings(look, targets, listing))
    accounted = {sighting.path for sighting in sightings}
    accounted |= {sighting.sidecar for sighting in sightings}
    unmatched = [file for file in listing.found if file.path not in accounted]
    result = Sweep(
        location.id,
        now_ms,
        "complete",
        files=listing.files,
        bytes=sum(file.size for file in listing.found),
        unmatched=len(unmatched),
        listing_sha256=_digest(listing.found),
        device=device,
        strays=strays(unmatched, targets, zone),
        others=tuple(file.path for file in unmatched[:_OTHERS]),
    )
    return result, sightings


def _list(root: Path, targets: list[Target], zone: ZoneInfo, now_ms: int) -> _Listing:
    trees = [target.pattern for target in targets if target.pattern.text.endswith("/")]

    def is_tree(path: str) -> bool:
        return any(matches(pattern, path, zone) for pattern in trees)

    found: list[Found] = []
    surveys: dict[str, Survey | None] = {}
    for item in list_directory(root, is_tree):
        if item.path.endswith("/"):
            tree = survey(locate(root, item.path), now_ms + FUTURE_MS)
            surveys[item.path] = tree
            size, newest_ms = (tree.size, tree.newest_ms) if tree else (0, 0)
            found.append(item._replace(size=size, mtime_ms=newest_ms))
        else:
            found.append(item)
    return _Listing(found, surveys)


def _sightings(look: _Look, targets: list[Target], listing: _Listing) -> Iterable[Sighting]:
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
        time_ms=int(moment.timestamp() * 1000),
        time_source=source,
        size=file.size,
        mtime_ms=file.mtime_ms,
        inode=f"{file.device}:{file.inode}",
        mode=file.mode,
        finished=sidecar is not None or abs(look.now_ms - file.mtime_ms) >= SETTLED_MS,
        sidecar="" if sidecar is None else sidecar.path,
        sidecar_ctime_ms=0 if sidecar is None else sidecar.ctime_ms,
        ctime_ms=file.ctime_ms,
    )


def _tree(look: _Look, target: Target, top: Found, tree: Survey | None) -> Sighting:
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
        time_ms=int(moment.timestamp() * 1000),
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
        line = f"{file.size} {file.mtime_ms} {file.path}\0"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
