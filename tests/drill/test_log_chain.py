"""Binary logs that do not lead on from a dump: each silent loss, before anything is replayed."""

import shutil
from collections.abc import Callable
from contextlib import suppress

import pytest
from logged import Alone, Made, logs_in

from nexoaudit.drill.logs import bring, logs_from
from nexoaudit.drill.record import Record, StoppedError
from nexoaudit.formats.binlog import Walker
from nexoaudit.formats.transactions import Transactions
from nexoaudit.model.location import Location

pytestmark = pytest.mark.mariadb


def walked(made: Made) -> Record:
    """Return what is found on the way from the dump through the logs."""
    record = Record()
    logs = logs_from(logs_in(made.folder), made.position)
    room = made.folder / "room"
    room.mkdir()
    with suppress(StoppedError):
        bring(Location("disk", str(made.folder)), logs, made.position, room / "logs", Alone(record))
    shutil.rmtree(room)
    return record


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
def test_logs_that_do_not_lead_on_are_told_before_anything_is_replayed(
    made: Made, fault: Callable[[Made], None], reason: str
) -> None:
    fault(made)
    found = walked(made)
    assert found.problems == (reason,), found.details
    assert "mysql-bin.0" in found.details[reason]


def test_a_drill_ends_with_them(made: Made) -> None:
    missing(made)
    drill = made.drill()
    assert (drill.outcome, drill.reason) == ("fail", "drill.log_missing"), drill.detail
    assert [step.outcome for step in drill.steps] == ["pass", "fail"]


def test_healthy_twins(made: Made) -> None:
    assert walked(made).problems == ()
    made.log(6).unlink()  # the one that is open was not copied
    made.log(1).unlink()  # older than the dump
    (made.folder / "mysql-bin.index").write_text("mysql-bin.000002\n")
    assert walked(made).problems == ()


@pytest.mark.parametrize("offset", [-1, 1, 40])
def test_a_position_inside_of_a_transaction_is_of_another_log(made: Made, offset: int) -> None:
    made.position = made.position._replace(offset=made.position.offset + offset)
    assert walked(made).problems == ("drill.log_foreign",)


def test_a_position_that_comes_too_late_or_early_by_a_whole_transaction(made: Made) -> None:
    offsets = list(transactions(made.log(2).read_bytes()).offset)
    at = offsets.index(made.position.offset)
    for place in (at - 1, at + 1):
        made.position = made.position._replace(offset=offsets[place])
        assert walked(made).problems == ("drill.log_foreign",)
