"""Properties that hold for every rule."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.assess import COMPONENT_CONTROLS, assess_components
from nexoaudit.model.verdict import Status, Verdict, alarm, worst
from nexoaudit.wording.catalogue import catalogue
from nexoaudit.wording.sentence import sentence

PROBLEMS = ("", "sidecar.mismatch", "sidecar.missing", "file.unreadable", "dump.no_trailer")


def test_the_worst_wins_in_the_order_fail_unverified_warn_pass():
    order = [Status.PASS, Status.WAIVED, Status.WARN, Status.UNCONFIGURED, Status.UNVERIFIED]
    assert sorted(Status, key=alarm) == [*order, Status.FAIL]
    assert worst(()) is Status.UNVERIFIED


@given(st.permutations([Status.PASS, Status.WARN, Status.UNVERIFIED, Status.FAIL]))
def test_worst_does_not_depend_on_order(statuses):
    assert worst(tuple(Verdict("x", "y", status, "z") for status in statuses)) is Status.FAIL


@settings(max_examples=60, deadline=None)
@given(
    problems=st.lists(st.sampled_from(PROBLEMS), min_size=11, max_size=11),
    present=st.lists(st.booleans(), min_size=11, max_size=11),
    hours=st.integers(-48, 200),
)
def test_any_state_gives_verdicts_with_sentences(problems, present, hours, build):
    copies = [
        copy._replace(problems=(problem,) if problem else ())
        for copy, problem, here in zip(build.dumps("local"), problems, present, strict=True)
        if here
    ]
    random.Random(0).shuffle(copies)
    now_ms = build.now_ms + hours * build.HOUR
    verdicts = assess_components(build.state(copies), now_ms)
    judged = {verdict.control for verdict in verdicts}
    assert judged >= set(COMPONENT_CONTROLS) - {"restore", "binlog", "jobs", "logs", "server"}
    words = catalogue("en")
    for verdict in verdicts:
        said = sentence(verdict, words)
        assert said
        assert "?" not in said
        assert "{" not in said


@settings(max_examples=60, deadline=None)
@given(first=st.integers(0, 400), later=st.integers(0, 400))
def test_age_never_gets_better_by_waiting(first, later, build):
    state = build.state()
    early, late = sorted((first, later))
    verdicts = [
        assess_components(state, build.now_ms + hours * build.HOUR, controls=["age"])[0]
        for hours in (early, late)
    ]
    known = [v for v in verdicts if v.status is not Status.UNVERIFIED]
    assert [alarm(v.status) for v in known] == sorted(alarm(v.status) for v in known)


@pytest.mark.parametrize(
    "control", sorted(set(COMPONENT_CONTROLS) - {"objectives", "binlog", "jobs", "logs", "server"})
)
def test_no_copy_anywhere_is_never_green(control, build):
    verdicts = assess_components(build.state([]), build.now_ms, controls=[control])
    assert worst(verdicts) is not Status.PASS
