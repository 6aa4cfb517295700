import json
import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.inventory.sweep import sweep
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Component, Policy, Series, Site
from nexoaudit.model.sighting import Sweep
from nexoaudit.state.sweeps import decode_sweep, encode_sweep

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def strays(tmp_path):
    """Return what a sweep says lies beside the copies, after files of such names were made."""
    location = Location("local", str(tmp_path))
    series = (
        Series("full", "db/site_db_{time:%Y%m%d_%H%M%S}.sql.gz", ("local",)),
        Series("logs", "binlog/mysql-bin.{number}", ("local",)),
        Series("short", "db/x{number}", ("local",)),
    )
    component = Component("database", "database", "0 2 * * *", series=series)
    policy = Policy(Site("example"), (location,), (component,))

    def look(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))
        return sweep(location, policy, NOW)[0]

    return look


def ms(*day):
    return millis(datetime(*day, tzinfo=UTC))


def test_a_checksum_file_whose_file_is_gone_is_an_orphan_of_that_files_time(strays):
    name = "db/site_db_{}_020000.sql.gz.sha256"
    (found,) = strays(name.format("20261003"), name.format("20261001")).strays
    assert (found.kind, found.component, found.series) == ("orphan", "database", "full")
    assert (found.files, found.oldest_ms) == (2, ms(2026, 10, 1, 2))
    assert found.names[0] == name.format("20261001")


def test_a_checksum_file_beside_its_file_is_none(strays):
    name = "db/site_db_20261001_020000.sql.gz"
    assert strays(name, f"{name}.sha256").strays == ()


def test_a_name_that_begins_like_a_copys_is_a_stray(strays):
    (dump, log) = strays(
        "db/site_db_20261001_020000.sql.gz.old",
        "db/site_db_before_restore.sql.gz",
        "binlog/mysql-bin.index",
        "binlog/README",
        "db/notes.txt",
        "db/x-ray.txt",
        "db/deeper/site_db_20261001_020000.sql.gz",
    ).strays
    assert (dump.kind, dump.files, dump.oldest_ms) == ("stray", 2, ms(2026, 10, 1, 2))
    assert (log.series, log.names, log.oldest_ms) == (
        "logs",
        ("binlog/mysql-bin.index",),
        ms(2026, 11, 20, 12),
    )


def test_names_are_bounded_and_the_count_is_not(strays):
    result = strays(*(f"db/site_db_20261001_0200{n:02}.sql.gz.old" for n in range(30)))
    (found,) = result.strays
    assert (found.files, len(found.names)) == (30, 5)
    assert (result.unmatched, len(result.others)) == (30, 5)


@given(st.text(max_size=20), st.integers(0, 2**50))
def test_a_sweep_survives_json_and_older_ledgers(name, number):
    plain = Sweep("local", 5, "complete", files=3)
    assert decode_sweep({"location": "local", "finished_ms": 5, "outcome": "complete"}).files == 0
    for sweep_ in (plain, plain._replace(others=(name,), unmatched=number)):
        assert decode_sweep(json.loads(json.dumps(encode_sweep(sweep_)))) == sweep_
