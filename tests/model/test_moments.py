"""Moments to milliseconds and back, to the last one."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.model.moments import LAST_MS, file_ms, millis, moment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MADRID = ZoneInfo("Europe/Madrid")


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_every_millisecond_comes_back(ms: int) -> None:
    assert millis(moment(ms)) == ms
    assert moment(ms) - EPOCH == timedelta(milliseconds=ms)


@given(st.integers(0, 4_000_000_000_000), st.integers(0, 999), st.integers(-14, 14))
def test_less_than_a_millisecond_is_cut_off(ms: int, more: int, hours: int) -> None:
    found = moment(ms) + timedelta(microseconds=more)
    assert millis(found.astimezone(timezone(timedelta(hours=hours)))) == ms


def test_a_float_of_seconds_would_lose_one() -> None:
    found = datetime(2004, 11, 3, 9, 37, 38, 491_000, tzinfo=UTC)
    assert int(found.timestamp() * 1000) == millis(found) - 1


def test_both_hours_of_the_night_when_clocks_go_back() -> None:
    first, second = (datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=MADRID) for fold in (0, 1))
    assert millis(second) - millis(first) == 3_600_000


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        millis(datetime(2026, 11, 20))  # noqa: DTZ001


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_file_of_any_time_has_one_that_can_be_written(nanoseconds: int) -> None:
    found = file_ms(nanoseconds)
    assert 0 <= found <= LAST_MS
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        assert moment(found).astimezone(ZoneInfo(zone)).year >= 1969
    if 0 <= nanoseconds < 10**18:
        assert found == nanoseconds // 1_000_000
