"""What the newest point holds, against policy and against the last good one: faults and twins."""

import pytest

from nexoaudit.assess import assess_components
from nexoaudit.model.manifest import OTHERS, Acceptance, Dwindled, Total
from nexoaudit.model.policy import Expect, Login
from nexoaudit.model.verdict import Status, worst

PASS, WARN, FAIL, UNVERIFIED = Status.PASS, Status.WARN, Status.FAIL, Status.UNVERIFIED


@pytest.fixture
def judged(build):
    """Return what judges a history of dumps, or of uploads."""

    def judge(history, kind="database", expect=None, state=None):
        component = build.database(kind=kind, expect=expect or Expect())
        base = state or build.state()
        given = base._replace(
            policy=base.policy._replace(components=(component,)),
            histories={("database", "full"): history} if history else {},
        )
        return assess_components(given, build.now_ms, controls=["content"])

    return judge


@pytest.fixture
def newest(build):
    """Return what makes a history whose newest dump differs."""

    def make(facts=(), counts=None, **changes):
        whole = build.history()
        held = whole.newest
        merged = {
            name: value
            for name, value in {**held.facts, **dict(facts)}.items()
            if value is not None
        }
        changed = held._replace(facts=merged, counts=held.counts if counts is None else counts)
        return whole._replace(newest=changed._replace(**changes))

    return make


def archive(build, facts=(), counts=None, before=()):
    """Return the history of an archive whose newest point differs."""
    whole = {"files": 300, "bytes": 90_000, "top_directory": "site"}
    had = {"uploads": 250, "lib": 40, "modules": 10}
    good = build.manifest(1, facts={**whole, **dict(before)}, counts=had)
    now = {name: value for name, value in {**whole, **dict(facts)}.items() if value is not None}
    there = had if counts is None else counts
    totals = tuple(
        Total(build.dump(day).time_ms, 300, 90_000) for day in range(build.KEEP_DAYS, 0, -1)
    )
    return build.history(
        newest=build.manifest(0, facts=now, counts=there), good=good, series=totals
    )


def test_a_warning_does_not_stand_in_for_the_word_a_first_point_needs(judged, newest):
    facts = {"unprotected": 1, "names.unprotected": "cart (MyISAM)"}
    for changes in ({}, {"confirmed": False, "good": None, "series": ()}):
        found = {v.reason: v.status for v in judged(newest(facts)._replace(**changes))}
        assert found.pop("content.engines") is WARN
        assert found == ({"content.unconfirmed": UNVERIFIED} if changes else {})


def test_the_server_tells_of_engines_where_it_is_looked_at(build, newest):
    history = newest({"unprotected": 1, "names.unprotected": "cart (MyISAM)"})
    base = build.state(histories={("database", "full"): history})
    component = build.database(live=Login("nexoaudit", "/s"))
    state = base._replace(policy=base.policy._replace(components=(component,)))
    found = assess_components(state, build.now_ms, controls=["content"])
    assert [verdict.reason for verdict in found] == ["content.complete"]


def test_a_dump_that_lost_nothing_passes_and_says_what_it_holds(judged, build):
    (verdict,) = judged(build.history())
    assert (verdict.status, verdict.reason) == (PASS, "content.complete")
    assert (verdict.facts["total"], verdict.facts["found"]) == (1200, 0)


@pytest.mark.parametrize(
    ("facts", "counts", "status", "reason"),
    [
        ((), {"users": 200}, FAIL, "content.gone"),
        ((), {"users": 0, "tickets": 1000}, FAIL, "content.emptied"),
        ((), {"users": 20, "tickets": 1000}, FAIL, "content.collapsed"),
        ((), {"users": 120, "tickets": 1000}, PASS, "content.complete"),
        ((), {"users": 200, "tickets": 1000, "new": 1}, PASS, "content.complete"),
        ({"database": "shop_test"}, None, FAIL, "content.database"),
        ({"triggers": 0}, None, FAIL, "content.objects_fewer"),
        ({"triggers": 2}, None, PASS, "content.complete"),
        ({"drops": 1}, None, WARN, "content.drops_database"),
        ({"schemas": 1}, None, WARN, "content.makes_database"),
        (
            {"unprotected": 1, "names.unprotected": "cart (MyISAM)"},
            None,
            WARN,
            "content.engines",
        ),
        ({"rows": 500}, None, FAIL, "content.fewer"),
    ],
)
def test_what_is_gone_since_the_last_good_dump_fails(judged, newest, facts, counts, status, reason):
    (verdict,) = judged(newest(facts, counts))
    assert (verdict.status, verdict.reason) == (status, reason)
    assert verdict.facts["found"] == (status is FAIL)


def test_missing_objects_are_named_where_both_dumps_name_them(judged, build):
    good = build.manifest(1)
    named = {**good.facts, "routines": 2, "names.routines": "close_old, open_new"}
    now = build.manifest(0, facts={**good.facts, "routines": 1, "names.routines": "open_new"})
    history = build.history(newest=now, good=good._replace(facts=named))
    (verdict,) = judged(history)
    assert (verdict.reason, verdict.facts["names"]) == ("content.objects_gone", "close_old")


def test_a_table_too_small_to_be_named_is_not_gone(judged, newest, build):
    # Beyond its bound a manifest names the largest tables only.
    counts = {"tickets": 1000, "users": 201, OTHERS: 30}
    small = build.manifest(1, counts={"tickets": 1000, "users": 200, "tiny": 3})
    assert worst(judged(newest((), counts)._replace(good=small))) is PASS
    large = small._replace(counts={"tickets": 1000, "users": 200, "big": 900})
    assert worst(judged(newest((), counts)._replace(good=large))) is FAIL


def test_what_rises_and_falls_again_and_again_is_no_loss(judged, newest):
    history = newest((), {"users": 20, "tickets": 1000})
    assert worst(judged(history)) is FAIL
    assert worst(judged(history._replace(unsteady=("users",)))) is PASS


@pytest.mark.parametrize(
    ("expect", "status", "reason"),
    [
        (Expect(tables=("users", "tickets")), PASS, "content.complete"),
        (Expect(tables=("users", "invoices")), FAIL, "content.tables_missing"),
        (Expect(min_rows=(("users", 200),)), PASS, "content.complete"),
        (Expect(min_rows=(("users", 201),)), FAIL, "content.rows_below"),
        (Expect(min_rows=(("invoices", 1),)), FAIL, "content.rows_below"),
    ],
)
def test_what_policy_expects_of_a_dump(judged, build, expect, status, reason):
    (verdict,) = judged(build.history(), expect=expect)
    assert (verdict.status, verdict.reason) == (status, reason)


def test_tables_beyond_the_bound_of_a_manifest_are_unknown_not_missing(judged, newest):
    history = newest((), {"users": 200, "tickets": 1000, OTHERS: 7})
    found = judged(history, expect=Expect(tables=("tiny",)))
    assert (found[0].status, found[0].reason) == (UNVERIFIED, "content.tables_missing")


@pytest.mark.parametrize(
    ("before", "after", "status", "reason"),
    [
        ({"text.accents": 900}, {"text.accents": 910}, PASS, "content.complete"),
        ({"text.accents": 900}, {"text.accents": 40}, FAIL, "content.text_lost"),
        (
            {"text.accents": 900},
            {"text.accents": 1800, "text.doubled": 880},
            FAIL,
            "content.mojibake",
        ),
        # Text that was always so is the application's, not the backup's.
        (
            {"text.accents": 1800, "text.doubled": 880},
            {"text.accents": 1810, "text.doubled": 885},
            PASS,
            "content.complete",
        ),
        ({"charset": "utf8mb4"}, {"charset": "latin1"}, FAIL, "content.charset"),
        ({"charset": "utf8"}, {"charset": "utf8mb4"}, PASS, "content.complete"),
    ],
)
def test_text_in_the_wrong_character_set(judged, build, before, after, status, reason):
    whole = build.manifest(1).facts
    history = build.history(
        newest=build.manifest(0, facts={**whole, **after}),
        good=build.manifest(1, facts={**whole, **before}),
    )
    (verdict,) = judged(history)
    assert (verdict.status, verdict.reason) == (status, reason)


def test_a_lost_position_warns(judged, newest, build):
    good = build.manifest(1)
    good = good._replace(facts={**good.facts, "position": "mysql-bin.000007:4"})
    found = judged(newest()._replace(good=good))
    assert [(v.status, v.reason) for v in found] == [(WARN, "content.no_position")]


@pytest.mark.parametrize(
    ("raw_size", "status"), [(9000, PASS), (6400, PASS), (6200, WARN), (4400, FAIL)]
)
def test_a_size_far_below_the_usual_is_implausible(judged, newest, raw_size, status):
    found = judged(newest(raw_size=raw_size))
    assert worst(found) is status
    assert (found[0].reason == "content.size") is (status is not PASS)


def declining(build, step, days=10):
    series = tuple(
        Total(build.dump(day).time_ms, 1200 + step * day, 9000) for day in range(days, 0, -1)
    )
    return build.history(series=series)


def test_a_slow_decline_warns_and_a_slow_growth_does_not(judged, build):
    assert [v.reason for v in judged(declining(build, 20))] == ["content.declining_total"]
    assert worst(judged(declining(build, -20))) is PASS
    assert worst(judged(declining(build, 5))) is PASS  # less than a tenth
    assert worst(judged(declining(build, 60, days=4))) is PASS  # too few points to tell


def test_a_table_that_dwindles_warns_until_somebody_accepts_it(judged, build):
    lost = Dwindled("audit_log", 500, 122, build.dump(10).time_ms)
    found = judged(build.history(dwindled=(lost,)))
    assert [(v.status, v.reason) for v in found] == [(WARN, "content.dwindling")]
    assert (found[0].facts["name"], found[0].facts["days"]) == ("audit_log", 10)
    word = Acceptance(build.now_ms, "A. Person", "the log is pruned")
    accepted = judged(build.history(dwindled=(lost,), accepted=word))
    assert worst(accepted) is PASS


def test_the_first_point_is_unverified_until_a_person_has_confirmed_it(judged, build):
    first = build.history(good=None, series=(), confirmed=False)
    assert [(v.status, v.reason) for v in judged(first)] == [(UNVERIFIED, "content.unconfirmed")]
    word = Acceptance(build.now_ms, "A. Person", "compared")
    accepted = judged(first._replace(confirmed=True, accepted=word))
    assert [(v.status, v.reason) for v in accepted] == [(PASS, "content.accepted")]


def test_an_accepted_loss_is_none_but_what_policy_expects_still_is(judged, newest, build):
    word = Acceptance(build.now_ms, "A. Person", "archived")
    history = newest((), {"users": 20, "tickets": 1000})._replace(accepted=word)
    assert worst(judged(history)) is PASS
    assert worst(judged(history, expect=Expect(min_rows=(("users", 100),)))) is FAIL


def test_what_was_never_read_or_is_no_longer_there_is_unverified(judged, build):
    assert [v.reason for v in judged(None)] == ["content.unread"]
    other = build.history(newest=build.manifest(0, sha256="f" * 64))
    assert [v.reason for v in judged(other)] == ["content.unread"]


UPLOADS = Expect(
    paths=("uploads/*", "/lib/config.php"),
    forbidden=("cache/*", "sessions/*"),
    keys=("/root/.backup-key",),
)
LOOKED = {
    "wanted.uploads/*": 250,
    "wanted.lib/config.php": 1,
    "unwanted.cache/*": 0,
    "unwanted.sessions/*": 0,
    "unwanted.root/.backup-key": 0,
}


@pytest.mark.parametrize(
    ("facts", "status", "reasons"),
    [
        ({}, PASS, ["content.complete"]),
        ({"wanted.lib/config.php": 0}, FAIL, ["content.paths_missing"]),
        ({"unwanted.sessions/*": 4}, WARN, ["content.unwanted"]),
        ({"unwanted.cache/*": 4}, PASS, ["content.unwanted", "content.complete"]),
        ({"unwanted.root/.backup-key": 1}, FAIL, ["content.key_inside"]),
        ({"hostile": 1, "hostile.first": "../x"}, FAIL, ["content.hostile"]),
        ({"special": 1, "special.first": "dev/sda"}, FAIL, ["content.special"]),
        ({"links_outside": 2}, PASS, ["content.links_outside", "content.complete"]),
        (
            {"open_secrets": 1, "open_secrets.first": "lib/config.php"},
            WARN,
            ["content.open_secret"],
        ),
        ({"top_directory": None}, WARN, ["content.top_directory_gone"]),
        ({"wanted.lib/config.php": None}, UNVERIFIED, ["content.not_looked_for"]),
    ],
)
def test_what_policy_expects_of_an_archive(judged, build, facts, status, reasons):
    history = archive(build, {**LOOKED, **facts})
    found = judged(history, kind="uploads", expect=UPLOADS)
    assert worst(found) is status
    assert [verdict.reason for verdict in found] == reasons


def test_device_nodes_are_no_fault_of_a_whole_system(judged, build):
    history = archive(build, {"special": 3, "special.first": "run/initctl"})
    assert worst(judged(history, kind="system")) is PASS


@pytest.mark.parametrize(
    ("facts", "counts", "status", "reason"),
    [
        ({}, {"uploads": 250, "lib": 40, "modules": 10, "api": 3}, PASS, "content.complete"),
        ({}, {"lib": 40, "modules": 10}, FAIL, "content.gone"),
        ({}, {"uploads": 100, "lib": 40, "modules": 10}, FAIL, "content.collapsed"),
        ({"files": 0, "bytes": 0}, {}, FAIL, "content.gone"),
        ({"bytes": 40_000}, None, FAIL, "content.size"),
        ({"nested.logs": 0}, None, PASS, "content.complete"),
    ],
)
def test_an_archive_that_lost_much(judged, build, facts, counts, status, reason):
    found = judged(archive(build, facts, counts), kind="uploads")
    assert worst(found) is status
    assert found[0].reason == reason


def test_an_exclude_that_is_not_anchored_shows_in_what_is_left_out(judged, build):
    had = {"nested.logs": 1, "nested.logs.first": "uploads/2026/logs/reading.txt"}
    (verdict,) = judged(archive(build, before=had), kind="uploads")
    assert (verdict.status, verdict.reason) == (WARN, "content.left_out")
    assert verdict.facts["name"] == had["nested.logs.first"]
    assert worst(judged(archive(build, facts=had, before=had), kind="uploads")) is PASS


def test_caches_and_logs_come_and_go(judged, build):
    history = archive(build)
    good = history.good._replace(counts={**history.good.counts, "cache": 900, "logs": 50})
    assert worst(judged(history._replace(good=good), kind="uploads")) is PASS


@pytest.mark.parametrize(("mode", "status"), [(0o644, WARN), (0o640, PASS), (0o600, PASS)])
def test_a_copy_that_everybody_may_read_warns(judged, build, mode, status):
    copies = [*build.dumps("local", range(1, 5)), build.dump(0, mode=mode)]
    found = judged(build.history(), state=build.state(copies))
    assert worst(found) is status
    if status is WARN:
        assert found[0].facts["path"] == build.dump(0).path
