import os
from datetime import UTC, datetime, timedelta

import pytest

from nexoaudit.inventory.sweep import sweep
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Component, Policy, Series, Site

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def place(tmp_path):
    def write(name, content=b"x", age_minutes=60):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        moment = (NOW - timedelta(minutes=age_minutes)).timestamp()
        os.utime(path, (moment, moment))
        return path

    return write


@pytest.fixture
def look(tmp_path):
    location = Location("local", str(tmp_path))
    series = (
        Series("full", "db/x_{time:%Y%m%d_%H%M%S}.sql.gz", ("local",)),
        Series("logs", "binlog/bin.{number}", ("local",)),
        Series("elsewhere", "other/{time:%Y%m%d}.tar", ("offsite",)),
    )
    policy = Policy(
        Site("example", timezone="Europe/Madrid"),
        (location,),
        (Component("database", "database", "0 2 * * *", series=series),),
    )
    return lambda: sweep(location, policy, NOW)


def test_names_become_recovery_points_with_their_sidecars(place, look):
    place("db/x_20261120_020000.sql.gz", b"123")
    place("db/x_20261120_020000.sql.gz.sha256")
    place("binlog/bin.000001")
    place("binlog/bin.index")
    place("other/20261120.tar")
    result, (dump, log) = sorted_sightings(look())
    assert (result.outcome, result.files, result.unmatched) == ("complete", 5, 2)
    assert dump.time_ms == millis(datetime(2026, 11, 20, 1, tzinfo=UTC))
    assert (dump.time_source, dump.size, dump.sidecar) == (
        "name", 3, "db/x_20261120_020000.sql.gz.sha256",
    )  # fmt: skip
    assert (log.time_source, log.sidecar) == ("mtime", "")
    assert log.time_ms == millis(NOW - timedelta(hours=1))


def sorted_sightings(found):
    result, sightings = found
    return result, tuple(sorted(sightings, key=lambda sighting: sighting.path, reverse=True))


def test_a_file_that_still_changes_is_not_finished_until_it_rests_or_has_its_sidecar(place, look):
    for age, sidecar, finished in ((9, False, False), (11, False, True), (1, True, True)):
        place("db/x_20261120_020000.sql.gz", age_minutes=age)
        if sidecar:
            place("db/x_20261120_020000.sql.gz.sha256")
        (sighting,) = look()[1]
        assert sighting.finished is finished, (age, sidecar)


def test_a_missing_empty_or_unreadable_location_is_a_failed_sweep(place, look, tmp_path):
    assert look()[0].reason == "location.empty"
    tmp_path.rmdir()
    assert look()[0].reason == "location.missing"
    tmp_path.write_bytes(b"a file, no directory")
    assert look()[0].reason == "location.missing"
    tmp_path.unlink()
    tmp_path.mkdir()


@pytest.mark.unprivileged
def test_half_a_listing_is_no_listing(place, look, tmp_path):
    place("db/x_20261120_020000.sql.gz")
    (tmp_path / "db").chmod(0)
    try:
        result, sightings = look()
        assert (result.outcome, result.reason, sightings) == ("failed", "location.unreadable", ())
    finally:
        (tmp_path / "db").chmod(0o755)


def test_links_are_not_followed_and_loops_end(place, look, tmp_path):
    real = place("db/x_20261120_020000.sql.gz")
    (tmp_path / "db/x_20261121_020000.sql.gz").symlink_to(real)
    (tmp_path / "db/loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "db/x_20261122_020000.sql.gz")
    (sighting,) = look()[1]
    assert sighting.path == "db/x_20261120_020000.sql.gz"


def test_directories_deeper_than_any_path_hide_nothing_else(place, look, tmp_path):
    place("db/x_20261120_020000.sql.gz")
    inner = os.open(tmp_path, os.O_RDONLY)
    for _ in range(60):
        os.mkdir("d" * 100, dir_fd=inner)
        outer, inner = inner, os.open("d" * 100, os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(inner)
    result, sightings = look()
    assert (result.outcome, len(sightings)) == ("complete", 1)


def test_odd_names_are_listed(place, look):
    place(b"db/caf\xe9\n.sql".decode("utf-8", "surrogateescape"))
    place("db/x_20261120_020000.sql.gz\n")
    result, sightings = look()
    assert (result.unmatched, sightings) == (2, ())


def test_the_listing_digest_changes_with_any_file(place, look):
    path = place("db/x_20261120_020000.sql.gz")
    before = look()[0].listing_sha256
    assert look()[0].listing_sha256 == before
    path.write_bytes(b"xy")
    assert look()[0].listing_sha256 != before
