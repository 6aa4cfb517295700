"""The reads of an audit: several copies at once, recorded as they end."""

from contextlib import closing
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.auditor.indexes import Indexes
from nexoaudit.auditor.session import Session
from nexoaudit.evidence.copies import same_bytes
from nexoaudit.evidence.indexes import carried
from nexoaudit.ledger import Draft, Entry
from nexoaudit.locations.directory import locate
from nexoaudit.model.sighting import Sighting
from nexoaudit.model.verification import Verification
from nexoaudit.verification.inside import About
from nexoaudit.verification.many import Task, usual_workers, verify_many

_BATCH = 25
_BATCH_BYTES = 256 << 20
"""Reads that are appended in one transaction: an interruption loses no more than these."""
_WORTH_WORKERS = 64 << 20
"""Less than this is read sooner than a second process has begun."""


class Progress(Protocol):
    """Someone who watches an audit."""

    def start(self, copies: int, size: int) -> None:
        """`copies` are about to be read, `size` bytes in all."""

    def copy(self, sighting: Sighting) -> None:
        """The read of this copy begins."""

    def advance(self, size: int) -> None:
        """`size` more bytes have been read."""


class Unwatched:
    """Progress that nobody looks at."""

    def start(self, copies: int, size: int) -> None:
        """Ignore it."""

    def copy(self, sighting: Sighting) -> None:
        """Ignore it."""

    def advance(self, size: int) -> None:
        """Ignore it."""


class Batch:
    """Drafts on their way into the ledger; used as a context, what is left goes in at its end."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._drafts: list[Draft] = []
        self._held = 0

    def __enter__(self) -> "Batch":
        """Return the batch."""
        return self

    def __exit__(self, *_: object) -> None:
        """Append what is held: also after an interruption, these were read."""
        self.flush()

    def add(self, draft: Draft, size: int) -> None:
        """Hold a draft that cost `size` bytes of reading; append when enough is held."""
        self._drafts.append(draft)
        self._held += size
        if len(self._drafts) >= _BATCH or self._held >= _BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Append what is held."""
        if self._drafts:
            self._session.append(self._drafts)
        self._drafts, self._held = [], 0


def read_all(
    session: Session, waiting: list[Sighting], progress: Progress, indexes: Indexes
) -> int:
    """Read each copy once, in this order, append the results in batches and return their number.

    The members of archives are compared by `indexes`. Several are read at once, as the policy or
    the machine has it. What was read when an exception (an interrupt) ends it is kept.
    """
    done = 0
    reads = verify_many(
        (
            _task(session, number, sighting)._replace(comparing=indexes.comparing(sighting))
            for number, sighting in enumerate(waiting)
        ),
        workers=_workers(session, waiting),
        watcher=_Watcher(session, waiting, progress),
    )
    with Batch(session) as batch, closing(reads):
        for task, found in reads:
            sighting = waiting[task.number]
            batch.add(_draft(session, sighting, found), sighting.size)
            if found.prints is not None and not _is_printed(session, found.sha256):
                batch.add(evidence.prints_draft(found.prints), 0)
            done += 1
    return done


def read_one(session: Session, sighting: Sighting, progress: Progress) -> Draft:
    """Read one copy in the background: in this process, and out of the page cache afterwards."""
    task = _task(session, 0, sighting)._replace(drop_cache=True)
    reads = verify_many([task], workers=1, watcher=_Watcher(session, [sighting], progress))
    with closing(reads):
        return _draft(session, sighting, next(reads)[1])


class _Watcher:
    """Passes on what the readers report; a reader that hangs reports nothing."""

    def __init__(self, session: Session, waiting: list[Sighting], progress: Progress) -> None:
        self._session = session
        self._waiting = waiting
        self._progress = progress

    def begin(self, number: int) -> None:
        self._progress.copy(self._waiting[number])

    def advance(self, size: int) -> None:
        self._progress.advance(size)
        self._session.beat()


def path_of(session: Session, sighting: Sighting) -> Path:
    """Return where a sighted file lies."""
    return locate(Path(session.policy.location(sighting.location).path), sighting.path)


def _task(session: Session, number: int, sighting: Sighting) -> Task:
    policy = session.policy
    component = policy.component(sighting.component)
    series = next(item for item in component.series if item.id == sighting.series)
    place = policy.location(sighting.location)
    root = Path(place.path)
    return Task(
        number,
        locate(root, sighting.path),
        About(
            component.kind,
            sighting.time_ms,
            sighting.time_source,
            ZoneInfo(policy.site.timezone),
            session.clock(),
            component.expect,
        ),
        sidecar=locate(root, sighting.sidecar) if sighting.sidecar else None,
        expects_sidecar=series.sidecar,
        earlier=_earlier(session, sighting),
        prints=any(policy.location(name).remote for name in series.locations),
        passphrase_file=Path(place.passphrase_file) if place.passphrase_file else None,
    )


def _is_printed(session: Session, sha256: str) -> bool:
    ledger = session.ledger
    return bool(evidence.recall_prints(ledger, ledger.size, [sha256]))


def _earlier(session: Session, sighting: Sighting) -> str:
    """Return the digest that earlier reads recorded of these very bytes; empty: none did."""
    reads = _reads(session, sighting)
    if not reads or not same_bytes(sighting, reads[-1].facts):
        return ""
    last = reads[-1].facts
    own = last["sha256"] if last["recorded"] == "self" else ""
    return str(last.get("earlier") or own)


def _draft(session: Session, sighting: Sighting, found: Verification) -> Draft:
    return evidence.verified_draft(sighting, carried(found, _reads(session, sighting)))


def _reads(session: Session, sighting: Sighting) -> list[Entry]:
    """Return the records of the reads of a copy since it was there, oldest first."""
    ledger = session.ledger
    subject = evidence.subject_of(sighting.location, sighting.path)
    return list(ledger.since("copy.verified", subject, "copy.gone", size=ledger.size))


def _workers(session: Session, waiting: list[Sighting]) -> int:
    """Return how many copies to read at once: what is asked for, or what pays."""
    worth = sum(sighting.size for sighting in waiting) >= _WORTH_WORKERS
    wanted = session.policy.auditor.workers or (usual_workers() if worth else 1)
    return max(1, min(wanted, len(waiting)))
