"""Proof of the trees at one location: by the digests of their files, which its host computes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from nexoaudit import evidence
from nexoaudit.auditor.session import Session
from nexoaudit.evidence.copies import same_bytes
from nexoaudit.evidence.newest import Newest
from nexoaudit.evidence.wholes import Whole, Wholes
from nexoaudit.inventory.listing import folders_above, tree_of
from nexoaudit.ledger import Draft, Entry
from nexoaudit.locations.directory import Found, read_path
from nexoaudit.locations.transport import Transport
from nexoaudit.model.copy import Assurance
from nexoaudit.model.location import Location
from nexoaudit.model.manifest import FILES_SHA256
from nexoaudit.model.sighting import Sighting
from nexoaudit.model.verification import Verification
from nexoaudit.verification.filesdigest import FilesDigest, in_order

_NAMES = 2000
_BYTES = 1 << 30
"""Files and bytes that are asked for at once: each call has a time of its own to be answered in."""
_REFUSED_MS = 6 * 3_600_000
"""How long a refusal stands: to ask again, the host has to read all the other files once more."""
_NOBODY = "nothing at {location} computes digests of files"
_NO_READ = "no read of it here recorded the digest of its files yet"
_NO_SUCH = "no generation that was read here has just these files"
_OTHERS = "its files are not those of {path} as read here"


class _Told(NamedTuple):
    """What the host says of the files of one tree."""

    digest: str = ""
    """Over all of them; empty when one could not be had."""
    refused: str = ""
    """What it says of a file that it may not read."""


class TreeProver:
    """Looks at the trees of one location; what it finds is ready to be recorded."""

    def __init__(
        self, session: Session, location: Location, transport: Transport, newest: Newest
    ) -> None:
        self._session = session
        self._location = location
        self._transport = transport
        self._reads = newest.reads
        self._wholes = Wholes(session.ledger, newest, session.policy)
        self._now_ms = evidence.millis(session.clock())
        self._asks = location.host is not None and location.host.access == "command"

    def is_new(self, sighting: Sighting) -> bool:
        """Return whether more can be found out now than the newest record of a tree says.

        What the host said of the same listing is not asked again: a read here may tell since what
        it is.
        """
        read = self._read_of(sighting)
        if read is None or not same_bytes(sighting, read.facts):
            return True
        if not read.facts["problems"]:
            return False
        told = read.facts["manifest"].get(FILES_SHA256)
        if told is not None:
            return self._match(sighting, told) is not None
        refused = "copy.refused" in read.facts["problems"]
        return self._asks and (not refused or read.ts <= self._now_ms - _REFUSED_MS)

    def prove(self, waiting: Sequence[Sighting]) -> Iterator[tuple[Sighting, list[Draft]]]:
        """Yield each tree with what is to be recorded of it.

        One that changes meanwhile is left to the next audit. Raise LocationError when the location
        is lost on the way.
        """
        unasked = []
        for sighting in waiting:
            digest = self._known(sighting)
            if digest:
                yield sighting, [evidence.verified_draft(sighting, self._judged(sighting, digest))]
            elif not self._asks:
                said = _NOBODY.format(location=self._location.id)
                found = _open(sighting, "tree.unprovable", said)
                yield sighting, [evidence.verified_draft(sighting, found)]
            else:
                unasked.append(sighting)
        if unasked:
            yield from self._ask(unasked)

    def _known(self, sighting: Sighting) -> str:
        """Return what the host said of this very listing, where a read here says more now."""
        read = self._read_of(sighting)
        if read is None or not read.facts["problems"] or not same_bytes(sighting, read.facts):
            return ""
        digest = str(read.facts["manifest"].get(FILES_SHA256, ""))
        return digest if digest and self._match(sighting, digest) is not None else ""

    def _ask(self, waiting: list[Sighting]) -> Iterator[tuple[Sighting, list[Draft]]]:
        inside = self._listed(waiting)
        digests: dict[object, str] = {}
        for sighting in waiting:
            files = inside[sighting.path]
            if not files or tree_of(files).listing_sha256 != sighting.listing_sha256:
                continue
            told = self._told(sighting.path, files, digests)
            if told is None:
                continue
            if told.refused:
                found = _open(sighting, "copy.refused", told.refused)
            else:
                found = self._judged(sighting, told.digest)
            yield sighting, [evidence.verified_draft(sighting, found)]

    def _listed(self, waiting: list[Sighting]) -> dict[str, list[Found]]:
        """Return the files of each tree, from one listing of the location."""
        inside: dict[str, list[Found]] = {sighting.path: [] for sighting in waiting}
        for file in self._transport.listing():
            top = next((name for name in folders_above(file.path) if name in inside), None)
            if top is not None:
                inside[top].append(file)
        return inside

    def _told(self, top: str, files: list[Found], digests: dict[object, str]) -> _Told | None:
        """Ask for the files of a tree, each inode once; None when the tree changed meanwhile."""
        asked = {_bytes_of(file): file for file in files}
        refused, moved = "", False
        for part in _parts([file for key, file in asked.items() if key not in digests]):
            there = {file.path: file for file in part}
            for stored in self._transport.stored(there):
                self._session.beat()
                file = there[stored.path]
                if stored.outcome in {"refused", "failed"}:
                    refused = refused or f"{stored.path}: {stored.detail}"
                elif stored.outcome != "told" or stored.size != file.size:
                    moved = True
                else:
                    digests[_bytes_of(file)] = stored.checksums[0].value
            if refused or moved:
                return None if moved else _Told(refused=refused)
        return _Told(_digest(top, files, digests))

    def _judged(self, sighting: Sighting, digest: str) -> Verification:
        """Return what it means that the files of a tree have this digest."""
        manifest = (("listing", sighting.listing_sha256), (FILES_SHA256, digest))
        match = self._match(sighting, digest)
        if match is not None:
            return _open(sighting)._replace(
                sha256=match.sha256,
                recorded="copy",
                assurance=Assurance.INTACT,
                proof="host",
                manifest=tuple(sorted(manifest)),
            )
        wholes = self._wholes.of(sighting, self._now_ms)
        problem, said = "copy.unproven", _NO_SUCH if wholes else _NO_READ
        if wholes and sighting.time_source == "name":
            problem, said = "copy.differs", _OTHERS.format(path=wholes[-1].path)
        return _open(sighting, problem, said)._replace(manifest=tuple(sorted(manifest)))

    def _match(self, sighting: Sighting, digest: str) -> Whole | None:
        """Return the read of a tree with just these files: that of the same name, or the newest."""
        found = [
            whole
            for whole in self._wholes.of(sighting, self._now_ms)
            if whole.files_sha256 == digest
        ]
        named = [whole for whole in found if whole.path == sighting.path]
        return next(iter((named or found)[-1:]), None)

    def _read_of(self, sighting: Sighting) -> Entry | None:
        return self._reads.get(evidence.subject_of(sighting.location, sighting.path))


def _bytes_of(file: Found) -> object:
    """Return what all names of the same bytes have in common: the inode, where it is told."""
    return (file.device, file.inode) if file.inode else file.path


def _parts(files: list[Found]) -> Iterator[list[Found]]:
    """Yield files in parts that can be asked for at once."""
    part: list[Found] = []
    size = 0
    for file in files:
        if part and (len(part) >= _NAMES or size + file.size > _BYTES):
            yield part
            part, size = [], 0
        part.append(file)
        size += file.size
    if part:
        yield part


def _digest(top: str, files: list[Found], digests: Mapping[object, str]) -> str:
    """Return the digest over a tree's files, as a walk through it on this machine makes it."""
    values = {read_path(file.path[len(top) :]): digests[_bytes_of(file)] for file in files}
    whole = FilesDigest()
    for path in in_order(values):
        whole.add(path, bytes.fromhex(values[path]))
    return whole.hexdigest()


def _open(sighting: Sighting, problem: str = "", detail: str = "") -> Verification:
    """Return that the tree is there, and what keeps it from being proven."""
    return Verification(
        sha256="",
        size=sighting.size,
        mtime_ms=sighting.mtime_ms,
        recorded="",
        assurance=Assurance.PRESENT,
        problems=(problem,) if problem else (),
        detail=detail,
        manifest=(("listing", sighting.listing_sha256),),
        proof="",
    )
