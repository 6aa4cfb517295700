from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.formats.names import compile_pattern, generalise, matches, point_time, time_in_name

FIRST, LAST = datetime(1971, 1, 1), datetime(2099, 12, 31)  # noqa: DTZ001 - names have no zone
MADRID = ZoneInfo("Europe/Madrid")
WIDE = "\uff12\uff10\uff12\uff16"  # digits, but not ASCII ones
GUIDE = "database/nexosupport_db_{time:%Y%m%d_%H%M%S}.sql.gz"


def test_a_name_gives_its_moment_in_the_sites_zone():
    pattern = compile_pattern(GUIDE)
    name = "database/nexosupport_db_20261120_020000.sql.gz"
    assert point_time(pattern, name, MADRID) == datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def test_only_whole_names_match():
    pattern = compile_pattern(GUIDE)
    name = "database/nexosupport_db_20261120_020000.sql.gz"
    assert matches(pattern, name, UTC)
    for other in (name + ".sha256", "x" + name, name + "\n", name.replace("2026", WIDE)):
        assert not matches(pattern, other, UTC)


def test_a_date_that_does_not_exist_is_no_match():
    assert not matches(
        compile_pattern(GUIDE), "database/nexosupport_db_20260231_020000.sql.gz", UTC
    )


def test_a_number_and_a_star():
    assert matches(compile_pattern("binlog/mysql-bin.{number}"), "binlog/mysql-bin.000012", UTC)
    assert not matches(compile_pattern("binlog/mysql-bin.{number}"), "binlog/mysql-bin.index", UTC)
    assert matches(compile_pattern("x/*.tar"), "x/a b.tar", UTC)
    assert not matches(compile_pattern("x/*.tar"), "x/y/z.tar", UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/abs",
        "../up",
        "a/../b",
        "{time}",
        "{time:%Y}",
        "{time:%Y%m%d%Y}",
        "{x}",
        "a{",
        "a}b",
        "{time:%Y%m%d}{time:%H}",
        "{time:%Y%m%d%}",
    ],
)
def test_a_bad_pattern_says_what_is_wrong(text):
    with pytest.raises(ValueError, match=r"\w+"):
        compile_pattern(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("site-2026-11-20.tar.gz", datetime(2026, 11, 20, tzinfo=UTC)),
        ("db_20261120_020304.sql.gz", datetime(2026, 11, 20, 2, 3, 4, tzinfo=UTC)),
        ("db-2026-11-20T02:03:04.sql", datetime(2026, 11, 20, 2, 3, 4, tzinfo=UTC)),
        ("db_2026-11-20_0203.sql", datetime(2026, 11, 20, 2, 3, tzinfo=UTC)),
        ("db_99999999_20261120.sql", datetime(2026, 11, 20, tzinfo=UTC)),
        ("mysql-bin.000012", None),
        ("db_20261399.sql", None),
        ("12345678901234", None),
    ],
)
def test_a_time_is_found_in_any_name(name, expected):
    assert time_in_name(name, UTC) == expected


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("database/nexosupport_db_20261120_020000.sql.gz", GUIDE),
        ("a/site-2026-11-20.tgz", "a/site-{time:%Y-%m-%d}.tgz"),
        ("binlog/mysql-bin.000012", "binlog/mysql-bin.{number}"),
        ("readme.txt", None),
    ],
)
def test_a_name_is_generalised_to_its_pattern(name, pattern):
    assert generalise(name) == pattern


@given(st.datetimes(FIRST, LAST), st.sampled_from("_-T"))
def test_what_generalise_makes_matches_again_and_keeps_the_time(moment, separator):
    name = f"d/x_{moment:%Y%m%d}{separator}{moment:%H%M%S}.sql"
    pattern = compile_pattern(generalise(name) or "")
    assert point_time(pattern, name, UTC) == moment.replace(microsecond=0, tzinfo=UTC)


@given(st.text())
def test_any_text_is_answered(text):
    time_in_name(text, UTC)
    generalise(text)
    matches(compile_pattern(GUIDE), text, MADRID)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("stamp", ["99991231_235959", "00010101_000000"])
def test_a_date_at_the_end_of_all_calendars_is_no_match(zone, stamp):
    name = GUIDE.replace("{time:%Y%m%d_%H%M%S}", stamp)
    assert matches(compile_pattern(GUIDE), name, ZoneInfo(zone)) in {True, False}
    time_in_name(name, ZoneInfo(zone))


@pytest.mark.parametrize("text", ["*_*_*_*", "x/*{number}*{number}.gz", "****"])
def test_a_pattern_whose_matching_would_take_long_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="at most 3"):
        compile_pattern(text)


def test_the_widest_pattern_answers_any_name() -> None:
    pattern = compile_pattern("a*/*_*_*/{number}_{time:%Y%m%d}*")
    assert not matches(pattern, "a/" + "_" * 255 + "/" + "1" * 250, UTC)
    assert matches(pattern, "a/" + "_" * 255 + "/" + "1" * 200 + "_20261123x", UTC)
