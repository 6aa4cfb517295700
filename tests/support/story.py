"""A site whose months are told day by day, straight into a ledger."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from guide_site import HOUR, ZONE, at, database_drill, guide_policy, scenario_drill

from nexoaudit import evidence
from nexoaudit.evidence.disks import disk_draft
from nexoaudit.evidence.histories import accepted_words
from nexoaudit.evidence.statements import Head, spoken, statement_draft
from nexoaudit.evidence.stores import store_draft
from nexoaudit.ledger import Draft, Ledger
from nexoaudit.model.copy import Assurance
from nexoaudit.model.disk import Disk
from nexoaudit.model.drill import Drill
from nexoaudit.model.job import Job
from nexoaudit.model.manifest import Manifest
from nexoaudit.model.policy import Policy
from nexoaudit.model.sighting import Sighting, Sweep
from nexoaudit.model.state import Change
from nexoaudit.model.store import Store
from nexoaudit.model.verification import Verification


class Story:
    """One site as it goes on: files come and go, audits look, drills restore."""

    def __init__(self, ledger: Ledger, policy: Policy) -> None:
        self.ledger = ledger
        self.policy = policy
        self._there: dict[str, tuple[Sighting, Verification]] = {}
        self._known: set[str] = set()
        self._accepted: set[str] = set()
        self._looked = False
        self._read: dict[str, datetime] = {}

    def begin(self, at: datetime) -> None:
        digest = hashlib.sha256(repr(self.policy).encode()).hexdigest()
        draft = evidence.policy_draft(self.policy, "/etc/nexoaudit/nexoaudit.toml", digest)
        self._append([draft], at)

    def add(
        self,
        component: str,
        path: str,
        point: datetime,
        *,
        location: str = "local",
        series: str = "full",
        problems: tuple[str, ...] = (),
        **found: Any,
    ) -> None:
        """Let a copy lie at a location, as verification would find it.

        `found` are fields of that verification, as `proof="host"`; `original` is the path of what
        it is a copy of.
        """
        moment_ms = evidence.millis(point)
        original = found.pop("original", path)
        digest = hashlib.sha256(original.encode(errors="surrogateescape")).hexdigest()
        sighting = Sighting(
            location, component, series, path, moment_ms, "name", 5_000_000, moment_ms,
            f"{location}:{digest[:8]}",
            0o640, finished=True, sidecar=path + ".sha256",
        )  # fmt: skip
        assurance = Assurance.PRESENT if problems else Assurance.READABLE
        read = Verification(
            digest, 5_000_000, moment_ms, "" if problems else "sidecar", int(assurance), problems,
            manifest=self._inside(component, moment_ms),
        )  # fmt: skip
        self._there[evidence.subject_of(location, path)] = (sighting, read._replace(**found))

    def _inside(self, component: str, moment_ms: int) -> tuple[tuple[str, str | int], ...]:
        """Return what shows that the logs continue one another, and what all the others hold."""
        policy = self.policy.component(component)
        number = moment_ms // HOUR
        if policy.kind == "database":
            rows = (("rows", 200), ("rows.users", 200), ("tables", 1))
            position = f"mysql-bin.{number + 1:06}:4"
            return (("gtid", f"0-1-{number + 1}"), ("position", position), *rows)
        if policy.kind != "binlog":
            paths = [(f"wanted.{path}", 1) for path in policy.expect.paths]
            return (("bytes", 5000), ("files", 20), ("top.site", 20), *paths)
        return (
            ("checksums", 1),
            ("end", 1000),
            ("ending", "rotate"),
            ("first", moment_ms - HOUR),
            ("gtids_after", f"0-1-{number + 1}"),
            ("gtids_before", f"0-1-{number}"),
            ("in_use", 0),
            ("last", moment_ms),
            ("next", f"mysql-bin.{number + 1:06}"),
            ("server_id", 1),
        )

    def prune(self, component: str, before: datetime, location: str) -> None:
        """Delete what is older, as a backup job does."""
        limit = evidence.millis(before)
        for subject, (sighting, _) in list(self._there.items()):
            mine = sighting.component == component and sighting.location == location
            if mine and sighting.time_ms < limit:
                del self._there[subject]

    def audit(self, at: datetime) -> None:
        """Sweep every location, and read what is new or was last read 20 days ago."""
        drafts = [
            evidence.sweep_draft(Sweep(place.id, evidence.millis(at), "complete", files=7))
            for place in self.policy.locations
        ]
        if not self._looked:
            drafts += [disk_draft(_disk(place.id)) for place in self.policy.locations]
            self._looked = True
        gone = sorted(self._known - set(self._there))
        drafts += [evidence.gone_draft(*subject.split(":", 1)) for subject in gone]
        for subject, (sighting, read) in sorted(self._there.items()):
            if subject not in self._known:
                drafts.append(evidence.sighting_draft("copy.seen", sighting))
            elif at - self._read[subject] < timedelta(days=20):
                continue
            drafts.append(evidence.verified_draft(sighting, read))
            if sighting.component not in self._accepted:
                drafts.append(_word(sighting, read, at))
                self._accepted.add(sighting.component)
            self._read[subject] = at
        self._known = set(self._there)
        done = Job("audit", evidence.millis(at), evidence.millis(at), "pass")
        self._append([*drafts, evidence.job_draft(done)], at)

    def drill(self, drill: Drill, at: datetime) -> None:
        self._append([evidence.drill_draft(drill)], at)

    def job(self, name: str, at: datetime, outcome: str = "pass", detail: str = "") -> None:
        job = Job(name, evidence.millis(at), evidence.millis(at) + 60_000, outcome, detail)
        self._append([evidence.job_draft(job)], at)

    def look(self, store: Store, at: datetime) -> None:
        self._append([store_draft(store)], at)

    def away(self, location: str, reason: str, detail: str, at: datetime) -> None:
        """Let a location be out of reach."""
        failed = Sweep(location, evidence.millis(at), "failed", reason, detail)
        self._append([evidence.sweep_draft(failed)], at)

    def say(self, at: datetime, **words: Any) -> None:
        """Record what a person states; it lasts for a month."""
        until_ms = evidence.millis(at + timedelta(days=30))
        head = Head(self.policy.site.name, evidence.millis(at), "A. Person")
        text = spoken(head, {"note": "", "until_ms": until_ms, **words})
        self._append([statement_draft(text)], at)

    def change(self, change: Change, at: datetime) -> None:
        self._append([evidence.change_draft(change)], at)

    def _append(self, drafts: list[Draft], at: datetime) -> None:
        self.ledger.append(drafts, ts_ms=evidence.millis(at))


def _word(sighting: Sighting, read: Verification, at: datetime) -> Draft:
    """Return a person's word that the first point of a component is complete."""
    first = Manifest(sighting.location, sighting.path, sighting.time_ms, read.sha256, read.size, 0)
    words = accepted_words(sighting.component, first, "compared with the live site")
    return statement_draft(spoken(Head("site", evidence.millis(at), "A. Person"), words))


def _disk(location: str) -> Disk:
    room = {"size": 200 * 10**9, "free": 120 * 10**9, "percent": 60}
    return Disk(location, 0, "complete", mount="/srv", fstype="ext4", disks=("sdb",), **room)


def tell_guide_month(story: Story, *, faults: bool) -> None:
    """Tell the time from 20 October to 30 November 2026, with or without what goes wrong."""
    story.begin(at(2026, 10, 20, 1))
    day = at(2026, 10, 20)
    last_config = day
    while day < at(2026, 12, 1):
        local = day.astimezone(ZONE)
        date = (local.month, local.day)
        _make_points(story, local, faults=faults)
        if local.day in {5, 19}:
            last_config = at(2026, local.month, local.day, 3)
            story.add("config", f"config_{local:%Y%m%d}.tar.gz", last_config)
            story.add("config", f"config_{local:%Y%m%d}.tar.gz", last_config, location="vault")
        _prune(story, day)
        if date == (10, 20):
            story.add("config", "config_0.tar.gz", day)
            story.add("config", "config_0.tar.gz", day, location="vault")
        story.audit(at(2026, *date, 7))
        _live_and_jobs(story, local, last_config, faults=faults)
        story.audit(at(2026, *date, 23, 50))
        day = datetime(2026, *date, tzinfo=ZONE).replace(hour=12).astimezone(UTC)
        following = (day + timedelta(days=1)).astimezone(ZONE)
        day = at(following.year, following.month, following.day)


def _make_points(story: Story, local: datetime, *, faults: bool) -> None:
    date = (2026, local.month, local.day)
    stamp = f"{local:%Y%m%d}"
    for place in ("local", "vault"):
        if not (faults and date == (2026, 11, 14)):
            bad = faults and date == (2026, 11, 21) and place == "vault"
            problems = ("sidecar.mismatch",) if bad else ()
            path = f"database/db_{stamp}_020000.sql.gz"
            story.add("database", path, at(*date, 2), location=place, problems=problems)
        point = at(*date, 6) if faults and date == (2026, 11, 9) else at(*date, 2, 30)
        story.add("uploads", f"files/files_{stamp}.tar.gz", point, location=place)
        for hour in range(24):
            if faults and date == (2026, 11, 28) and hour in {9, 10, 11}:
                continue
            point = at(*date, hour)
            name = f"binlog/mysql-bin.{evidence.millis(point) // HOUR:06}"
            story.add("binlog", name, point, location=place, series="incremental")
        if local.isoweekday() == 7:
            story.add("logs", f"logs/logs_{stamp}.tar.gz", at(*date, 3, 30), location=place)


def _prune(story: Story, day: datetime) -> None:
    for place in ("local", "vault"):
        story.prune("database", day - timedelta(days=31), place)
        story.prune("binlog", day - timedelta(days=8), place)


def _live_and_jobs(story: Story, local: datetime, changed: datetime, *, faults: bool) -> None:
    date = (2026, local.month, local.day)
    evening = at(*date, 8)
    if local.day in {5, 19, 20}:
        story.change(Change("config", 0, evidence.millis(changed)), evening)
        story.change(
            Change("code", 0, evidence.millis(changed), detail="3f2a9c1", saved=True), evening
        )
    if local.day == 1 or (local.month, local.day) == (10, 21):
        story.drill(database_drill(at(*date, 3)), evening)
        uploads = database_drill(at(*date, 3, 5))._replace(
            kind="files", component="uploads", path="files/files_x.tar.gz", location="local",
            measures=(("files", 12_345),),
        )  # fmt: skip
        story.drill(uploads, evening)
        config = uploads._replace(kind="config", component="config", path="config/c.tar.gz")
        story.drill(config, evening)
        moment = database_drill(at(*date, 3, 7))
        moment = moment._replace(kind="point-in-time", component="binlog", of="database")
        story.drill(moment, evening)
    if (local.month, local.day) == (10, 21):
        for scenario in guide_policy().scenarios:
            story.drill(scenario_drill(scenario.id, at(*date, 3, 10)), evening)
    if local.day == 1 or (local.month, local.day) == (10, 21):
        story.job("drill", at(*date, 3))
        story.job("report", at(*date, 6))
    if faults and date == (2026, 11, 15):
        story.drill(database_drill(at(*date, 3), "fail", 22), evening)
