import pytest

from nexoaudit.assess import assess_components
from nexoaudit.model.verdict import Status, worst


def judged(build, copies):
    return assess_components(build.state(copies), build.now_ms, controls=["checksum"])


def test_sound_copies_pass_with_their_number(build):
    (verdict,) = judged(build, None)
    assert (verdict.status, verdict.reason) == (Status.PASS, "checksum.sound")
    assert verdict.facts["copies"] == verdict.facts["sound"] == 2 * (build.KEEP_DAYS + 1)


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        ("sidecar.mismatch", Status.FAIL),
        ("dump.no_trailer", Status.FAIL),
        ("stream.truncated", Status.FAIL),
        ("something.nobody_listed", Status.FAIL),
        ("sidecar.missing", Status.WARN),
        ("file.unreadable", Status.UNVERIFIED),
    ],
)
def test_each_problem_has_its_status_and_names_the_copy(build, problem, status):
    copies = [*build.dumps("local", range(1, 5)), build.dump(0, problems=(problem,))]
    (verdict,) = judged(build, copies)
    assert (verdict.status, verdict.reason) == (status, problem)
    assert verdict.facts["path"] == build.dump(0).path


def test_the_gravest_problem_of_a_copy_is_named(build):
    (verdict,) = judged(build, [build.dump(0, problems=("sidecar.missing", "dump.no_trailer"))])
    assert verdict.reason == "dump.no_trailer"


def test_a_copy_that_was_never_read_is_not_green_for_ever(build):
    fresh = build.dump(0, verified_ms=0, sha256="", seen_ms=build.now_ms - 1000)
    assert worst(judged(build, [build.dump(1), fresh])) is Status.PASS
    waiting = fresh._replace(seen_ms=build.now_ms - 3 * build.HOUR)
    assert worst(judged(build, [build.dump(1), waiting])) is Status.UNVERIFIED


def test_the_same_bytes_on_another_day_are_a_copied_old_dump(build):
    copies = [build.dump(2), build.dump(1, sha256=build.dump(2).sha256), build.dump(0)]
    (verdict,) = judged(build, copies)
    assert (verdict.status, verdict.reason) == (Status.FAIL, "checksum.identical")
    assert verdict.facts["path"] == build.dump(1).path
    assert verdict.facts["older"] == build.dump(2).path


def test_the_same_bytes_at_two_locations_are_what_a_copy_is(build):
    assert worst(judged(build, [build.dump(0), build.dump(0, "offsite")])) is Status.PASS


def test_dumps_without_a_time_in_them_may_be_equal(build):
    copies = [build.dump(day, sha256="a" * 64, content_ms=0) for day in (1, 0)]
    assert worst(judged(build, copies)) is Status.PASS


def test_a_transferred_copy_with_other_bytes_fails_once_its_transfer_is_due(build):
    other = build.dump(0, "offsite", sha256="f" * 64)
    (verdict,) = judged(build, [build.dump(0), other])
    assert (verdict.reason, verdict.facts["location"]) == ("checksum.differs", "offsite")
    late = build.dump(0)._replace(mtime_ms=build.now_ms - 1000)  # rewritten after the transfer
    assert worst(judged(build, [late, other])) is Status.PASS


def test_nothing_to_verify_is_not_green(build):
    assert worst(judged(build, [])) is Status.UNVERIFIED
