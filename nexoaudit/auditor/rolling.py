"""Rolling re-verification: each copy is read again in turn, a night's budget at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from nexoaudit import evidence
from nexoaudit.auditor.audit import sweep_all
from nexoaudit.auditor.pace import Pace
from nexoaudit.auditor.reading import Batch, Progress, path_of, read_one
from nexoaudit.auditor.renewed import renewed
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.trees import is_tree, read_tree
from nexoaudit.ledger import Draft
from nexoaudit.model.job import Job
from nexoaudit.model.moments import file_ms
from nexoaudit.model.sighting import Sighting

_BEGUN = "reverify.begun"
_MEANWHILE = timedelta(minutes=5)
_LATER = frozenset({"file.changed", "file.vanished"})
"""Problems that say only that somebody was at work on the copy: the next audit has it."""


class Rolled(NamedTuple):
    """What one night's reading did."""

    copies: int
    """Read again."""
    size: int
    """Their bytes."""
    bad: int
    """How many of them have a problem."""
    left: int
    """Copies that were due as well and wait for the next night."""


class _Turn(NamedTuple):
    """A copy to be read again."""

    sighting: Sighting
    renewed: bool
    """Its time is newer than the recorded one: recorded together with the read."""


class _Waiting(NamedTuple):
    """The copies whose turn has come, those read longest ago first."""

    turns: list[_Turn]
    seen: list[Sighting]
    """Every copy there is."""
    turn_ms: int
    """What was read before this moment is to be read again."""

    def read(self, session: Session, sighting: Sighting, progress: Progress) -> Draft:
        """Read one copy; of a tree the files that were not read since their turn came."""
        if is_tree(sighting):
            return read_tree(session, sighting, self.seen, progress, since_ms=self.turn_ms)
        return read_one(session, sighting, progress)


class _Meanwhile:
    """Does what else falls due, every five minutes, while a long read goes on.

    What was read so far is appended before: another read of the same copy must come after it.
    """

    def __init__(self, session: Session, batch: Batch, work: Callable[[], object]) -> None:
        self._session = session
        self._batch = batch
        self._work = work
        self._next = session.clock() + _MEANWHILE

    def __call__(self) -> None:
        if self._session.clock() < self._next:
            return
        self._batch.flush()
        self._work()
        self._next = self._session.clock() + _MEANWHILE


class _Paced:
    """Passes progress on, at the pace that is allowed, and lets other work happen in between."""

    def __init__(self, progress: Progress, pace: Pace, meanwhile: Callable[[], None]) -> None:
        self._progress = progress
        self._pace = pace
        self._meanwhile = meanwhile
        self.start, self.copy = progress.start, progress.copy

    def advance(self, size: int) -> None:
        self._progress.advance(size)
        self._pace.advance(size)
        self._meanwhile()


def begin(session: Session, slot_ms: int) -> datetime:
    """Return when the reading of a slot began: now, or before a run of it that was interrupted."""
    ledger = session.ledger
    for entry in ledger.latest(("job",), size=ledger.size):
        job = Job(**entry.facts)
        if job.name == _BEGUN and job.slot_ms == slot_ms:
            return evidence.moment(job.finished_ms)
    now = session.clock()
    session.append([evidence.job_draft(Job(_BEGUN, slot_ms, evidence.millis(now), "pass"))])
    return now


def roll(
    session: Session,
    progress: Progress,
    *,
    until: datetime,
    pace: Pace | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> Rolled:
    """Read copies again until `until`: the never read ones first, then those read longest ago.

    A copy's turn comes after two thirds of the policy's interval. One that would last longer than
    what is left is passed over, unless it is the first of the night. `meanwhile` is called every
    five minutes. What was read is appended in batches, so that an interruption loses little.
    """
    waiting = _waiting(session)
    pace = pace or Pace(session.policy.auditor.rate)
    progress.start(len(waiting.turns), sum(turn.sighting.size for turn in waiting.turns))
    copies = size = bad = left = 0
    with Batch(session) as batch:
        paced = _Paced(progress, pace, _Meanwhile(session, batch, meanwhile))
        for sighting, is_renewed in waiting.turns:
            left_s = (until - session.clock()).total_seconds()
            if left_s <= 0 or (copies and pace.takes_s(sighting.size) > left_s):
                left += 1
                continue
            if not _is_as_sighted(session, sighting):
                continue
            draft = waiting.read(session, sighting, paced)
            problems = draft.facts["problems"]
            if _LATER.intersection(problems):
                continue
            if is_renewed:
                batch.add(evidence.sighting_draft("copy.changed", sighting), 0)
            batch.add(draft, sighting.size)
            copies, size, bad = copies + 1, size + sighting.size, bad + bool(problems)
    return Rolled(copies, size, bad, left)


def _waiting(session: Session) -> _Waiting:
    """Return the copies whose turn has come; one that changed since its last audit waits for it."""
    ledger, policy = session.ledger, session.policy
    _, sightings = sweep_all(session)
    seen = evidence.present(ledger, ledger.size)
    reads = evidence.reads(ledger, ledger.size)
    again = renewed(session, sightings, seen, reads)
    turn_ms = evidence.millis(session.clock()) - policy.auditor.reverify_s * 1000 * 2 // 3
    found: list[tuple[int, str]] = []
    for subject, sighting in sightings.items():
        known, read = seen.get(subject), reads.get(subject)
        if known is None or not sighting.finished:
            continue
        if subject not in again and known.facts != sighting._asdict():
            continue
        read_ms = read.ts if read is not None and read.idx > known.idx else 0
        if read_ms <= turn_ms:
            found.append((read_ms, subject))
    turns = [_Turn(sightings[subject], subject in again) for _, subject in sorted(found)]
    return _Waiting(turns, list(sightings.values()), turn_ms)


def _is_as_sighted(session: Session, sighting: Sighting) -> bool:
    """Return whether the file is still the one that was listed, perhaps hours ago."""
    if is_tree(sighting):
        return True  # its record says which listing it was of
    try:
        now = path_of(session, sighting).lstat()
    except OSError:
        return True  # the read says what is wrong with it
    return (now.st_size, file_ms(now.st_mtime_ns)) == (sighting.size, sighting.mtime_ms)
