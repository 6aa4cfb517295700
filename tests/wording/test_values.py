from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.model.fact import Moment, Size, Span
from nexoaudit.wording.values import write_fact, write_size, write_span


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 s"), (40, "0 s"), (4_200, "4.2 s"), (59_900, "59.9 s"), (60_000, "1m"),
        (1_570_000, "26m 10s"), (3_600_000, "1h"), (90_000_000, "25h"), (95_400_000, "26h 30m"),
        (172_800_000, "2d"), (277_200_000, "3d 5h"), (-90_000, "-1m 30s"),
    ],
)  # fmt: skip
def test_durations_as_people_say_them(ms, text):
    assert write_span(ms) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1_250_000, "1.25 MB"), (51_200_000, "51.2 MB"),
     (999_999, "1 MB"), (4 * 10**15, "4 PB"), (-5, "-5 B")],
)  # fmt: skip
def test_sizes_in_powers_of_1000(size, text):
    assert write_size(size) == text


def test_a_fact_is_written_by_its_unit():
    madrid = ZoneInfo("Europe/Madrid")
    assert write_fact(Moment(1_795_136_400_000), madrid) == "2026-11-20 02:00"
    assert write_fact(Moment(0), madrid) == "never"
    assert write_fact(Span(3_600_000)) == "1h"
    assert write_fact(Size(1000)) == "1 kB"
    assert write_fact(1234567) == "1,234,567"
    assert write_fact("text") == "text"


@given(st.integers(-(10**15), 10**15))
def test_any_duration_and_size_is_short(number):
    assert 2 <= len(write_span(number)) < 24
    assert 2 < len(write_size(number)) < 24
