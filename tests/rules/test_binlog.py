"""Continuity of binary logs from the newest usable dump on: each breach, each with its twin."""

import pytest

from nexoaudit.assess import Limits, assess_components
from nexoaudit.model.binlog import LogFile, Position, log_number
from nexoaudit.model.copy import Assurance, Copy
from nexoaudit.model.policy import Component, Series
from nexoaudit.model.verdict import Status

FIRST = 100
"""Number of the log in which the dump of 02:00 was made."""


def log(build, number, **changes):
    """Return the log of one hour; that of FIRST is of 02:00 to 03:00."""
    start = build.dump(0).time_ms + (number - FIRST) * build.HOUR
    return LogFile(
        f"bin.{number:06}",
        number,
        start,
        start + build.HOUR,
        1000,
        1,
        in_use=False,
        ending="rotate",
        next_name=f"bin.{number + 1:06}",
        checksums=True,
        before=f"0-1-{number}",
        after=f"0-1-{number + 1}",
    )._replace(**changes)


def copy_of(build, file, **changes):
    copy = Copy(
        "local", "binlog", "full", file.path, file.last_ms, "content", file.end, file.last_ms,
        finished=True, seen_ms=file.last_ms, verified_ms=file.last_ms, sha256=f"{file.number:064x}",
        recorded="self", assurance=Assurance.READABLE,
    )  # fmt: skip
    return copy._replace(**changes)


@pytest.fixture
def judged(build):
    def judge(
        files,
        position="bin.000100:500",
        gtid="0-1-100",
        problems=(),
        limits=None,
        controls=("binlog",),
    ):
        copies = [build.dump(0), *(copy_of(build, file) for file in files)]
        if problems:
            copies[-1] = copies[-1]._replace(problems=problems)
        base = build.state(copies)
        series = Series("full", "bin.{number}", ("local",), 7 * 86400, sidecar=False)
        component = Component("binlog", "binlog", "0 * * * *", grace_s=1800, series=(series,))
        place, _, offset = position.rpartition(":")
        where = Position(build.dump(0).path, place, int(offset or 0), gtid)
        state = base._replace(
            policy=base.policy._replace(components=(*base.policy.components, component)),
            slots={**base.slots, "binlog": tuple(range(0, build.now_ms + build.DAY, build.HOUR))},
            logs={("binlog", "full", "local"): tuple(files)},
            positions={("database", "full", "local"): (where,)},
        )
        found = assess_components(state, build.now_ms, controls=controls, limits=limits or Limits())
        return {(verdict.status, verdict.reason) for verdict in found}, found

    return judge


def hours(build, *numbers):
    return [log(build, number) for number in numbers or range(FIRST, FIRST + 9)]


def test_an_unbroken_chain_is_proven_to_its_newest_event(build, judged):
    reasons, (verdict,) = judged(hours(build))
    assert reasons == {(Status.PASS, "binlog.proven")}
    assert verdict.facts["newest"] == build.dump(0).time_ms + 9 * build.HOUR
    assert verdict.facts["files"] == 9


def test_a_missing_log_in_the_middle_is_named(build, judged):
    numbers = [n for n in range(FIRST, FIRST + 9) if n != FIRST + 4]
    reasons, (verdict,) = judged(hours(build, *numbers))
    assert reasons == {(Status.FAIL, "binlog.gap")}
    assert verdict.facts["missing"] == f"bin.{FIRST + 4:06}"
    assert verdict.facts["newest"] == build.dump(0).time_ms + 4 * build.HOUR


def test_a_gap_before_the_dump_breaks_no_recovery(build, judged):
    files = [log(build, FIRST - 5), *hours(build)]
    assert judged(files)[0] == {(Status.PASS, "binlog.proven")}


@pytest.mark.parametrize(
    ("number", "changes", "reason"),
    [
        (FIRST + 3, {"server_id": 7}, "binlog.foreign"),
        (FIRST + 3, {"before": "0-1-999", "after": "0-1-1000"}, "binlog.transactions"),
        (FIRST + 3, {"ending": "", "after": ""}, "binlog.unclosed"),
        (FIRST + 3, {"in_use": True, "ending": "", "after": ""}, "binlog.left_open"),
        (FIRST + 8, {"ending": ""}, "binlog.unclosed"),
        (FIRST, {"end": 499}, "binlog.start_short"),
        (FIRST + 3, {"altered_ms": 5}, "binlog.altered"),
    ],
)
def test_what_does_not_continue_is_a_failure(build, judged, number, changes, reason):
    files = [file._replace(**changes) if file.number == number else file for file in hours(build)]
    assert (Status.FAIL, reason) in judged(files)[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"in_use": True, "ending": "", "next_name": "", "after": ""},  # being written when copied
        {"ending": "stop", "next_name": ""},  # a clean restart
    ],
)
def test_the_last_log_may_be_open_or_end_by_a_stop(build, judged, changes):
    *files, last = hours(build)
    assert judged([*files, last._replace(**changes)])[0] == {(Status.PASS, "binlog.proven")}


def test_a_damaged_log_ends_the_proof(build, judged):
    reasons, _ = judged(hours(build), problems=("binlog.checksum",))
    assert (Status.FAIL, "binlog.checksum") in reasons


def test_a_chain_that_begins_after_the_dump_is_no_help(build, judged):
    reasons, _ = judged(hours(build, *range(FIRST + 2, FIRST + 9)))
    assert reasons == {(Status.FAIL, "binlog.starts_late")}


def test_a_dump_without_its_position_is_not_provable(build, judged):
    assert judged(hours(build), position=":0", gtid="")[0] == {
        (Status.UNVERIFIED, "binlog.no_position")
    }


def test_logs_without_checksums_warn(build, judged):
    files = [file._replace(checksums=False) for file in hours(build)]
    assert judged(files)[0] == {(Status.WARN, "binlog.no_checksums")}


def test_limits_are_about_the_newest_event(build, judged):
    hour = Limits(warn_ms=1, fail_ms=build.DAY)
    assert judged(hours(build), limits=hour)[0] == {(Status.WARN, "binlog.over_limit")}


@pytest.mark.parametrize(
    ("path", "number"),
    [("binlog/mysql-bin.000012", 12), ("mysql-bin.000012.gz", 12), ("x.index", 0), ("bin.٣", 0)],
)
def test_the_number_of_a_log_is_in_its_name(path, number):
    assert log_number(path) == number


def test_a_proven_chain_shortens_the_exposure_and_a_broken_one_only_up_to_its_gap(build, judged):
    whole = hours(build)
    broken = [file for file in whole if file.number != FIRST + 4]
    for files, exposed in ((whole, 1), (broken, 10)):
        _, found = judged(files, controls=["exposure"])
        assert found[0].facts["exposure"] == exposed * build.HOUR
