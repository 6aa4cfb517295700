"""The chapter on copies and places, and the checklists' items about them."""

import pytest
from guide_site import at
from story_elsewhere import (
    bucket,
    host,
    policy_elsewhere,
    tell_elsewhere,
    tell_tape,
    with_tape,
)  # fmt: skip

from nexoaudit.model.copy import Assurance
from nexoaudit_reports.render import render_html

SIZE_ONLY = {
    "proof": "size", "recorded": "", "assurance": int(Assurance.PRESENT), "sha256": "",
    "sealed": "", "problems": ("copy.unproven",),
}  # fmt: skip
DIFFERS = {**SIZE_ONLY, "proof": "", "problems": ("copy.differs",)}
UNREAD = {**SIZE_ONLY, "proof": ""}
NOT_THERE = {"assurance": -1}


@pytest.fixture
def told(make_story, view):
    """Return a function that tells November with given faults, and returns its report."""

    def tell(*, away="", **how):
        story = make_story(policy_elsewhere())
        tell_elsewhere(story, **how)
        if away:
            story.away("vault", "location.host_key", away, at(2026, 11, 30, 23, 55))
        return view(story.ledger)

    return tell


def place(report, location):
    found = next(item for item in report.copies.places if item.location == location)
    return dict(found.facts) | {"status": found.status, "about": found.about}


def lines(report, component="database"):
    point = next(item for item in report.copies.points if item.component == component)
    return point, {line.location: line for line in point.lines}


def answer(report, checklist, number):
    found = next(item for item in report.checklists if item.id == checklist)
    return found.items[number].answer, found.items[number].because


def test_each_place_says_what_it_is_and_how_its_copies_are_proven(told):
    report = told()
    assert [item.location for item in report.copies.places] == ["local", "vault", "cloud"]
    cloud = place(report, "cloud")
    assert cloud["status"] == "pass"
    assert cloud["about"].startswith("S3 bucket, off-site, medium object")
    assert cloud["Last listed"] == "2026-11-30 23:50"
    assert cloud["Copies proven"] == "31 of 31: 31 decrypted and read"
    assert "point 2026-11-30 02:00, looked at 2026-11-30 09:00: fetched" in cloud["Newest copy"]
    assert cloud["Presents itself as"] == (
        "versioning: on; lock: COMPLIANCE for 30d by default; public: no; encryption at rest: "
        "AES256; deletes by itself: old versions after 90d; region: eu-central-1"
    )
    assert place(report, "vault")["Known by"] == "SHA256:Zm9vYmFyYmF6"
    assert place(report, "vault")["Copies proven"] == "62 of 62: 62 by the host's SHA-256"
    assert "Presents itself as" not in place(report, "local")


def test_each_copy_of_the_newest_point_says_how_it_is_proven(told):
    point, held = lines(told())
    assert point.mark.status == "pass"
    assert point.have.startswith("4 of 4 copies, 3 of 3 media, 2 of 2 off-site; further: 1 locked")
    assert point.title == "point 2026-11-30 02:00"
    assert [held[name][1:] for name in ("local", "vault", "cloud")] == [
        ("pass", "complete", "read whole; checksum file agrees", "2026-11-30 09:00", "no", "no"),
        ("pass", "intact", "SHA-256 by its host equals ours", "2026-11-30 09:00", "no", "no"),
        (
            "pass", "complete", "fetched, decrypted, read whole; equals the one made here",
            "2026-11-30 09:00",
            "AES256 MDC", "COMPLIANCE until 2026-12-30",
        ),
    ]  # fmt: skip


def test_a_size_that_agrees_is_shown_as_no_proof(told):
    report = told(last={"cloud": SIZE_ONLY})
    point, held = lines(report)
    assert point.mark.status == "unverified"
    line = held["cloud"]
    assert (line.status, line.word) == ("unverified", "not proven")
    assert line.how == "only the size agrees, which proves nothing"
    cloud = place(report, "cloud")
    assert cloud["status"] == "unverified"
    assert cloud["Copies proven"] == "30 of 31: 30 decrypted and read"
    assert "newest proven: database, point 2026-11-29 02:00" in cloud["Newest copy"]


@pytest.mark.parametrize(
    ("read", "line", "counts"),
    [
        (True, ("pass", "intact", "a person's statement, and read back"), True),
        (False, ("unverified", "claimed", "a person's statement, not read back: no proof"), False),
    ],
)
def test_what_a_person_says_of_a_tape_is_shown_as_that(make_story, view, read, line, counts):
    story = make_story(with_tape(policy_elsewhere()))
    tell_elsewhere(story)
    tell_tape(story, read=read)
    point, held = lines(view(story.ledger))
    assert held["tape"][1:4] == line
    assert held["tape"].sealed == "not known"
    assert ("5 of 4 copies" in point.have, "1 offline" in point.have) == (counts, counts)
    assert ("by a person's statement" in place(view(story.ledger), "tape")["Copies proven"]) is read


@pytest.mark.parametrize(
    ("found", "status", "word", "how"),
    [
        (UNREAD, "unverified", "not proven", "nothing proves that its bytes are"),
        (DIFFERS, "fail", "damaged", "its content is not that of the copy it was made from"),
        (NOT_THERE, "fail", "missing", "nothing of this point lies there"),
        ({"sha256": "0" * 64}, "fail", "other bytes", "it is not the bytes of the copy that was"),
    ],
)
def test_what_is_no_proof_is_never_green(told, found, status, word, how):
    report = told(last={"cloud": found})
    line = lines(report)[1]["cloud"]
    assert (line.status, line.word) == (status, word)
    assert line.how.startswith(how)
    assert {lines(report)[1][name].status for name in ("local", "vault")} == {"pass"}


def test_what_a_bucket_would_not_tell_is_unknown(told):
    store = bucket(versioning="unknown", public="unknown", expiry="unknown", expiries=())
    cloud = place(told(store=store), "cloud")
    assert cloud["status"] == "unverified"
    assert cloud["Presents itself as"].count("unknown, it would not say") == 3


def test_a_bucket_that_was_never_looked_at_says_so(make_story, view, tale):
    story = make_story(policy_elsewhere())
    story.begin(tale.at(2026, 11, 1))
    story.audit(tale.at(2026, 11, 30, 23, 50))
    cloud = place(view(story.ledger), "cloud")
    assert (cloud["status"], cloud["Presents itself as"]) == ("unverified", "never looked at")
    assert cloud["Copies proven"] == "nothing is known to lie there"


def test_a_place_out_of_reach_keeps_its_last_listing_and_says_why(told):
    vault = place(told(away="the host key is another one"), "vault")
    assert vault["status"] == "unverified"
    assert vault["Last listed"] == "2026-11-30 23:50; since then: the host key is another one"


def test_without_evidence_of_the_month_no_copy_is_green(make_story, view, tale):
    story = make_story(policy_elsewhere())
    tell_elsewhere(story)
    report = view(story.ledger, "2027-01", now=tale.at(2027, 2, 1, 6))
    found = {line.status for point in report.copies.points for line in point.lines}
    assert "pass" not in found | {item.status for item in report.copies.places}


def test_every_component_is_named_also_one_without_copies(healthy, view):
    points = {item.component: item for item in view(healthy).copies.points}
    assert points["mail"].note.startswith("Expected, but")
    assert points["code"].note.startswith("Kept in version control")
    assert points["system"].note == "Made of database, uploads, config: see there."
    assert all(points[name].lines for name in ("database", "binlog", "uploads", "logs"))


def test_the_chapter_is_printed(told):
    html = render_html(told())
    assert "s3://nexosupport-backups/site/" in html
    assert "vault:/srv/nexosupport" in html
    assert "COMPLIANCE until 2026-12-30" in html


def test_off_site_items_are_answered_by_what_was_seen_there(told):
    report = told()
    assert answer(report, "preproduction", 4)[0] == "yes"
    assert answer(report, "preproduction", 5) == (
        "partly", "31 of 93 off-site copies that were looked at are encrypted",
    )  # fmt: skip
    assert answer(report, "monthly", 2)[0] == "yes"
    assert answer(report, "disaster", 0)[0] == "yes"


def test_an_unsafe_bucket_is_no_off_site_storage(told):
    report = told(store=bucket(public="yes"))
    said, because = answer(report, "preproduction", 4)
    assert said == "no"
    assert "cloud: everybody may read the bucket" in because
    assert answer(report, "monthly", 2)[0] == "no"


def test_a_host_that_is_the_site_itself_is_no_off_site_copy(make_story, view, tale):
    token = ("machine:" + "ab" * 32,)
    for place_of, said in (("", "no"), ("elsewhere", "yes")):
        story = make_story(policy_elsewhere())
        tell_elsewhere(story)
        story.look(host(identity=token), tale.at(2026, 11, 30, 23, 55))
        if not place_of:
            story.look(host(location="", identity=token), tale.at(2026, 11, 30, 23, 56))
        report = view(story.ledger)
        assert answer(report, "preproduction", 4)[0] == said
        ages = answer(report, "disaster", 0)
        assert (ages[0], "uploads: never" in ages[1]) == (said, said == "no")


def test_a_transfer_that_stopped_is_told_by_the_monthly_item(told):
    said, because = answer(told(last={"cloud": NOT_THERE}), "monthly", 2)
    assert said == "no"
    assert "the transfer has stopped" in because
