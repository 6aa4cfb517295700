"""Which copy a drill is given."""

import pytest

from nexoaudit.auditor.targets import NEWEST, Choice, targets
from nexoaudit.model.location import Bucket, Location

SEALED = {"sealed": "AES256 MDC"}


@pytest.fixture
def elsewhere(build):
    """A state of which the second location is a bucket, with encrypted copies."""

    def state(*copies, **kinds):
        base = build.state(list(copies))
        cloud = Location("offsite", kind="s3", bucket=Bucket("b"), offsite=True)
        cloud = cloud._replace(**kinds)
        return base._replace(
            policy=base.policy._replace(locations=(base.policy.locations[0], cloud))
        )

    return state


def chosen(state, choice=NEWEST, **more):
    (target,) = targets(state, choice._replace(kinds=("database",)), **more)
    copy = target.copy
    return None if copy is None else (copy.location, copy.time_ms)


def test_the_newest_finished_copy_where_points_are_made(build):
    assert chosen(build.state()) == ("local", build.dump(0).time_ms)
    held = [build.dump(1), build.dump(1, "offsite"), build.dump(0, finished=False)]
    assert chosen(build.state(held)) == ("local", build.dump(1).time_ms)
    assert chosen(build.state([build.dump(1), build.dump(0, "offsite")]))[0] == "offsite"
    assert chosen(build.state([])) is None


def test_what_lies_elsewhere_is_taken_only_where_nothing_lies_here(build, elsewhere):
    far = build.dump(0, "offsite", **SEALED)
    assert chosen(elsewhere(build.dump(1), far)) == ("local", build.dump(1).time_ms)
    assert chosen(elsewhere(far)) == ("offsite", far.time_ms)
    sealed_here = build.dump(0, **SEALED)
    assert chosen(elsewhere(build.dump(1), sealed_here)) == ("local", build.dump(1).time_ms)
    assert chosen(elsewhere(sealed_here)) == ("local", sealed_here.time_ms)
    assert chosen(elsewhere(sealed_here, far))[0] == "local"
    named_so = build.dump(0, path="x.sql.gz.gpg")
    assert chosen(elsewhere(build.dump(1), named_so)) == ("local", build.dump(1).time_ms)


def test_a_location_that_is_named_is_the_only_one(build, elsewhere):
    far = build.dump(1, "offsite", **SEALED)
    state = elsewhere(build.dump(0), far)
    assert chosen(state, Choice(location="offsite")) == ("offsite", far.time_ms)
    assert chosen(elsewhere(build.dump(0)), Choice(location="offsite")) is None


def test_what_must_be_asked_back_first_comes_last(build, elsewhere):
    old = build.dump(1, "offsite", access="archived")
    assert chosen(elsewhere(old)) == ("offsite", old.time_ms)
    state = build.state([build.dump(1, access="archived"), build.dump(1, "offsite")])
    assert chosen(state)[0] == "offsite"


def test_a_moment_that_is_named(build):
    point = build.dump(3).time_ms
    choice = Choice(start_ms=point, end_ms=point + 60_000)
    assert chosen(build.state(), choice) == ("local", point)
    assert chosen(build.state(), Choice(start_ms=point + 1, end_ms=point + 60_000)) is None
    day = Choice(start_ms=point - build.HOUR, end_ms=point + build.DAY - build.HOUR)
    assert chosen(build.state(), day) == ("local", point)


def test_any_point_of_the_last_days(build):
    seen = []

    def pick(moments):
        seen.append(list(moments))
        return moments[1]

    choice = Choice(start_ms=build.now_ms - 5 * build.DAY, random=True)
    assert chosen(build.state(), choice, pick=pick) == ("local", build.dump(3).time_ms)
    assert seen == [[build.dump(day).time_ms for day in (4, 3, 2, 1, 0)]]
    assert chosen(build.state([]), choice, pick=pick) is None
    moments = {chosen(build.state(), choice) for _ in range(60)}
    assert len(moments) > 1


def test_components_and_kinds(build):
    assert list(targets(build.state(), Choice(component="other"))) == []
    assert list(targets(build.state(), Choice(kinds=("files",)))) == []


def test_files_are_taken_from_wherever_they_lie(build, elsewhere):
    there = build.dump(0, "offsite")
    state = elsewhere(there, build.dump(1, **SEALED))
    (component,) = state.policy.components
    policy = state.policy._replace(components=(component._replace(kind="uploads"),))
    (target,) = targets(state._replace(policy=policy))
    assert (target.kind, target.copy) == ("files", there)
