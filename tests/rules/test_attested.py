"""Media that only people can see: every fault of the guide's tape in a safe beside its twin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.assess import assess_components
from nexoaudit.model.copy import Assurance
from nexoaudit.model.location import Location
from nexoaudit.model.statement import Attestation, Medium
from nexoaudit.model.verdict import Status, worst
from nexoaudit.points import recovery_times
from nexoaudit.rules import attested, escrow

TAPE = Location("tape", medium="tape", failure_domain="vault", offsite=True, kind="attested")
SHELF = TAPE._replace(id="shelf")
DAY = 86_400_000


@pytest.fixture
def medium(build):
    """A tape that was stated and read back yesterday, and holds a point that was read back."""
    held = Medium("NX1", "vault 2", "received", build.now_ms - 5 * DAY)
    return held._replace(read_ms=build.now_ms - DAY, points=3, intact=3)


@pytest.fixture
def said(build, medium):
    stated_ms = build.now_ms - DAY
    return Attestation(
        "0123456789ab", "medium", stated_ms, "ana@example.com", "signed", 7, stated_ms + 30 * DAY,
        "tape", medium=medium,
    )  # fmt: skip


@pytest.fixture
def judge(build):
    def run(*statements, location=TAPE, now_ms=build.now_ms):
        base = build.state()
        places = (*base.policy.locations, TAPE, SHELF)
        policy = base.policy._replace(locations=places)
        state = base._replace(policy=policy, attestations=statements)
        found = attested.judge_location(state, location, now_ms)
        assert {(v.control, v.component, v.subject) for v in found} == {
            ("offsite", "", location.id)
        }
        return [(v.status.value, v.reason) for v in found]

    return run


def test_a_tape_that_was_read_back_is_current_with_its_figures(build, said):
    state = build.state(attestations=(said,))
    (verdict,) = attested.judge_location(state, TAPE, build.now_ms)
    assert (verdict.status, verdict.reason) == (Status.PASS, "attested.current")
    assert verdict.facts == {
        "location": "tape",
        "media": 1,
        "points": 3,
        "intact": 3,
        "read": build.now_ms - DAY,
        "until": build.now_ms + 29 * DAY,
    }


def test_a_location_of_which_nobody_said_anything_is_unverified(judge, said):
    assert judge() == [("unverified", "attested.never_stated")]
    assert judge(said, location=SHELF) == [("unverified", "attested.never_stated")]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (0, ("pass", "attested.current")),
        (21, ("pass", "attested.current")),
        (22, ("warn", "attested.expiring")),
        (28, ("warn", "attested.expiring")),
        (29, ("fail", "attested.expired")),
        (400, ("fail", "attested.expired")),
    ],
)
def test_a_statement_ends_by_itself_and_warns_before(build, judge, said, days, found):
    assert judge(said, now_ms=build.now_ms + days * DAY + 1) == [found]


def test_nobody_can_promise_for_longer_than_the_policy_allows(build, judge, said):
    forever = said._replace(until_ms=build.now_ms + 300 * DAY)
    assert judge(forever, now_ms=build.now_ms + 38 * DAY) == [("warn", "attested.expiring")]
    assert judge(forever, now_ms=build.now_ms + 39 * DAY) == [("fail", "attested.expired")]
    state = build.state(attestations=(forever,))
    patient = TAPE._replace(max_age_s=400 * 86400)
    (verdict,) = attested.judge_location(state, patient, build.now_ms + 200 * DAY)
    assert verdict.reason == "attested.current"


@pytest.mark.parametrize("standing", ["unsigned", "bad", "unchecked", "ahead"])
def test_a_statement_that_is_not_well_signed_does_not_count(judge, said, standing):
    assert judge(said._replace(standing=standing)) == [("unverified", f"attested.{standing}")]


def test_where_the_policy_asks_for_no_signature_a_name_is_enough(judge, said):
    assert judge(said._replace(standing="plain")) == [("pass", "attested.current")]


def test_a_statement_of_tomorrow_does_not_count(build, judge, said):
    late = said._replace(stated_ms=build.now_ms + 6 * 60_000)
    assert judge(late) == [("unverified", "attested.ahead")]
    skewed = said._replace(stated_ms=build.now_ms + 4 * 60_000)
    assert judge(skewed) == [("pass", "attested.current")]


def test_a_tape_that_nobody_read_back_is_only_claimed(build, judge, said, medium):
    never = said._replace(medium=medium._replace(read_ms=0, intact=0))
    assert judge(never) == [("unverified", "attested.never_read")]
    old = medium._replace(read_ms=build.now_ms - 400 * DAY)
    assert judge(said._replace(medium=old)) == [("pass", "attested.current")]
    older = medium._replace(read_ms=build.now_ms - 400 * DAY - 1)
    assert judge(said._replace(medium=older)) == [("unverified", "attested.read_stale")]


def test_a_tape_that_was_read_back_with_other_bytes_fails(judge, said, medium):
    found = judge(said._replace(medium=medium._replace(failed=True)))
    assert found == [("fail", "attested.read_failed")]


@pytest.mark.parametrize(("location", "place"), [("tape", "vault 3"), ("shelf", "vault 2")])
def test_one_barcode_at_two_places_fails_at_both(build, judge, said, medium, location, place):
    other = said._replace(location=location, medium=medium._replace(place=place))
    for where in {TAPE, SHELF} if location == "shelf" else {TAPE}:
        assert ("fail", "attested.two_places") in judge(said, other, location=where)
    ended = other._replace(until_ms=build.now_ms)
    assert ("fail", "attested.two_places") not in judge(said, ended)
    unsigned = other._replace(standing="unsigned")
    assert ("fail", "attested.two_places") not in judge(said, unsigned)


def test_two_tapes_at_two_places_are_as_they_should_be(judge, said, medium):
    other = said._replace(medium=medium._replace(barcode="NX2", place="vault 3"))
    assert judge(said, other) == [("pass", "attested.current")]


def test_content_that_was_never_read_here_is_told(judge, said, medium):
    some = said._replace(medium=medium._replace(unknown=2, first="x.tar"))
    assert judge(some) == [("warn", "attested.unknown_content")]
    none = said._replace(medium=medium._replace(unknown=2, first="x.tar", points=0, intact=0))
    assert judge(none) == [("unverified", "attested.unknown_content")]


@given(
    stated=st.integers(-500, 500),
    valid=st.integers(0, 500),
    read=st.integers(-1000, 500),
    limit=st.integers(1, 500),
    signed=st.sampled_from(["signed", "plain", "unsigned", "bad", "unchecked", "ahead"]),
)
def test_what_counts_was_said_lasts_and_was_read_back(stated, valid, read, limit, signed):
    now = 2000 * DAY
    medium = Medium("NX1", "p", "written", 0, read_ms=now + read * DAY)
    stated_ms = now + stated * DAY
    said = Attestation(
        "i", "medium", stated_ms, "a", signed, 1, stated_ms + valid * DAY, "tape", medium=medium
    )
    how = attested.condition(said, TAPE._replace(max_age_s=limit * 86400), now)
    age = -stated
    good = signed in {"signed", "plain"} and 0 <= age < min(valid, limit) and -read <= 400
    assert (how in attested.GOOD) is good
    if good:
        assert (how == "expiring") is (min(valid, limit) - age < 7)


# --- the passphrase of encrypted copies


@pytest.fixture
def escrowed(build):
    """Judge a site whose off-site copies are encrypted."""

    def run(*statements, now_ms=build.now_ms, **policy):
        base = build.state(attestations=statements)
        component = build.database(copies=build.database().copies._replace(encrypted=True))
        policy = base.policy._replace(components=(component,), **policy)
        state = base._replace(policy=policy)
        return escrow.judge_location(state, policy.location("offsite"), now_ms)

    return run


@pytest.fixture
def kept(build):
    """A statement that the passphrase is kept elsewhere, for 90 days."""
    now_ms = build.now_ms
    return Attestation("e", "escrow", now_ms, "ana", "signed", 3, now_ms + 90 * DAY, "offsite")


def test_a_passphrase_in_escrow_passes_as_long_as_the_word_lasts(build, escrowed, kept):
    (verdict,) = escrowed(kept)
    assert (verdict.status, verdict.reason, verdict.subject) == (
        "pass",
        "escrow.current",
        "offsite",
    )
    (verdict,) = escrowed(kept, now_ms=build.now_ms + 84 * DAY)
    assert (verdict.status, verdict.reason) == ("warn", "escrow.expiring")
    (verdict,) = escrowed(kept, now_ms=build.now_ms + 90 * DAY)
    assert (verdict.status, verdict.reason) == ("fail", "escrow.expired")


def test_a_passphrase_of_which_nobody_said_anything_is_unverified(build, escrowed, kept):
    assert [v.reason for v in escrowed()] == ["escrow.never_stated"]
    (verdict,) = escrowed(kept._replace(standing="unsigned"))
    assert (verdict.status, verdict.reason) == ("unverified", "escrow.unsigned")
    (verdict,) = escrowed(kept._replace(standing="bad", id="x"), kept)
    assert verdict.reason == "escrow.current"


def test_nothing_is_asked_where_nothing_is_encrypted(build):
    state = build.state()
    places = state.policy.locations
    assert [escrow.judge_location(state, place, build.now_ms) for place in places] == [(), ()]
    sealed = [copy._replace(sealed="AES256 MDC") for copy in build.dumps("offsite")]
    state = build.state([*build.dumps("local"), *sealed])
    found = escrow.judge_location(state, state.policy.location("offsite"), build.now_ms)
    assert worst(found) is Status.UNVERIFIED


# --- what a claim counts for


def on_tape(build, assurance):
    """Return a site whose dumps are here and on tape, where they stand so far."""
    held = [
        copy._replace(location="tape", path=f"NX1/{copy.path}", of=copy.path, proof="attested")
        for copy in build.dumps("offsite")
    ]
    read_ms = build.now_ms - DAY if assurance >= Assurance.INTACT else 0
    held = [copy._replace(assurance=assurance, verified_ms=read_ms) for copy in held]
    state = build.state([*build.dumps("local"), *held])
    (series,) = build.database().series
    series = series._replace(locations=("local",), attested=("tape",))
    policy = state.policy._replace(
        components=(build.database(series=(series,)),),
        locations=(*state.policy.locations, TAPE._replace(transfer="30 4 * * *")),
    )
    return state._replace(policy=policy)


@pytest.mark.parametrize(
    ("assurance", "found"),
    [(Assurance.INTACT, ("pass", "copies.enough")), (Assurance.CLAIMED, ("fail", "copies.places"))],
)
def test_a_copy_on_tape_counts_once_it_was_read_back(build, assurance, found):
    state = on_tape(build, assurance)
    (verdict,) = assess_components(state, build.now_ms, controls=["copies"])
    assert (verdict.status.value, verdict.reason) == found
    # Whose bytes nobody here can read is no matter of other controls.
    for control in ("checksum", "retention", "age", "schedule"):
        found = assess_components(state, build.now_ms, controls=[control])
        assert {v.status for v in found} == {Status.PASS}


@pytest.mark.parametrize("assurance", [Assurance.INTACT, Assurance.CLAIMED])
def test_a_word_alone_is_no_recovery_point(build, assurance):
    state = on_tape(build, assurance)
    alone = {key: held for key, held in state.copies.items() if key[2] == "tape"}
    state = state._replace(copies=alone)
    assert recovery_times(state, state.policy.component("database")) == ()
