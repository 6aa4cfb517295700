"""What was known at the end of the period, and how it was judged then."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.assess import STANDING, Limits, assess_auditor, assess_components, assess_site
from nexoaudit.errors import ReportError
from nexoaudit.evidence.copies import as_copy
from nexoaudit.ledger import Entry, Ledger
from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Moment, Span
from nexoaudit.model.state import Holding, State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit_reports.period import Month

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
STALE_MS = 26 * HOUR_MS
"""Evidence older than this at the end of the period proves nothing about that end."""
_LIMITS = Limits(warn_ms=2 * HOUR_MS, fail_ms=STALE_MS)
"""The ledger holds no heartbeats, only audits: a report judges by the day, not by the minute."""
_LOOK_BACK_MS = 10 * DAY_MS
"""How long before the month a point may lie that the month's first exposure is counted from."""


class Cut(NamedTuple):
    """The ledger cut at the end of the period, with everything later left out."""

    month: Month
    zone: ZoneInfo
    """The zone of the newest policy: it says where the month begins and ends."""
    start_ms: int
    end_ms: int
    moment_ms: int
    """When everything is judged: the month's end, or earlier for an unfinished month."""
    size: int
    """Entries that were seen before that moment."""
    given_size: int
    """Entries of the ledger the report was made from."""
    given_root: str
    until_ms: int
    """When the newest of those entries was seen."""
    state: State
    newest: Entry
    """The newest entry before the moment."""
    tally: Mapping[str, int]
    """Per kind, the entries of the period."""
    verdicts: tuple[Verdict, ...]
    history: Mapping[Holding, tuple[Copy, ...]]
    """Every version of every copy seen in the period, also of those that are gone since."""

    @property
    def finished(self) -> bool:
        """Whether the whole month had passed."""
        return self.moment_ms >= self.end_ms

    @property
    def stale(self) -> bool:
        """Whether the newest evidence is too old to prove anything at the end of the period."""
        return self.moment_ms - self.newest.ts > STALE_MS

    def of(self, component: str, control: str = "") -> tuple[Verdict, ...]:
        """Return the verdicts of a component (`""`: site and auditor), of one control or of all."""
        return tuple(
            verdict
            for verdict in self.verdicts
            if verdict.component == component and control in {"", verdict.control}
        )


def cut(ledger: Ledger, month: Month, as_of_size: int | None, now: datetime, version: str) -> Cut:
    """Return what the ledger's first `as_of_size` entries say about a month; None means all.

    With a size the moment of judgement comes from the evidence alone, so that a past report can
    be made again. Raise ReportError for a size the ledger has not, a month that has not begun, or
    one that was over before the first entry.
    """
    given = ledger.size if as_of_size is None else as_of_size
    last = ledger.entry(given - 1)
    if last is None:
        raise ReportError(f"the ledger has {ledger.size} entries: there is no size {given} to use")
    zone = _zone(ledger, given)
    start_ms, end_ms = month.bounds(zone)
    now_ms = evidence.millis(now) if as_of_size is None else last.ts + 1
    moment_ms = min(end_ms, now_ms)
    if moment_ms <= start_ms:
        raise ReportError(f"{month} had not begun by then: name an earlier month")
    size = min(given, ledger.size_at(moment_ms + (moment_ms < end_ms)))
    newest = ledger.entry(size - 1)
    if newest is None or next(ledger.latest(("policy",), size=size), None) is None:
        raise ReportError(f"the ledger begins after {month}: there is no evidence to report on")
    recalled = evidence.recall(ledger, size, evidence.moment(moment_ms), version)
    state = recalled._replace(heartbeat_ms=newest.ts)
    return Cut(
        month=month,
        zone=zone,
        start_ms=start_ms,
        end_ms=end_ms,
        moment_ms=moment_ms,
        size=size,
        given_size=given,
        given_root=ledger.root(given),
        until_ms=last.ts,
        state=state,
        newest=newest,
        tally=ledger.tally(start_ms, moment_ms + 1, size=size),
        verdicts=_judge(state, moment_ms, newest.ts),
        history=_history(ledger, size, start_ms - _LOOK_BACK_MS, moment_ms + 1),
    )


def _zone(ledger: Ledger, size: int) -> ZoneInfo:
    recorded = next(ledger.latest(("policy",), size=size), None)
    if recorded is None:
        raise ReportError(f"the ledger {ledger.path} holds no policy: run `nexoaudit audit`")
    return ZoneInfo(recorded.facts["policy"]["site"]["timezone"])


def _judge(state: State, moment_ms: int, newest_ms: int) -> tuple[Verdict, ...]:
    verdicts = assess_components(state, moment_ms) + assess_site(state, moment_ms)
    if moment_ms - newest_ms > STALE_MS:
        verdicts = tuple(_doubted(verdict, moment_ms, newest_ms) for verdict in verdicts)
    return verdicts + assess_auditor(state, moment_ms, state.config_sha256, _LIMITS)


def _doubted(verdict: Verdict, moment_ms: int, newest_ms: int) -> Verdict:
    """Return the verdict; what would be green on old evidence is not established.

    Objectives are arithmetic about the policy: they need no evidence.
    """
    if verdict.status not in {Status.PASS, Status.WAIVED} or verdict.control == "objectives":
        return verdict
    facts = {"heartbeat": Moment(newest_ms), "age": Span(moment_ms - newest_ms)}
    return verdict._replace(status=Status.UNVERIFIED, reason="auditor.stale", facts=facts)


def _history(
    ledger: Ledger, size: int, start_ms: int, end_ms: int
) -> dict[Holding, tuple[Copy, ...]]:
    """Return every version of every copy seen in [start_ms, end_ms), oldest point first."""
    reads: dict[tuple[str, int, int], Entry] = {}
    for entry in ledger.between(start_ms, end_ms, size=size, kinds=("copy.verified",)):
        reads[entry.subject, entry.facts["size"], entry.facts["mtime_ms"]] = entry
    versions: dict[tuple[str, int, int], Copy] = {}
    seen = ledger.between(start_ms, end_ms, size=size, kinds=("copy.seen", "copy.changed"))
    for entry in seen:
        key = entry.subject, entry.facts["size"], entry.facts["mtime_ms"]
        versions[key] = as_copy(entry, reads.get(key))
    held: dict[Holding, list[Copy]] = {}
    for copy in versions.values():
        held.setdefault((copy.component, copy.series, copy.location), []).append(copy)
    return {
        key: tuple(sorted(copies, key=lambda copy: (copy.time_ms, copy.path)))
        for key, copies in held.items()
    }


def polled(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Return the verdicts of controls that count: standing ones only inform."""
    return tuple(verdict for verdict in verdicts if verdict.control not in STANDING)
