"""Archives of files day by day: damage on the live disk is told of until it is mended."""

import shutil
from datetime import timedelta

import pytest
from packed import LONG_AGO, packed
from small_site import NOW

from nexoaudit import evidence
from nexoaudit.assess import assess_components
from nexoaudit.auditor.acceptance import accept
from nexoaudit.auditor.audit import Unwatched
from nexoaudit.auditor.rolling import roll
from nexoaudit.model.verdict import Status

CONFIG = """
[auditor]
workers = {workers}

[component.uploads]
kind = "uploads"
schedule = "0 3 * * *"
grace = "1h"
since = 2026-11-10
[[component.uploads.series]]
id = "full"
pattern = "files_{{time:%Y%m%d_%H%M%S}}.tar.gz"
keep = "30d"
locations = ["local", "offsite"]
"""
LIVE = {"index.php": b"<?php 1;", "uploads/a.pdf": b"%PDF one", "uploads/b.png": b"PNG"}
ROTTEN = {**LIVE, "uploads/a.pdf": b"%PDF 0ne"}


class Files:
    """A site whose job packs what is live each night at 03:00; its tenth day is over."""

    def __init__(self, site, workers=1):
        self.site = site
        self.today = 0
        with site.config.open("a") as file:
            file.write(CONFIG.format(workers=workers))
        for _ in range(10):
            self.night(LIVE)

    def night(self, live, *, audited=False):
        """Let a night pass, and return what there is to say of the content in the morning."""
        self.today += 1
        self.pack(live)
        return self.morning() if audited else ()

    def pack(self, live):
        self.site.now = NOW + timedelta(days=self.today)
        begun = self.site.now.replace(hour=3)
        for place in ("local", "offsite"):
            path = self.site.root / place / f"files_{begun:%Y%m%d_%H%M%S}.tar.gz"
            path.write_bytes(packed(live, top=f"files_{begun:%Y%m%d_%H%M%S}/"))
            self.site.date(path, begun + timedelta(minutes=5))
            self.site.sidecar(path)

    def morning(self, **options):
        return self.said(self.site.audit(**options).state)

    def said(self, state):
        now_ms = evidence.millis(self.site.now)
        verdicts = assess_components(state, now_ms, controls=["content"], components=("uploads",))
        return [
            (v.reason, str(v.facts.get("names", "")).partition("/")[2])
            for v in verdicts
            if v.status is not Status.PASS and v.reason != "content.open"
        ]

    def accept(self):
        with self.site.session() as session:
            accept(session, ["uploads"], "A. Person", "as it should be")

    def facts(self):
        with self.site.session() as session:
            newest = session.recall().histories["uploads", "full"].newest
        found = newest.facts.items()
        return {name.partition(".")[2]: fact for name, fact in found if "members." in name}

    @property
    def indexes(self):
        return sorted(path.name for path in (self.site.root / "state/members").iterdir())


ALTERED = [("content.altered", "uploads/a.pdf")]


@pytest.fixture
def files(site, request):
    made = Files(site, workers=getattr(request, "param", 1))
    made.morning()
    made.accept()
    return made


@pytest.mark.parametrize("files", [1, 2], indirect=True, ids=["here", "in processes"])
def test_damage_is_told_of_from_the_first_night_to_the_last(files):
    assert files.night(LIVE, audited=True) == []
    assert files.night(ROTTEN, audited=True) == ALTERED
    assert files.night(ROTTEN, audited=True) == ALTERED
    assert files.night({**ROTTEN, "new": b"1"}, audited=True) == ALTERED
    assert files.night(LIVE, audited=True) == []
    assert files.facts()["compared"] == 3


def test_what_a_person_accepted_is_the_measure_of_the_next(files):
    assert files.night(ROTTEN, audited=True)
    files.accept()
    assert files.morning() == []
    assert files.night(ROTTEN, audited=True) == []
    assert files.night(LIVE, audited=True) == ALTERED


def test_an_archive_made_anew_on_the_same_day_is_compared_too(files):
    assert files.night(LIVE, audited=True) == []
    files.pack(ROTTEN)
    assert files.morning() == ALTERED
    assert files.morning() == ALTERED


def test_the_finding_outlasts_every_further_read(files):
    assert files.night(LIVE, audited=True) == []
    files.night(ROTTEN, audited=True)
    told = files.facts()
    assert files.morning(reread=True) == ALTERED
    with files.site.session() as session:
        rolled = roll(session, Unwatched(), until=files.site.now + timedelta(hours=1))
        assert rolled.bad == 0
    for _ in range(2):
        files.site.now += timedelta(days=25)
        with files.site.session() as session:
            assert roll(session, Unwatched(), until=files.site.now + timedelta(hours=1)).copies
            assert files.said(session.publish()) == ALTERED
    assert files.facts() == told


def test_a_read_of_the_newest_keeps_what_it_was_compared_with(files):
    files.night(LIVE, audited=True)
    told = files.facts()
    files.morning(reread=True)
    assert files.facts() == told


def test_without_indexes_nothing_is_compared_and_nothing_is_wrong(files):
    shutil.rmtree(files.site.root / "state/members")
    assert files.morning() == []
    assert files.night(LIVE, audited=True) == []
    assert set(files.facts()) == {"index"}
    assert files.night(ROTTEN, audited=True) == ALTERED


def test_only_the_indexes_that_are_needed_are_kept(files):
    leftover = files.site.root / "state/members/tmp123"
    leftover.write_bytes(b"of a run that was killed")
    assert len(files.indexes) == 3
    for _ in range(3):
        files.night(LIVE, audited=True)
        assert len(files.indexes) == 2
    assert not leftover.exists()


def test_after_days_without_an_audit_the_newest_archives_are_indexed(files):
    for _ in range(5):
        files.night(LIVE)
    assert files.morning() == []
    assert files.facts()["compared"] == 3
    assert len(files.indexes) == 2


def test_edits_of_every_day_are_no_news(files):
    for day in range(4):
        edited = (b"<?php %d;" % day, {"mtime": LONG_AGO + day + 1})
        assert files.night({**LIVE, "index.php": edited}, audited=True) == []
        assert files.facts()["compared"] == 2
