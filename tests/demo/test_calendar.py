"""Cron's idea of time, on ordinary days and on the two nights that are not."""

from datetime import UTC, date, datetime, time
from itertools import pairwise

import pytest

from nexoaudit.errors import DemoError
from nexoaudit_demo.calendar import calendar
from nexoaudit_demo.timetable import Job, timetable

MADRID = calendar("Europe/Madrid")
CLOCKS_BACK = date(2026, 10, 25)
CLOCKS_FORWARD = date(2026, 3, 29)


def moment(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


def test_a_job_runs_at_its_local_time() -> None:
    assert MADRID.at(date(2026, 11, 23), time(2)) == moment(2026, 11, 23, 1)
    assert MADRID.at(date(2026, 7, 1), time(2)) == moment(2026, 7, 1, 0)
    assert MADRID.stamp(moment(2026, 7, 1, 0)) == "20260701_020000"


def test_a_time_that_comes_twice_counts_once_at_its_first() -> None:
    assert MADRID.at(CLOCKS_BACK, time(2)) == moment(2026, 10, 25, 0)
    assert MADRID.at(CLOCKS_BACK, time(3)) == moment(2026, 10, 25, 2)


@pytest.mark.parametrize("minute", [0, 30, 45])
def test_a_time_that_is_skipped_counts_after_the_gap(minute: int) -> None:
    assert MADRID.at(CLOCKS_FORWARD, time(2, minute)) == moment(2026, 3, 29, 1)
    assert MADRID.stamp(MADRID.at(CLOCKS_FORWARD, time(2, minute))) == "20260329_030000"


@pytest.mark.parametrize(("day", "expected"), [(CLOCKS_BACK, 25), (CLOCKS_FORWARD, 23)])
def test_every_hour_of_the_clock_is_an_hour(day: date, expected: int) -> None:
    start = MADRID.at(day, time(0))
    end = MADRID.at(date.fromordinal(day.toordinal() + 1), time(0))
    hours = list(MADRID.hours(start, end - 1))
    assert len(hours) == expected
    assert all(later - earlier == 3600 for earlier, later in pairwise(hours))


def test_full_hours_of_a_zone_with_half_an_hour() -> None:
    kolkata = calendar("Asia/Kolkata")
    noon = moment(2026, 11, 23, 6, 30)
    assert list(kolkata.hours(noon - 10, noon + 3600)) == [noon, noon + 3600]


def test_the_night_clocks_go_back_has_one_dump_and_an_hour_more_of_binary_logs() -> None:
    runs = timetable(MADRID, date(2026, 10, 24), moment(2026, 10, 26, 8))
    dumps = [run.moment for run in runs if run.job is Job.DATABASE]
    assert [MADRID.stamp(dump) for dump in dumps] == [
        "20261024_020000",
        "20261025_020000",
        "20261026_020000",
    ]
    logs = [run for run in runs if run.job is Job.BINLOG and MADRID.day(run.moment) == CLOCKS_BACK]
    assert len(logs) == 25


def test_a_job_that_has_not_ended_is_left_out() -> None:
    def dumps(*when: int) -> int:
        runs = timetable(MADRID, date(2026, 11, 22), moment(2026, 11, 23, *when))
        return sum(run.job is Job.DATABASE for run in runs)

    assert dumps(0, 59) == dumps(1, 0, 5) == 1
    assert dumps(1, 1) == 2


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(DemoError, match="no time zone 'Mars/Olympus'"):
        calendar("Mars/Olympus")
