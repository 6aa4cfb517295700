from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from nexoaudit.schedule.window import opening_of, turned_back, windows

MADRID = ZoneInfo("Europe/Madrid")


def span(pair):
    return (pair[1] - pair[0]).total_seconds() / 3600


def test_a_window_of_each_day():
    start = datetime(2026, 11, 10, 12, tzinfo=MADRID)
    found = windows("02:00-04:30", MADRID, start, start + timedelta(days=1))
    assert [pair[0].astimezone(MADRID).day for pair in found] == [9, 10, 11]
    assert {span(pair) for pair in found} == {2.5}


def test_a_window_over_midnight_closes_on_the_next_day():
    start = datetime(2026, 11, 10, 12, tzinfo=MADRID)
    assert {span(pair) for pair in windows("22:00-06:00", MADRID, start, start)} == {8}


def test_nights_of_25_and_of_23_hours():
    autumn = datetime(2026, 10, 25, 12, tzinfo=MADRID)
    assert span(windows("01:00-04:00", MADRID, autumn, autumn)[-1]) == 4
    spring = datetime(2026, 3, 29, 12, tzinfo=MADRID)
    assert span(windows("01:00-04:00", MADRID, spring, spring)[-1]) == 2


def test_a_window_is_open_from_its_first_moment_and_closed_at_its_last():
    opening = datetime(2026, 11, 10, 1, tzinfo=UTC)  # 02:00 in Madrid
    assert opening_of("02:00-04:30", MADRID, opening) == opening
    assert opening_of("02:00-04:30", MADRID, opening - timedelta(seconds=1)) is None
    assert opening_of("02:00-04:30", MADRID, opening + timedelta(hours=2.5)) is None


def test_clocks_go_back_once_a_year():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    (jump,) = turned_back(MADRID, start, start + timedelta(days=365))
    assert jump == (datetime(2026, 10, 25, 1, tzinfo=UTC), timedelta(hours=1))
    assert turned_back(ZoneInfo("UTC"), start, start + timedelta(days=365)) == ()
