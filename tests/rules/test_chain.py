"""Which point is the last good one, and what is steady enough to be judged by."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.model.manifest import Acceptance, Manifest
from nexoaudit.rules.chain import chain
from nexoaudit.rules.dumps import losses
from nexoaudit.rules.trend import DAY_MS, Steadiness

WORD = Acceptance(1, "A. Person", "as it should be")


def point(day, users, tickets=1000):
    counts = {"users": users, "tickets": tickets}
    facts = {"rows": users + tickets}
    return Manifest("local", f"d{day}", day * DAY_MS, f"{day}", 10, 9000, facts, counts)


def walk(*users, accepted=()):
    manifests = [point(day, count) for day, count in enumerate(users)]
    return chain(manifests, {f"{day}": WORD for day in accepted}, losses)


def test_the_last_good_point_stays_the_measure_while_a_loss_lasts():
    history = walk(200, 210, 20, 21, 22).history
    assert (history.good.path, history.newest.path) == ("d1", "d4")


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
    steady = Steadiness()
    for day, count in enumerate(users):
        steady.add({"users": count}, day * DAY_MS)
    if not steady.unsteady(len(users) * DAY_MS):
        for before, after in pairwise(good):
            assert after or not before
            assert before < 10 or 2 * after >= before


def test_what_comes_back_twice_is_unsteady_and_once_is_not():
    def unsteady(*counts):
        steady = Steadiness()
        for day, count in enumerate(counts):
            steady.add({"sessions": count}, day * DAY_MS)
        return steady.unsteady(len(counts) * DAY_MS)

    assert unsteady(900, 3, 800, 5, 950, 2) == ("sessions",)
    assert unsteady(900, 3, 800) == ()
    assert unsteady(900, 3, 3, 3) == ()
    assert unsteady(*range(100, 900, 50)) == ()
