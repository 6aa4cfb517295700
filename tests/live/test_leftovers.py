from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from nexoaudit.live.leftovers import leftovers

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FILES = "files/site_files_{time:%Y%m%d_%H%M%S}.tar.gz"
DUMPS = "database/site_db_{time:%Y%m%d_%H%M%S}.sql.gz"
LOGS = "binlog/mysql-bin.{number}"


@pytest.fixture
def left(tmp_path):
    """Make the named files and directories (a slash at the end) and return what is left over."""

    def find(*names, patterns=(FILES, DUMPS, LOGS), now=NOW):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir() if name.endswith("/") else path.write_bytes(b"x")
        return leftovers(tmp_path, patterns, ZoneInfo("UTC"), now)

    return find


def test_the_tree_of_a_job_that_died_is_left_over(left):
    assert left("files/site_files_20261118_023000/", "files/site_files_20261117_023000.tmp/") == (
        "files/site_files_20261117_023000.tmp",
        "files/site_files_20261118_023000",
    )


@pytest.mark.parametrize(
    "name",
    [
        "database/site_db_20261118_020000.sql.gz.tmp",
        "database/site_db_20261118_020000.sql",
        "files/site_files_20261118_023000.tar",
        "files/.site_files_20261118_023000.tar.gz.Ab3_x9",
    ],
)
def test_an_unfinished_file_is_left_over(left, name):
    assert left(name) == (name,)


@pytest.mark.parametrize(
    "name",
    [
        "files/site_files_20261118_023000.tar.gz",  # the point itself
        "files/site_files_20261118_023000.tar.gz.sha256",
        "database/site_db_20261118_020000.sql.gz.gpg",  # finished, and somebody's own
        "files/site_files_20261120_023000/",  # a job may be at work on it
        "files/site_files_20261399_023000/",  # no such day
        "files/lost+found/",
        "files/.site_files_20261118_023000.tar.gz.long_ending",
        "incremental/current/",
        "binlog/mysql-bin.index",
        "notes/site_files_20261118_023000/",
    ],
)
def test_anything_else_is_not(left, name):
    assert left(name) == ()


def test_a_series_of_trees_is_no_leftover_of_another_one(left):
    trees = "files/site_files_{time:%Y%m%d_%H%M%S}"
    name = "files/site_files_20261118_023000/"
    assert left(name, patterns=(FILES, trees)) == ()


def test_a_location_of_one_directory_and_a_link_are_understood(left, tmp_path):
    pattern = "db_{time:%Y%m%d}.sql.gz"
    (tmp_path / "db_20261117").symlink_to(tmp_path)
    assert left("db_20261118/", patterns=(pattern,)) == ("db_20261118",)


def test_names_in_the_zone_of_the_site_are_a_day_old_by_its_clock(tmp_path):
    (tmp_path / "db_20261119_130000").mkdir()
    pattern = "db_{time:%Y%m%d_%H%M%S}.sql.gz"
    assert leftovers(tmp_path, (pattern,), ZoneInfo("UTC"), NOW) == ()
    east = leftovers(tmp_path, (pattern,), ZoneInfo("Europe/Madrid"), NOW.replace(minute=1))
    assert east == ("db_20261119_130000",)


def test_a_location_that_cannot_be_listed_has_none(tmp_path):
    assert leftovers(tmp_path / "gone", (DUMPS,), ZoneInfo("UTC"), NOW) == ()
