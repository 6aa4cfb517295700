from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit_reports.period import Month

HOUR = 3_600_000
MADRID = ZoneInfo("Europe/Madrid")


def test_a_month_is_read_and_written():
    assert Month.parse("2026-11") == Month(2026, 11)
    assert str(Month(2026, 3)) == "2026-03"


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-13", "2026-00", "2026-1", "26-11", "2026-11-01", "2026-\u0661\u0661", "x"],
)
def test_what_is_no_month_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="write it as YYYY-MM"):
        Month.parse(text)


def test_bounds_are_those_of_the_sites_own_clock():
    start, end = Month(2026, 11).bounds(MADRID)
    assert start == 1_793_487_600_000  # 2026-10-31T23:00:00Z
    assert end - start == 30 * 24 * HOUR


@pytest.mark.parametrize(("month", "hours"), [(3, 31 * 24 - 1), (10, 31 * 24 + 1)])
def test_a_month_in_which_clocks_change_is_an_hour_shorter_or_longer(month, hours):
    start, end = Month(2026, month).bounds(MADRID)
    assert end - start == hours * HOUR


@settings(database=None, deadline=None)
@given(
    st.integers(2000, 2098),
    st.integers(1, 12),
    st.sampled_from(["UTC", "Europe/Madrid", "America/Asuncion", "Pacific/Apia", "Asia/Beirut"]),
)
def test_months_follow_each_other_without_gap(year, month, name):
    zone, this = ZoneInfo(name), Month(year, month)
    assert this.bounds(zone)[1] == this.following().bounds(zone)[0]
    assert this.following().previous() == this
    assert Month.parse(str(this)) == this
