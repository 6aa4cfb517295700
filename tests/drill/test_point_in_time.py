"""Dumps and binary logs of a real server, replayed to a moment, and what keeps them from it."""

import gzip
import shutil
import zlib

import pytest
from logged import TRANSACTIONS, Made

from nexoaudit.model.binlog import Position
from nexoaudit.model.fact import Moment, Span
from nexoaudit.wording.catalogue import catalogue
from nexoaudit.wording.sentence import drill_problem

pytestmark = pytest.mark.mariadb


@pytest.mark.everybody
def test_a_whole_chain_comes_back_to_a_moment_between_two_transactions(made: Made) -> None:
    drill = made.drill(pick=lambda count: count // 2)
    assert (drill.outcome, drill.problems, drill.detail) == ("pass", (), "")
    assert [step.name for step in drill.steps] == [
        "sandbox",
        "logs",
        "restore",
        "replay",
        "check",
        "count",
    ]
    assert (drill.kind, drill.component, drill.of) == ("point-in-time", "binlog", "database")
    found = dict(drill.measures)
    assert found["until_ms"] == Moment(made.after(13) * 1000)
    assert (found["transactions"], found["row_events"]) == (12, 24)
    assert (found["last_before"], found["first_after"]) == ("0-7-21", "0-7-22")
    assert (found["tables"], found["rows"]) == (2, 50 + 4 + 12 + 5)
    written = made.log(6).stat().st_mtime
    assert abs(found["reach_ms"] / 1000 - written) < 1
    assert found["exposed_ms"] == Span(made.after(120) * 1000 - found["reach_ms"])
    assert found["log_files"] == 5
    assert 0 < found["replayed_bytes"] < found["log_bytes"]


@pytest.mark.parametrize("number", [0, TRANSACTIONS - 2])
def test_the_first_and_the_last_boundary_hold(made: Made, number: int) -> None:
    asked = []

    def pick(count: int) -> int:
        asked.append(count)
        return number

    drill = made.drill(pick=pick)
    assert (drill.outcome, asked) == ("pass", [TRANSACTIONS - 1])
    assert dict(drill.measures)["transactions"] == number + 1


@pytest.mark.everybody
def test_to_a_moment_that_is_given(made: Made) -> None:
    for seconds, expected in ((-1, 9), (0, 9), (1, 10)):
        drill = made.drill(until_s=made.after(10) + seconds)
        assert (drill.outcome, drill.problems) == ("pass", ())
        assert dict(drill.measures)["transactions"] == expected


def test_a_moment_beyond_the_logs_is_never_reached(made: Made) -> None:
    drill = made.drill(until_s=made.after(TRANSACTIONS) + 1)
    assert (drill.outcome, drill.reason) == ("fail", "drill.until_unreached")


def test_a_moment_before_anything_happened_proves_nothing(made: Made) -> None:
    drill = made.drill(until_s=made.after(0))
    assert (drill.outcome, drill.reason) == ("unverified", "drill.no_boundary")


def test_healthy_twins_of_broken_logs(made: Made) -> None:
    made.log(6).unlink()  # the one that is open was not copied
    made.log(1).unlink()  # older than the dump
    (made.folder / "mysql-bin.index").write_text("mysql-bin.000002\n")
    assert made.drill(pick=lambda count: count - 1).outcome == "pass"
    data = made.log(5).read_bytes()
    end = data.index(b"new", len(data) // 2)
    open_log = bytearray(data[:end])
    open_log[4 + 17] |= 1  # copied while it was being written
    made.log(5).write_bytes(bytes(open_log))
    drill = made.drill(pick=lambda count: count - 1)
    assert (drill.outcome, drill.problems) == ("pass", ())


def test_a_log_that_was_packed_is_read(made: Made) -> None:
    packed = made.folder / "mysql-bin.000003.gz"
    packed.write_bytes(gzip.compress(made.log(3).read_bytes()))
    made.log(3).unlink()
    assert made.drill(pick=lambda count: count - 1).outcome == "pass"
    packed.write_bytes(packed.read_bytes()[:-1])
    assert made.drill().reason == "drill.log_broken"


def test_a_dump_without_a_position_is_not_provable(made: Made) -> None:
    made.position = Position("d.sql", "", 0, "")
    drill = made.drill()
    assert (drill.outcome, drill.reason) == ("unverified", "drill.pitr_unprovable")
    assert "--master-data=2" in drill_problem(drill.reason, catalogue("en"))


def test_without_mariadb_binlog_it_is_unverified_with_the_apt_line(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    which = shutil.which
    monkeypatch.setattr(
        shutil, "which", lambda name, **more: None if "binlog" in name else which(name, **more)
    )
    drill = made.drill()
    assert (drill.outcome, drill.reason) == ("unverified", "drill.tool_missing")
    assert "apt-get install mariadb-client" in drill.detail


def test_a_dump_that_is_not_the_one_that_was_read_has_another_position(made: Made) -> None:
    drill = made.drill(sha256="0" * 64)
    assert (drill.outcome, drill.reason) == ("unverified", "drill.other_dump")


def test_logs_of_mysql_are_of_another_engine(made: Made) -> None:
    for path in made.folder.glob("mysql-bin.*"):
        data = path.read_bytes()
        head = bytearray(data[4:256])
        head[21:71] = b"8.0.36-log".ljust(50, b"\0")
        head[17] &= 0xFE
        head[-4:] = zlib.crc32(bytes(head[:-4])).to_bytes(4, "little")
        path.write_bytes(data[:4] + bytes(head) + data[256:])
    drill = made.drill()
    assert (drill.outcome, drill.reason) == ("unverified", "drill.engine_mismatch"), drill


def test_logs_that_stopped_coming(made: Made) -> None:
    written_ms = made.log(6).stat().st_mtime_ns // 1_000_000
    assert made.drill(due_ms=written_ms).outcome == "pass"
    drill = made.drill(due_ms=written_ms + 1)
    assert (drill.outcome, drill.reason) == ("fail", "drill.logs_late")
