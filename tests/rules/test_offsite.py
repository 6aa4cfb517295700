"""The rules about off-site copies and the places that keep them, each fault beside its twin."""

import pytest

from nexoaudit.assess import Limits, assess_components, assess_site
from nexoaudit.model.location import Bucket, Location
from nexoaudit.model.loss import Loss
from nexoaudit.model.policy import Copies
from nexoaudit.model.sighting import Sweep
from nexoaudit.model.store import Expiry, Store
from nexoaudit.model.verdict import Status

HOLDING = ("database", "full", "offsite")


def state_of(build, offsite, **changes):
    """Return a state whose off-site copies are these."""
    return build.state([*build.dumps("local"), *offsite], **changes)


def with_component(state, **changes):
    policy = state.policy
    (component,) = policy.components
    return state._replace(policy=policy._replace(components=(component._replace(**changes),)))


def with_location(state, **changes):
    policy = state.policy
    local, offsite = policy.locations
    return state._replace(policy=policy._replace(locations=(local, offsite._replace(**changes))))


@pytest.fixture
def judged(build):
    def run(state, limits=None, now_ms=None):
        found = assess_components(
            state, now_ms or build.now_ms, controls=["offsite"], limits=limits or Limits()
        )
        assert {verdict.component for verdict in found} <= {"database"}
        return {verdict.reason: verdict for verdict in found}

    return run


@pytest.fixture
def kept(build):
    """Judge a bucket as it presents itself."""

    def run(location=None, demonstration=False, region="", others=(), **store):
        base = with_location(
            build.state(), kind="s3", path="", bucket=Bucket("b"), **(location or {})
        )
        site = base.policy.site._replace(demonstration=demonstration, region=region)
        facts = {"versioning": "enabled", "lock": "off", "public": "no", "expiry": "known"}
        seen = Store("offsite", build.now_ms, **{**facts, **store})
        state = base._replace(
            policy=base.policy._replace(site=site),
            stores={"offsite": seen, **{item.location: item for item in others}},
        )
        found = assess_site(state, build.now_ms, ["offsite"])
        return {verdict.reason: verdict for verdict in found}

    return run


def statuses(found):
    return {reason: verdict.status for reason, verdict in found.items()}


def test_all_that_is_due_is_there(build, judged):
    found = judged(build.state())
    assert statuses(found) == {"offsite.current": Status.PASS}
    facts = found["offsite.current"].facts
    assert (facts["points"], facts["lag"], facts["late"]) == (11, 10 * build.HOUR, 0)


def test_before_the_transfer_the_newest_point_is_not_due(build, judged):
    before = build.dump(0).time_ms + 3 * build.HOUR
    found = judged(state_of(build, build.dumps("offsite", range(1, 11))), now_ms=before)
    assert statuses(found) == {"offsite.current": Status.PASS}


def test_a_transfer_that_stopped_fails(build, judged):
    found = judged(state_of(build, build.dumps("offsite", range(3, 11))))
    assert statuses(found) == {"offsite.missing": Status.FAIL}
    assert found["offsite.missing"].facts["late"] == 3


def test_an_older_point_that_is_missing_warns(build, judged):
    there = [copy for copy in build.dumps("offsite") if copy.time_ms != build.dump(4).time_ms]
    found = judged(state_of(build, there))
    assert statuses(found) == {"offsite.gaps": Status.WARN}


def test_of_a_location_out_of_reach_only_what_was_due_before_is_missed(build, judged):
    listed = Sweep("offsite", build.now_ms - build.DAY, "complete")
    failed = Sweep("offsite", build.now_ms, "failed", "location.timeout", "no answer")
    state = state_of(
        build,
        build.dumps("offsite", range(1, 11)),
        sweeps={**build.state().sweeps, "offsite": listed},
        failures={"offsite": failed},
    )
    assert statuses(judged(state)) == {
        "location.timeout": Status.UNVERIFIED,
        "offsite.current": Status.PASS,
    }


def test_limits_take_the_place_of_the_transfers_schedule(build, judged):
    state = state_of(build, build.dumps("offsite", range(2, 11)))
    day = build.DAY
    over = judged(state, Limits(warn_ms=day, fail_ms=2 * day))
    assert statuses(over) == {"offsite.over_limit": Status.FAIL}
    assert statuses(judged(state, Limits(warn_ms=3 * day))) == {"offsite.current": Status.PASS}
    nothing = judged(state_of(build, []), Limits(fail_ms=day))
    assert statuses(nothing) == {"offsite.nothing_there": Status.FAIL}


def test_more_lost_than_left_is_told_loudest(build, judged):
    left = build.dumps("offsite", range(8, 11))
    loss = {HOLDING: Loss(8, build.now_ms - build.DAY)}
    found = judged(state_of(build, left, losses=loss))
    assert found["offsite.emptied"].status is Status.FAIL
    assert found["offsite.emptied"].facts["left"] == 3
    few = {HOLDING: Loss(2, build.now_ms - build.DAY)}
    assert "offsite.emptied" not in judged(state_of(build, build.dumps("offsite"), losses=few))


@pytest.mark.parametrize(
    ("problem", "status"),
    [("copy.differs", Status.FAIL), ("copy.unproven", Status.UNVERIFIED)],
)
def test_the_newest_copy_there_is_the_one_that_counts(build, judged, problem, status):
    newest = build.dump(0, "offsite", problems=(problem,), assurance=1)
    found = judged(state_of(build, [*build.dumps("offsite", range(1, 11)), newest]))
    assert statuses(found) == {problem: status}


def test_a_copy_that_nobody_has_looked_at_yet_is_given_time(build, judged):
    fresh = build.dump(0, "offsite", verified_ms=0, assurance=1, seen_ms=build.now_ms - 60_000)
    there = [*build.dumps("offsite", range(1, 11)), fresh]
    assert statuses(judged(state_of(build, there))) == {"offsite.current": Status.PASS}
    waiting = fresh._replace(seen_ms=build.now_ms - 5 * build.HOUR)
    found = judged(state_of(build, [*there[:-1], waiting]))
    assert statuses(found) == {"checksum.unread": Status.UNVERIFIED}


def sealed(copy):
    return copy._replace(path=f"{copy.path}.gpg", sealed="AES256 MDC")


def test_what_is_to_be_encrypted_must_not_lie_there_in_the_open(build, judged):
    wanted = Copies(encrypted=True)
    plain = with_component(build.state(), copies=wanted)
    assert statuses(judged(plain)) == {"offsite.plain": Status.FAIL}
    closed = state_of(build, [sealed(copy) for copy in build.dumps("offsite")])
    assert statuses(judged(with_component(closed, copies=wanted))) == {
        "offsite.current": Status.PASS
    }


def test_a_plain_twin_of_an_encrypted_copy_fails(build, judged):
    there = [sealed(copy) for copy in build.dumps("offsite")]
    found = judged(state_of(build, [*there, build.dump(2, "offsite")]))
    assert statuses(found) == {"offsite.twin": Status.FAIL}


def test_an_archived_copy_must_be_back_within_the_recovery_time(build, judged):
    archived = [
        copy._replace(access="archived", tier="DEEP_ARCHIVE") for copy in build.dumps("offsite")
    ]
    state = state_of(build, archived)
    assert statuses(judged(state)) == {"offsite.fetch_unknown": Status.UNVERIFIED}
    slow = judged(with_location(state, fetch_s=12 * 3600))
    assert statuses(slow) == {"offsite.too_slow": Status.FAIL}
    assert slow["offsite.too_slow"].facts["takes"] == 12 * build.HOUR
    quick = judged(with_location(state, fetch_s=600))
    assert statuses(quick) == {"offsite.current": Status.PASS}
    back = [copy._replace(access="restored", readable_until_ms=2**60) for copy in archived]
    assert statuses(judged(state_of(build, back))) == {"offsite.current": Status.PASS}


def test_a_slow_line_makes_a_large_copy_useless(build, judged):
    large = [copy._replace(size=10**12) for copy in build.dumps("offsite")]
    state = state_of(build, large)
    assert statuses(judged(with_location(state, rate=10**6))) == {"offsite.too_slow": Status.FAIL}
    assert statuses(judged(with_location(state, rate=10**9))) == {"offsite.current": Status.PASS}


def test_a_component_that_is_nowhere_off_site_fails(build, judged):
    state = with_location(build.state(), offsite=False)
    assert statuses(judged(state)) == {"offsite.nowhere": Status.FAIL}
    content = with_component(state, copies=Copies(total=2, media=1, offsite=0))
    assert judged(content) == {}


# the places


def test_a_versioned_closed_bucket_of_another_place_is_not_spoken_of(kept):
    assert kept() == {}


@pytest.mark.parametrize(
    ("fact", "reason", "status"),
    [
        ({"public": "yes"}, "offsite.public", Status.FAIL),
        ({"versioning": "off"}, "offsite.unprotected", Status.WARN),
        ({"versioning": "suspended"}, "offsite.unprotected", Status.WARN),
        ({"public": "unknown"}, "offsite.posture_unknown", Status.UNVERIFIED),
        ({"expiry": "unknown"}, "offsite.posture_unknown", Status.UNVERIFIED),
        ({"lax": ("endpoint.plain",)}, "offsite.endpoint.plain", Status.WARN),
        ({"lax": ("hostkey.unchecked",)}, "offsite.hostkey.unchecked", Status.WARN),
    ],
)
def test_a_bucket_that_does_not_keep_things_safe(kept, fact, reason, status):
    assert statuses(kept(**fact)) == {reason: status}


def test_a_lock_protects_as_well_as_versions(kept):
    assert kept(versioning="off", lock="COMPLIANCE") == {}


def test_what_the_bucket_deletes_before_its_time(kept, build):
    early = Expiry("", 5 * 86400)
    assert statuses(kept(expiries=(early,))) == {"offsite.expires_early": Status.FAIL}
    late = Expiry("", 400 * 86400)
    others = Expiry("logs/", 86400)
    old_versions = Expiry("", 86400, noncurrent=True)
    assert kept(expiries=(late, others, old_versions)) == {}


def test_a_bucket_that_was_never_reached_is_unverified(build):
    state = with_location(build.state(), kind="s3", path="", bucket=Bucket("b"))
    found = assess_site(state, build.now_ms, ["offsite"])
    assert [(verdict.status, verdict.reason) for verdict in found] == [
        (Status.UNVERIFIED, "offsite.never_seen")
    ]


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("machine:aa", "offsite.same_host"),
        ("hostkey:SHA256:x", "offsite.same_host"),
        ("address:192.0.2.7", "offsite.same_host"),
        ("network:192.0.2.0/24", "offsite.same_network"),
    ],
)
def test_an_off_site_location_that_is_the_site(kept, build, token, reason):
    here = Store("", build.now_ms, identity=(token, "machine:site"))
    mine = {"identity": (token,), "others": (here,)}
    assert statuses(kept(**mine)) == {reason: Status.FAIL}
    assert kept(**mine, demonstration=True) == {}
    assert kept(identity=("machine:other",), others=(here,)) == {}


def test_the_sites_own_region_is_not_far_enough(kept, build):
    near = Store("offsite", build.now_ms, versioning="enabled", public="no", expiry="known")
    assert statuses(kept(region="eu-south-2", others=(near._replace(region="eu-south-2"),))) == {
        "offsite.same_region": Status.WARN
    }
    assert kept(region="eu-south-2", others=(near._replace(region="eu-west-1"),)) == {}


def test_two_locations_that_are_one_bucket_are_one_place(build):
    state = build.state()
    policy = state.policy
    (component,) = policy.components
    (series,) = component.series
    second = Location("again", medium="cloud", failure_domain="elsewhere", offsite=True)
    state = build.state(
        [*build.dumps("local"), *build.dumps("offsite"), *build.dumps("again")],
        policy=policy._replace(
            locations=(*policy.locations, second),
            components=(
                component._replace(
                    series=(series._replace(locations=("local", "offsite", "again")),),
                    copies=Copies(total=4, media=3, offsite=2),
                ),
            ),
        ),
    )

    def judge(first, other):
        stores = {
            "offsite": Store("offsite", build.now_ms, identity=(first,)),
            "again": Store("again", build.now_ms, identity=(other,)),
        }
        return assess_components(state._replace(stores=stores), build.now_ms, controls=["copies"])

    (twice,) = judge("bucket:a/b", "bucket:a/b")
    assert (twice.status, twice.reason) == (Status.FAIL, "copies.one_place")
    assert (twice.facts["copies"], twice.facts["offsite"]) == (3, 1)
    assert twice.facts["one_place"] == "offsite, again"
    (apart,) = judge("bucket:a/b", "bucket:a/c")
    assert (apart.status, apart.facts["copies"]) == (Status.PASS, 4)
    near = judge("network:192.0.2.0/24", "network:192.0.2.0/24")
    assert near[0].status is Status.PASS


def test_only_the_same_bytes_are_a_copy(build):
    other = [
        copy._replace(sha256="e" * 64) if copy.time_ms == build.dump(0).time_ms else copy
        for copy in build.dumps("offsite")
    ]
    (verdict,) = assess_components(state_of(build, other), build.now_ms, controls=["copies"])
    assert (verdict.status, verdict.facts["lacking"]) == (Status.FAIL, "offsite (differs)")


def test_an_encrypted_copy_counts_by_what_was_encrypted(build):
    state = state_of(build, [sealed(copy) for copy in build.dumps("offsite")])
    (verdict,) = assess_components(state, build.now_ms, controls=["copies"])
    assert verdict.status is Status.PASS


def test_locked_and_offline_copies_are_shown(build):
    locked = [copy._replace(lock="COMPLIANCE") for copy in build.dumps("offsite")]
    state = with_location(state_of(build, locked), medium="tape")
    (verdict,) = assess_components(state, build.now_ms, controls=["copies"])
    assert (verdict.facts["immutable"], verdict.facts["offline"]) == (1, 1)
