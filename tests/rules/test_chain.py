"""Which point is the last good one, and what is steady enough to be judged by."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.model.manifest import Acceptance, Manifest
from nexoaudit.model.policy import Expect
from nexoaudit.rules.chain import chain
from nexoaudit.rules.dumps import losses
from nexoaudit.rules.steadiness import Steadiness
from nexoaudit.rules.trend import DAY_MS
from nexoaudit.rules.volatile import named

WORD = Acceptance(1, "A. Person", "as it should be")


def point(day, users, tickets=1000):
    counts = {"users": users, "tickets": tickets}
    facts = {"rows": users + tickets}
    return Manifest("local", f"d{day}", day * DAY_MS, f"{day}", 10, 9000, facts, counts)


def walk(*users, accepted=()):
    manifests = [point(day, count) for day, count in enumerate(users)]
    return chain(manifests, {f"{day}": WORD for day in accepted}, losses(Expect()))


def test_the_last_good_point_stays_the_measure_while_a_loss_lasts():
    history = walk(200, 210, 20, 21, 22).history
    assert (history.good.path, history.newest.path) == ("d1", "d4")


def dwindled(*users, grown=0):
    """Return the tables that dwindle while tickets grow by so many a day."""
    points = [point(day, count, 1000 + grown * day) for day, count in enumerate(users)]
    return [item.name for item in chain(points, {}, losses(Expect())).history.dwindled]


def test_a_table_that_dwindles_while_another_grows_is_told():
    falling = [round(500 * 0.88**day) for day in range(12)]
    assert dwindled(*falling, grown=60) == ["users"]
    assert dwindled(*falling) == ["users"]
    assert dwindled(*falling[:6]) == []  # too few points to tell


def test_what_falls_a_little_rises_or_fell_once_does_not_dwindle():
    assert dwindled(*(500 - 20 * day for day in range(12))) == []  # more than half is left
    assert dwindled(*(500 + 20 * day for day in range(12))) == []
    assert dwindled(*[500] * 6, *[260] * 6) == []
    assert dwindled(*[8, 7, 6, 5, 4, 3, 2, 1]) == []  # a handful


def test_a_mended_loss_is_forgotten():
    assert walk(200, 20, 205, 206).history.good.path == "d2"


def test_an_accepted_loss_is_the_new_measure():
    history = walk(200, 20, 21, 22, accepted=[1]).history
    assert history.good.path == "d2"
    assert [total.time_ms for total in history.series] == [DAY_MS, 2 * DAY_MS]


def test_only_what_goes_back_to_a_confirmed_point_is_known_to_be_complete():
    assert walk(200, 201, 202).good == frozenset()
    assert not walk(200, 201, 202).history.confirmed
    assert walk(200, 201, 20, 203, accepted=[0]).good == {"0", "1", "3"}


def test_a_single_point_has_nothing_before_it():
    assert walk(200).history.good is None
    assert walk(200, accepted=[0]).history.accepted == WORD


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=30))
def test_a_point_is_only_good_when_it_holds_no_less_than_half_of_the_good_one_before(users):
    found = walk(*users, accepted=[0])
    good = [users[int(digest)] for digest in sorted(found.good, key=int)]
    if not any(says_nothing(*users[: day + 1]) for day in range(len(users))):
        for before, after in pairwise(good):
            assert after or not before
            assert before < 10 or 2 * after >= before


def says_nothing(*counts, name="users", naming=None):
    """Return whether the last of these counts, one a day, says nothing."""
    steady = Steadiness(naming)
    *earlier, last = counts
    for day, count in enumerate(earlier):
        steady.add({name: count}, day * DAY_MS)
    return bool(steady.unsteady(len(earlier) * DAY_MS, {name: last}))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((900, 3, 800, 5, 950, 2), True),  # fell below half and came back, twice
        ((900, 3, 800, 5), False),
        ((900, 3, 3, 3), False),
        ((900, 3, 4, 5, 3, 4, 5, 3), False),  # a fall that was never made up
        (range(100, 900, 50), False),
        ((300, 220, 310, 230, 290, 210, 300, 120), True),  # swings by a quarter
        ((300, 220, 310, 230, 290, 210, 300, 60), False),  # much further than it ever swung
        ((300, 220, 310, 230, 290, 210, 300, 0), False),
        ((300, 295, 310, 304, 290, 286, 300, 120), False),  # as steady as users are
        ((5, 4, 5, 4, 5, 4, 5, 0), False),
        ((900, 3, 800, 5, 950, *[950] * 40, 2), False),  # long ago
    ],
)
def test_what_comes_and_goes_is_known_by_its_history(counts, expected):
    assert says_nothing(*counts) is expected


def test_a_name_is_believed_and_one_that_leaves_a_doubt_where_the_count_moves():
    flat, grown, moved = [400] * 8, [*range(400, 800, 50)], [400, 410, 405]
    for name, counts, believed in (
        ("sessions", flat, True),
        ("sessions", grown, True),
        ("exam_sessions", flat, False),
        ("exam_sessions", grown, False),
        ("chat_sessions", moved, True),
        ("users", flat, False),
        ("users", moved, False),
    ):
        assert says_nothing(*counts, 20, name=name, naming=named) is believed, name


@pytest.mark.parametrize(
    ("name", "certain"),
    [
        ("sessions", True), ("session", True), ("PHPSESSIONS", True), ("shop.ci_sessions", True),
        ("cache", True), ("cache_locks", True), ("tokens", True), ("oauth_access_tokens", True),
        ("cache_items", True), ("exam_sessions", False), ("mail_queue", True), ("_tmp", True),
        ("payment_tokens", False), ("cache_hits", False), ("users", None), ("user_data", None),
        ("possession", None), ("obsessions", None), ("tempo", None), ("clock", None), ("", None),
    ],
)  # fmt: skip
def test_names_of_what_comes_and_goes(name, certain):
    assert named([name]).get(name) is certain


def test_a_prefix_that_most_tables_have_is_no_part_of_their_names():
    tables = [f"mdl_{name}" for name in ("users", "course", "sessions", "cache", "exam_sessions")]
    assert named(tables) == {"mdl_sessions": True, "mdl_cache": True, "mdl_exam_sessions": False}
    assert named(["mdl_sessions", "users", "course"]) == {"mdl_sessions": False}
    sessions = ["session_a", "session_b", "session_c"]
    assert named(sessions) == {}
