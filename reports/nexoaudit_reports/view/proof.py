"""Which ledger entries the report relies on."""

from collections.abc import Iterable
from typing import NamedTuple

from nexoaudit import evidence
from nexoaudit.evidence import timetables
from nexoaudit.ledger import Entry, Ledger
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit_reports.view.cut import DAY_MS, Cut

_SHOWN = 4
"""References printed beside one statement."""


class Refs(NamedTuple):
    """References beside one statement."""

    shown: tuple[str, ...]
    more: int
    """How many others there are."""


class Proof:
    """Finds entries, and remembers which of them were referred to."""

    def __init__(self, ledger: Ledger, cut: Cut) -> None:
        """Read the entries that statements may refer to."""
        size = cut.size
        self._cut = cut
        self._ledger = ledger
        self._used: dict[int, Entry] = {}
        self._seen = evidence.present(ledger, size)
        self._reads = evidence.reads(ledger, size)
        self._sweeps = {entry.subject: entry for entry in ledger.latest(("sweep",), size=size)}
        self._live = {entry.subject: entry for entry in ledger.latest(("live",), size=size)}
        self._jobs = {entry.subject: entry for entry in ledger.latest(("job",), size=size)}
        self._policy = next(ledger.latest(("policy",), size=size))
        end_ms = cut.moment_ms + 1
        recent = ledger.between(cut.moment_ms - 90 * DAY_MS, end_ms, size=size, kinds=("drill",))
        self.recent_drills = tuple(recent)
        """Test restores of the last 90 days, oldest first."""
        self.drills = tuple(entry for entry in self.recent_drills if entry.ts >= cut.start_ms)
        """Test restores of the period, oldest first."""
        older = {entry.subject: entry for entry in ledger.latest(("drill",), size=size)}
        self._drills = older | {entry.subject: entry for entry in self.recent_drills}

    @property
    def used(self) -> tuple[Entry, ...]:
        """Everything referred to so far, in the ledger's order."""
        return tuple(self._used[idx] for idx in sorted(self._used))

    def cite(self, entries: Iterable[Entry]) -> Refs:
        """Return references to the entries, remembering those that are printed."""
        distinct = {entry.idx: entry for entry in entries}
        shown = list(distinct.values())[:_SHOWN]
        self._used.update((entry.idx, entry) for entry in shown)
        return Refs(tuple(reference(entry) for entry in shown), len(distinct) - len(shown))

    def standing(self) -> None:
        """Refer to what every report relies on: policy, newest listings, live facts and jobs."""
        groups = (self._sweeps, self._live, self._jobs)
        standing = [self._policy, *(entry for group in groups for entry in group.values())]
        self._used.update((entry.idx, entry) for entry in standing)

    def entries(self, verdict: Verdict) -> list[Entry]:
        """Return the entries that a verdict was derived from, the most telling first."""
        told = {verdict.facts.get("waiver"), verdict.facts.get("statement")}
        state = self._cut.state
        said = [item.entry for item in state.waivers if item.id in told]
        said += [item.entry for item in state.attestations if item.id in told]
        return [*(entry for idx in said for entry in self.numbered(idx)), *self._basis(verdict)]

    def numbered(self, idx: int) -> tuple[Entry, ...]:
        """Return the entry of that index among those the report was made from, if there is one."""
        entry = self._ledger.entry(idx)
        return () if entry is None else (entry,)

    def _basis(self, verdict: Verdict) -> list[Entry]:
        if verdict.status is Status.UNCONFIGURED or verdict.control == "objectives":
            return [self._policy]
        if verdict.reason == "auditor.stale":
            return [self._cut.newest]
        if verdict.control in {"auditor", "jobs", "logs"}:
            return self._about_jobs(verdict)
        looked = self._live.get(verdict.subject)
        copy = self._reads.get(verdict.subject) or self._seen.get(verdict.subject)
        if found := looked or copy:
            return [found]
        if verdict.control in {"restore", "recovery"}:
            return self._restored(verdict)
        return self._listings(verdict) if verdict.component else self._looks(verdict)

    def _restored(self, verdict: Verdict) -> list[Entry]:
        """Return the drills of a component, of one scenario, or of all that restore the whole."""
        drills = self._drills.values()
        if verdict.component:
            return [entry for entry in drills if entry.facts["component"] == verdict.component]
        found = [
            entry
            for entry in drills
            if entry.facts["kind"] in {"system", "scenario"}
            and verdict.subject in {"", entry.facts.get("scenario") or entry.facts["kind"]}
        ]
        return found or [self._policy]

    def first_seen(self, verdict: Verdict) -> int:
        """Return since when (ms) the bytes of the copy a verdict is about are known; 0: never."""
        entry = self._reads.get(verdict.subject) or self._seen.get(verdict.subject)
        return entry.ts if entry is not None else 0

    @property
    def policy(self) -> Entry:
        """The configuration in force."""
        return self._policy

    def _about_jobs(self, verdict: Verdict) -> list[Entry]:
        """Return a run of the auditor's, or the look at a script, else at what is scheduled."""
        if verdict.control == "auditor":
            job = self._jobs.get(str(verdict.facts.get("job", "")))
            return [job] if job is not None else [self._cut.newest]
        log = self._live.get(f"log:{verdict.facts.get('log', '')}")
        script = log or self._live.get(timetables.SCRIPT + verdict.subject.partition(":")[0])
        found = script or self._live.get(timetables.TIMETABLE)
        return [found] if found is not None else [self._policy]

    def _looks(self, verdict: Verdict) -> list[Entry]:
        """Return what was seen of the subject of a verdict that is about no component."""
        kind = "store" if verdict.control == "offsite" else "disk"
        name = f"{kind}:{verdict.subject}" if verdict.subject else "residues:site"
        looked = self._live.get(name)
        return [looked] if looked is not None else [self._policy]

    def _listings(self, verdict: Verdict) -> list[Entry]:
        component = self._cut.state.policy.component(verdict.component)
        named = str(verdict.facts.get("location", ""))
        owners = [component, *map(self._cut.state.policy.component, component.parts)]
        known = [place for owner in owners for place in owner.locations]
        places = [named] if named in known else known
        live = [self._live[component.id]] if component.id in self._live else []
        found = [self._sweeps[place] for place in dict.fromkeys(places) if place in self._sweeps]
        return live + found or [self._policy]


def reference(entry: Entry) -> str:
    """Return how the report names an entry: `E-118203`."""
    return f"E-{entry.idx}"
