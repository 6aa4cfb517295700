"""Dumps and binary logs of real servers, replayed to a moment: whole ones, and each silent loss."""

import gzip
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from logged import live, logs_in, position_of, start_of

from nexoaudit import process
from nexoaudit.drill import box
from nexoaudit.drill.point_in_time import Wish, drill_point_in_time
from nexoaudit.drill.terms import Terms
from nexoaudit.formats.binlog import Walker
from nexoaudit.formats.transactions import Transactions
from nexoaudit.model.binlog import Position
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Moment, Span
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Expect
from nexoaudit.wording.catalogue import catalogue
from nexoaudit.wording.sentence import drill_problem

pytestmark = pytest.mark.mariadb

EXPECT = Expect(tables=("users", "hits"), min_rows=(("users", 50),))
TRANSACTIONS = 24
"""After the dump: two in its own log, six in each of three more, four in the one that is open."""


class Made:
    """A dump in the midst of logs, and how to drill a damaged copy of them."""

    def __init__(self, folder: Path, parent: Path, source: Path, position: Position) -> None:
        self.folder = folder
        self._parent = parent
        shutil.copytree(source, folder)
        self.dump = folder / "d.sql"
        self.position = position
        self.begin = datetime.fromtimestamp(float((source / "begin").read_text()), UTC)

    def log(self, number: int) -> Path:
        return self.folder / f"mysql-bin.{number:06}"

    def drill(
        self,
        at: Position | None = None,
        sha256: str = "",
        rto_s: int = 3600,
        **wish: Any,
    ) -> Drill:
        found = drill_point_in_time(
            start_of(self.dump, at or self.position, sha256),
            Location("disk", str(self.folder)),
            logs_in(self.folder),
            Terms(EXPECT, rto_s),
            component="binlog",
            wish=Wish(**wish),
            now=self.begin + timedelta(hours=2),
            parent=self._parent,
        )
        assert list(self._parent.iterdir()) == []
        return found

    def after(self, minutes: int) -> int:
        """Return the second of a transaction after the dump, counted from 1."""
        return round((self.begin + timedelta(minutes=minutes)).timestamp())


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump of the second log of a real server, and all of its logs."""
    folder = tmp_path_factory.mktemp("source") / "made"
    with live() as site:
        site.traffic(2)
        site.flush()
        site.traffic(2)
        dump, begin = site.dump("--master-data=2", "shop"), site.moment
        for count in (2, 6, 6, 6):
            site.traffic(count)
            site.flush()
        site.traffic(4)
        site.copy_logs(folder)
    (folder / "d.sql").write_bytes(dump)
    (folder / "begin").write_text(str(begin.timestamp()))
    return folder


@pytest.fixture
def made(source: Path, tmp_path: Path, short: Path) -> Made:
    return Made(tmp_path / "made", short, source, position_of((source / "d.sql").read_bytes()))


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


def transactions(data: bytes) -> Transactions:
    found = Transactions()
    Walker(found.watch).feed(data)
    found.end_log()
    return found


def missing(made: Made) -> None:
    made.log(4).unlink()


def missing_first(made: Made) -> None:
    made.log(2).unlink()


def all_missing(made: Made) -> None:
    for path in made.folder.glob("mysql-bin.*"):
        path.unlink()


def cut_in_an_event(made: Made) -> None:
    data = made.log(4).read_bytes()
    made.log(4).write_bytes(data[: len(data) // 2])


def cut_between_events(made: Made) -> None:
    data = made.log(4).read_bytes()
    made.log(4).write_bytes(data[: transactions(data).end[3]])


def last_cut_between_events(made: Made) -> None:
    made.log(6).unlink()
    data = made.log(5).read_bytes()
    made.log(5).write_bytes(data[: data.rindex(b"mysql-bin.000006") - 19 - 8])


def cut_before_the_position(made: Made) -> None:
    for number in (3, 4, 5, 6):
        made.log(number).unlink()
    data = made.log(2).read_bytes()
    made.log(2).write_bytes(data[:400])


def flipped(made: Made) -> None:
    data = bytearray(made.log(4).read_bytes())
    data[data.index(b"new", len(data) // 2)] ^= 1
    made.log(4).write_bytes(bytes(data))


def of_another_life(made: Made) -> None:
    shutil.copy(made.log(1), made.log(4))


def swapped(made: Made) -> None:
    third, fourth = made.log(3).read_bytes(), made.log(4).read_bytes()
    made.log(3).write_bytes(fourth)
    made.log(4).write_bytes(third)


def twice(made: Made) -> None:
    shutil.copy(made.log(3), made.log(4))


def first_of_another_life(made: Made) -> None:
    shutil.copy(made.log(1), made.log(2))
    for number in (3, 4, 5, 6):
        made.log(number).unlink()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (missing, "drill.log_missing"),  # B1
        (missing_first, "drill.log_missing"),  # B5
        (all_missing, "drill.log_missing"),  # B5
        (cut_in_an_event, "drill.log_broken"),  # B2
        (cut_between_events, "drill.log_broken"),
        (last_cut_between_events, "drill.log_broken"),
        (cut_before_the_position, "drill.log_broken"),
        (flipped, "drill.log_broken"),  # B3
        (of_another_life, "drill.log_foreign"),  # B4
        (first_of_another_life, "drill.log_foreign"),
        (swapped, "drill.log_foreign"),
        (twice, "drill.log_foreign"),
    ],
)
def test_logs_that_do_not_lead_on_fail_before_anything_is_replayed(
    made: Made, fault: Callable[[Made], None], reason: str
) -> None:
    fault(made)
    drill = made.drill()
    assert (drill.outcome, drill.reason) == ("fail", reason), drill.detail
    assert [step.outcome for step in drill.steps] == ["pass", "fail"]
    assert "mysql-bin.0" in drill.detail


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


@pytest.mark.parametrize("offset", [-1, 1, 40])
def test_a_position_inside_of_a_transaction_is_of_another_log(made: Made, offset: int) -> None:
    made.position = made.position._replace(offset=made.position.offset + offset)
    assert made.drill().reason == "drill.log_foreign"


def test_a_position_that_comes_too_late_or_early_by_a_whole_transaction(made: Made) -> None:
    offsets = list(transactions(made.log(2).read_bytes()).offset)
    for place in (offsets.index(made.position.offset) + step for step in (-1, 1)):
        at = made.position._replace(offset=offsets[place])
        drill = made.drill(at=at)
        assert drill.reason == "drill.log_foreign", drill


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Return what puts a program in the place of mariadb-binlog; `real` is the true one."""
    real = process.find("mariadb-binlog", "mariadb-client")
    folder = Path(tempfile.mkdtemp(prefix="nx"))
    folder.chmod(0o755)

    def put(body: str) -> None:
        path = folder / "mariadb-binlog"
        path.write_text(f"#!/bin/bash\nreal={real}\n{body}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    yield put
    shutil.rmtree(folder)


UNTIL = "${@/--stop-position=*/--stop-position=%s}"
WITHOUT_A_LOG = 'for a; do shift; [[ $a == */000004 ]] || set -- "$@" "$a"; done; exec $real "$@"'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('exec $real "$@"', ""),
        ("exit 0", "drill.replay_nothing"),
        (f'exec $real "{UNTIL % 999_999}"', "drill.replay_beyond"),
        (f'exec $real "{UNTIL % 5}"', "drill.replay_short"),
        (WITHOUT_A_LOG, "drill.replay_short"),
        ('$real "$@"; exec $real "$@"', "drill.replay_failed"),
        ('exec $real "$@" | grep -v "^BINLOG"', "drill.replay_failed"),
        ("""exec $real "$@" | sed "/^BINLOG/,/^'/d" """, "drill.replay_short"),
        ('$real "$@"; echo it broke >&2; exit 1', "drill.replay_failed"),
        ('TZ=Asia/Tokyo exec $real "$@"', ""),
    ],
)
def test_a_replay_that_is_not_what_was_asked_for(
    made: Made, instead: Callable[[str], None], body: str, reason: str
) -> None:
    instead(body)
    drill = made.drill(pick=lambda count: count - 3)
    assert (drill.outcome, drill.reason) == ("fail" if reason else "pass", reason), drill.detail


def test_a_reader_that_hangs_is_stopped(
    made: Made, instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "LEAST_DEADLINE_S", 2.0)
    instead("exec sleep 4321")
    drill = made.drill(rto_s=0)
    assert (drill.outcome, drill.reason) == ("fail", "drill.rto_exceeded")
    assert not running(b"4321")


def running(word: bytes) -> bool:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(path.read_bytes())
    return any(word in line.split(b"\0") for line in found)


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
