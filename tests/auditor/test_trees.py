"""Trees from disk to verdict: rotations day by day, rot, and a rotation that fails."""

import os
import shutil
import subprocess
from datetime import timedelta

import pytest

from nexoaudit.assess import assess_components
from nexoaudit.auditor.acceptance import accept
from nexoaudit.auditor.audit import Unwatched
from nexoaudit.auditor.drills import drill
from nexoaudit.auditor.rolling import roll
from nexoaudit.auditor.targets import Choice, targets
from nexoaudit.evidence import millis
from nexoaudit.model.copy import Assurance
from nexoaudit.model.verdict import Status

CONFIG = """
[component.incremental]
kind = "uploads"
schedule = "45 2 * * *"
grace = "1h"
since = 2026-11-19
[[component.incremental.series]]
id = "incremental"
pattern = "incremental/*/"
keep = "2d"
locations = ["local", "offsite"]
"""


class Trees:
    """A site whose incremental job runs at 02:45 of each day; files are dated, as in a demo."""

    def __init__(self, site):
        self.site = site
        site.config.write_text(site.config.read_text() + CONFIG)
        self.live = site.root / "live"
        self.base = site.root / "local/incremental"
        self.mirror = site.root / "offsite/incremental"
        self.base.mkdir()
        self.put("index.php", b"<?php")
        self.put("uploads/a.pdf", b"%PDF")

    def put(self, name, data):
        path = self.live / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.date(path, self.site.now - timedelta(days=9))

    @staticmethod
    def date(path, moment):
        os.utime(path, (moment.timestamp(), moment.timestamp()))

    def rotate(self, *, as_guide=False):
        current, previous = self.base / "current", self.base / "previous"
        if not as_guide:
            shutil.rmtree(previous, ignore_errors=True)
            if current.exists():
                current.rename(previous)
        elif current.exists() and not previous.exists():
            current.rename(previous)
        elif current.exists() and not (previous / "current").exists():
            current.rename(previous / "current")
            self.date(previous, self.site.now.replace(hour=2, minute=45))
        self.synchronise(current, previous)

    def synchronise(self, current, previous):
        for path in sorted(self.live.rglob("*")):
            name = path.relative_to(self.live)
            target, before = current / name, previous / name
            if path.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists() and self.same(path, target):
                continue
            target.unlink(missing_ok=True)
            if before.exists() and self.same(path, before):
                os.link(before, target)
            else:
                shutil.copy2(path, target)
        for path in (current, *(p for p in current.rglob("*") if p.is_dir())):
            self.date(path, self.site.now.replace(hour=2, minute=45))

    @staticmethod
    def same(one, other):
        found, known = one.stat(), other.stat()
        return (found.st_size, found.st_mtime) == (known.st_size, known.st_mtime)

    def transfer(self, *options):
        """Do what `rsync -aH --delete` does; with options of cp, something else."""
        shutil.rmtree(self.mirror, ignore_errors=True)
        subprocess.run(["cp", "-a", *options, self.base, self.mirror], check=True)

    def night(self, number, **options):
        """One day later: an upload, the incremental job, the transfer; then an audit."""
        self.site.now += timedelta(days=1)
        self.put(f"uploads/{number}.pdf", b"%d" % number)
        self.rotate(**options)
        self.transfer()

    def audit(self):
        return self.site.audit().state

    def judge(self, state):
        return [
            verdict
            for verdict in assess_components(
                state, millis(self.site.now), components=["incremental"]
            )
            if verdict.status is not Status.PASS and verdict.control != "objectives"
        ]

    def found(self):
        return {(v.control, v.reason) for v in self.judge(self.audit())}


@pytest.fixture
def trees(site):
    trees = Trees(site)
    site.now -= timedelta(days=1)
    trees.rotate()
    trees.transfer()
    site.now += timedelta(days=1)
    trees.rotate()
    trees.transfer()
    trees.audit()
    with site.session() as session:
        accept(session, ["incremental"], "A. Tester", "looked through")
        (target,) = targets(session.recall(), Choice(("files",)))
        assert drill(session, target).problems == ()
    return trees


def test_a_healthy_rotation_stays_green_day_after_day(trees):
    assert trees.found() == set()
    for number in range(4):
        trees.night(number)
        assert trees.found() == set()
    state = trees.audit()
    drilled = [(target.kind, target.component.id) for target in targets(state)]
    assert drilled == [("database", "database"), ("files", "incremental")]


def test_a_generation_that_comes_back_is_restored(trees):
    before = newest(trees.audit())
    assert (before.path, before.assurance) == ("incremental/current/", Assurance.RESTORED)
    trees.night(1)
    assert newest(trees.audit()).assurance == Assurance.COMPLETE
    with trees.site.session() as session:
        (target,) = targets(session.recall(), Choice(("files",)))
        found = drill(session, target, whole=True)
    assert (found.outcome, found.sha256) == ("pass", target.copy.sha256)
    assert newest(trees.audit()).assurance == Assurance.RESTORED


def test_a_file_that_rotted_since_it_was_verified_is_named(trees):
    path = trees.base / "current/uploads/a.pdf"
    status = path.stat()
    path.write_bytes(path.read_bytes().swapcase())
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with trees.site.session() as session:
        (target,) = targets(session.recall(), Choice(("files",)))
        found = drill(session, target)
    assert (found.outcome, found.reason) == ("fail", "drill.differs")
    assert found.detail == "uploads/a.pdf"


def newest(state):
    return state.copies["incremental", "incremental", "local"][-1]


def test_only_a_changed_tree_is_read(trees):
    trees.audit()
    assert trees.site.audit().verified == 0
    trees.night(1)
    assert trees.site.audit().verified == 4
    assert trees.site.audit(reread=True).verified == 12


def test_a_damaged_inode_is_told_of_for_each_generation_that_shares_it(trees):
    trees.audit()
    path = trees.base / "current/index.php"
    found = path.stat()
    path.write_bytes(b"<?PHP")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    state = trees.audit()
    bad = {v.subject: v.reason for v in trees.judge(state) if v.control == "checksum"}
    assert bad == {
        "local:incremental/current/": "tree.altered",
        "local:incremental/previous/": "tree.altered",
    }
    assert {v.control for v in trees.judge(state)} == {"checksum", "copies", "retention"}
    # The next run links the damaged file again, and the transfer leaves it as it is.
    trees.night(1)
    assert ("checksum", "tree.altered") in trees.found()


def test_a_mirror_that_differs_is_told_of_and_one_that_lags_is_not(trees):
    trees.audit()
    trees.site.now = trees.site.now.replace(hour=2, minute=50) + timedelta(days=1)
    trees.put("uploads/new.pdf", b"new")
    trees.rotate()
    trees.site.now += timedelta(minutes=15)
    assert trees.found() == set()
    trees.site.now = trees.site.now.replace(hour=8)
    assert ("checksum", "checksum.differs") in trees.found()
    trees.transfer()
    assert trees.found() == set()


def test_no_generation_of_a_mirror_is_late_between_the_rotation_and_the_transfer(trees):
    for number in range(3):
        trees.night(number)
    assert trees.found() == set()
    trees.site.now = trees.site.now.replace(hour=2, minute=50) + timedelta(days=1)
    trees.put("uploads/new.pdf", b"new")
    trees.rotate()
    trees.site.now += timedelta(minutes=15)
    assert trees.found() == set()
    trees.site.now = trees.site.now.replace(hour=8)
    late = {v.subject for v in trees.judge(trees.audit()) if v.reason == "checksum.differs"}
    assert late == {"offsite:incremental/current/", "offsite:incremental/previous/"}


def test_hard_links_that_a_transfer_lost_are_told_of_with_what_that_takes(trees):
    for number in range(3):
        trees.put(f"uploads/large{number}.pdf", b"%PDF" * 5000)
    trees.night(1)
    trees.night(2)
    assert trees.found() == set()
    trees.transfer("--no-preserve=links")
    (verdict,) = trees.judge(trees.audit())
    assert (verdict.status, verdict.reason) == (Status.WARN, "offsite.doubled")
    assert verdict.facts["trees"] == 2
    assert verdict.facts["takes"] > 1.9 * verdict.facts["made"]


def test_generations_that_share_nothing_lose_nothing(trees):
    trees.night(1)
    for path in trees.live.rglob("*.p*"):
        trees.put(str(path.relative_to(trees.live)), path.read_bytes() + b" ")
    trees.put("uploads/large.pdf", b"%PDF" * 5000)
    trees.rotate()
    trees.transfer("--no-preserve=links")
    state = trees.audit()
    assert "offsite.doubled" not in {v.reason for v in trees.judge(state)}


def test_a_mirror_of_trees_has_the_time_of_what_it_was_made_from(trees):
    for number in range(2):
        trees.night(number)
        # A transfer that does not keep the times of directories.
        for path in (trees.mirror, *trees.mirror.rglob("*")):
            trees.date(path, trees.site.now - timedelta(days=9))
    assert trees.found() == set()
    copies = trees.audit().copies
    made, mirrored = (
        [copy.time_ms for copy in copies["incremental", "incremental", place]]
        for place in ("local", "offsite")
    )
    assert made == mirrored


def test_a_generation_moved_into_another_is_told_of(trees):
    for number in range(4):
        trees.night(number, as_guide=True)
    found = trees.judge(trees.audit())
    assert {v.subject for v in found if v.reason == "tree.nested"} == {
        "local:incremental/previous/",
        "offsite:incremental/previous/",
    }
    assert {v.control for v in found} == {"checksum", "retention"}
    told = next(v for v in found if v.reason == "retention.frozen")
    assert told.facts["older"] == "incremental/previous/"
    assert told.facts["newer"] == "incremental/current/"


def test_a_tree_that_stays_as_it_is_is_read_again_in_turn(trees):
    trees.night(1)
    trees.night(2)
    trees.audit()
    trees.site.now += timedelta(days=21)

    paths = []

    class Watching(Unwatched):
        def copy(self, sighting):
            paths.append(sighting.path)

    with trees.site.session() as session:
        done = roll(session, Watching(), until=session.clock() + timedelta(hours=1))
        state = session.publish()
        assert done.bad == 0
        assert roll(session, Unwatched(), until=session.clock() + timedelta(hours=1)).copies == 0
    assert "incremental/current/" in paths
    held = state.copies["incremental", "incremental", "local"]
    assert {copy.verified_ms for copy in held} == {millis(trees.site.now)}


def test_a_generation_that_stands_still_is_told_of_after_two_slots(trees):
    for number in range(3):
        trees.site.now += timedelta(days=1)
        trees.put(f"uploads/{number}.pdf", b"%d" % number)
        trees.synchronise(trees.base / "current", trees.base / "previous")  # no rotation
        trees.transfer()
        reason = ("retention.gap", "retention.frozen", "retention.frozen")[number]
        assert trees.found() - {("retention", "retention.over")} == {("retention", reason)}


def test_a_run_that_was_missed_is_late_and_then_a_gap(trees):
    trees.site.now += timedelta(days=1)
    assert {control for control, _ in trees.found()} == {"age", "schedule"}
    trees.night(1)
    assert trees.found() == {("retention", "retention.gap")}
    trees.night(2)
    assert trees.found() == set()


def test_a_directory_of_a_generations_name_in_the_application_is_none(trees):
    trees.put("current/x.php", b"x")
    trees.put("previous/x.php", b"x")
    for number in range(3):
        trees.night(number)
        assert trees.found() == set()


def test_content_is_compared_with_the_generation_before(trees):
    for number in range(12):
        trees.put(f"modules/{number}.php", b"%d" % number)
    trees.night(1)
    assert trees.found() == set()
    shutil.rmtree(trees.live / "modules")
    trees.night(2)
    assert ("content", "content.gone") in trees.found()
