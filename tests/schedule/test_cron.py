from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.schedule.cron import is_cron, last_slot, slots, slots_around

MADRID = ZoneInfo("Europe/Madrid")
KOLKATA = ZoneInfo("Asia/Kolkata")


def walls(expression, zone, start, end):
    return [f"{s.astimezone(zone):%d %H:%M}" for s in slots(expression, zone, start, end)]


def test_a_daily_slot_per_day():
    start = datetime(2026, 11, 1, tzinfo=MADRID)
    assert walls("0 2 * * *", MADRID, start, start + timedelta(days=3)) == [
        "01 02:00", "02 02:00", "03 02:00",
    ]  # fmt: skip


def test_the_interval_is_open_at_its_start_and_closed_at_its_end():
    slot = datetime(2026, 11, 2, 2, tzinfo=UTC)
    utc = ZoneInfo("UTC")
    assert slots("0 2 * * *", utc, slot, slot + timedelta(days=1)) == (slot + timedelta(days=1),)
    assert slots("0 2 * * *", utc, slot - timedelta(seconds=1), slot) == (slot,)


def test_the_night_when_clocks_go_back_has_one_slot_of_a_fixed_time():
    start = datetime(2026, 10, 24, 12, tzinfo=MADRID)
    for minute in (0, 30):
        found = slots(f"{minute} 2 * * *", MADRID, start, start + timedelta(days=1))
        assert found == (datetime(2026, 10, 25, 0, minute, tzinfo=UTC),)


def test_an_hourly_job_repeats_on_that_night_and_skips_on_the_other():
    back = datetime(2026, 10, 25, tzinfo=MADRID)
    assert len(slots("0 * * * *", MADRID, back, datetime(2026, 10, 26, tzinfo=MADRID))) == 25
    forward = datetime(2026, 3, 29, tzinfo=MADRID)
    assert len(slots("0 * * * *", MADRID, forward, datetime(2026, 3, 30, tzinfo=MADRID))) == 23


def test_a_time_that_the_clocks_jump_over_runs_at_the_jump():
    start = datetime(2026, 3, 28, 12, tzinfo=MADRID)
    (slot,) = slots("30 2 * * *", MADRID, start, start + timedelta(hours=20))
    assert slot == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_hours_of_a_zone_with_a_half_hour_offset():
    start = datetime(2026, 11, 1, tzinfo=KOLKATA)
    found = walls("15 * * * *", KOLKATA, start, start + timedelta(hours=3))
    assert found == ["01 00:15", "01 01:15", "01 02:15"]


def test_every_second_hour_and_every_quarter():
    start = datetime(2026, 11, 1, tzinfo=MADRID)
    day = start + timedelta(days=1)
    assert len(slots("0 */2 * * *", MADRID, start, day)) == 12
    assert len(slots("*/15 * * * *", MADRID, start, day)) == 96


def test_a_weekly_and_a_monthly_job():
    start = datetime(2026, 11, 1, 12, tzinfo=MADRID)
    end = start + timedelta(days=31)
    assert walls("30 3 * * 0", MADRID, start, end) == [
        "08 03:30", "15 03:30", "22 03:30", "29 03:30",
    ]  # fmt: skip
    assert walls("0 3 1 * *", MADRID, start, end) == ["01 03:00"]


def test_a_date_that_never_comes_has_no_slot():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert slots("0 0 30 2 *", ZoneInfo("UTC"), start, start + timedelta(days=30)) == ()
    assert last_slot("0 0 30 2 *", ZoneInfo("UTC"), start) is None


def test_at_least_two_slots_lie_ahead_however_rare_they_are():
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for expression in ("*/5 * * * *", "0 2 * * *", "0 5 * * 0", "0 3 1 * *", "0 0 1 1 *"):
        found = slots_around(expression, ZoneInfo("UTC"), now, timedelta(days=40))
        assert len([slot for slot in found if slot > now]) >= 2


@pytest.mark.parametrize(
    ("text", "good"),
    [("0 2 * * *", True), ("*/5 * * * *", True), ("@daily", False), ("0 2 * *", False),
     ("61 2 * * *", False), ("", False), ("0 0 2 * * *", False)],
)  # fmt: skip
def test_what_is_a_cron_expression(text, good):
    assert is_cron(text) is good


@given(
    st.integers(0, 59), st.integers(0, 23), st.integers(0, 3650), st.sampled_from([MADRID, KOLKATA])
)
def test_a_daily_job_has_one_slot_per_local_day(minute, hour, day, zone):
    start = datetime(2024, 1, 1, tzinfo=zone) + timedelta(days=day)
    end = (start + timedelta(days=1)).replace(tzinfo=zone)
    assert (
        len(
            slots(
                f"{minute} {hour} * * *",
                zone,
                start - timedelta(seconds=1),
                end - timedelta(seconds=1),
            )
        )
        == 1
    )


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - the zone is UTC's
    st.integers(0, 80),
    st.integers(0, 59),
    st.sampled_from([MADRID, KOLKATA, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]),
)
def test_an_hourly_job_runs_at_every_moment_whose_wall_clock_says_so(start, hours, minute, zone):
    after = start.replace(microsecond=0, tzinfo=UTC)
    until = after + timedelta(hours=hours)
    minutes = (after.replace(second=0) + timedelta(minutes=n) for n in range(hours * 60 + 2))
    expected = tuple(
        m for m in minutes if after < m <= until and m.astimezone(zone).minute == minute
    )
    assert slots(f"{minute} * * * *", zone, after, until) == expected
