"""A job such as the guide's hourly `cp mysql-bin.*` renews the time of copies, and no more."""

import os
import tarfile
from datetime import timedelta

import pytest
from components import PLAIN

from nexoaudit.auditor.audit import Unwatched
from nexoaudit.auditor.rolling import roll
from nexoaudit.model.moments import millis
from nexoaudit.verification.sample import sample


@pytest.fixture
def archives(site):
    """Return three archives without checksum files, audited once, older than ten minutes."""
    site.config.write_text(site.config.read_text() + PLAIN)
    made = []
    for number in range(3):
        content = site.root / "large"
        content.write_bytes(os.urandom(300_000))
        path = site.root / f"local/config_{number}.tar"
        with tarfile.open(path, "w") as archive:
            archive.add(content, "large")
        site.date(path, site.now - timedelta(hours=2))
        made.append(path)
    site.audit()
    return made


def renew(site, paths, ago=timedelta(minutes=20)):
    site.now += timedelta(hours=1)
    for path in paths:
        site.date(path, site.now - ago)


def size(site):
    """Return how many entries there are, those about the live machine left out."""
    with site.session() as session:
        ledger = session.ledger
        return sum(ledger.entry(idx).kind != "live" for idx in range(ledger.size))


def overwrite(path, offset, data):
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


@pytest.mark.parametrize("minutes", [1, 20])
def test_copies_whose_time_is_renewed_each_hour_are_not_read_each_hour(site, archives, minutes):
    site.audit()
    quiet = size(site)
    grown = 0
    for _ in range(5):
        renew(site, archives, timedelta(minutes=minutes))
        outcome = site.audit()
        assert (outcome.changed, outcome.verified) == (0, 0)
        grown, quiet = size(site) - quiet, size(site)
        assert grown == 3  # two sweeps and the job
    copies = outcome.state.copies["config", "full", "local"]
    assert {copy.verified_ms > 0 for copy in copies} == {True}


def test_their_turn_comes_and_what_changed_is_found_then(site, archives):
    site.now += timedelta(days=21)
    renew(site, archives)
    overwrite(archives[1], 60_000, b"\0" * 100)  # between the blocks of the sample
    renew(site, archives)
    assert site.audit().changed == 0
    site.now += timedelta(minutes=30)
    with site.session() as session:
        until = session.clock() + timedelta(hours=1)
        assert roll(session, Unwatched(), until=until).copies == 8 + 3
        state = session.publish()
    now_ms = millis(site.now)
    read = {copy.verified_ms for copy in state.copies["config", "full", "local"]}
    assert read == {now_ms}
    assert site.audit().verified == 0


def test_a_file_of_another_size_is_read_at_once(site, archives):
    renew(site, archives[:2])
    with archives[2].open("ab") as file:
        file.write(b"\0" * 10240)
    assert site.audit().verified == 1


@pytest.mark.parametrize("offset", [0, 257, 290_000])
def test_another_file_of_the_same_size_is_read_at_once(site, archives, offset):
    overwrite(archives[0], offset, os.urandom(64))
    renew(site, archives)
    assert site.audit().verified == 1


def test_one_that_is_renewed_alone_is_read_at_once(site, archives):
    overwrite(archives[0], 60_000, b"\0" * 100)
    renew(site, archives[:1])
    assert site.audit().verified == 1


def test_a_time_that_goes_back_or_another_inode_is_read_at_once(site, archives):
    for path in archives:
        site.date(path, site.now - timedelta(days=9))
    assert site.audit().verified == 3
    for path in archives:
        path.with_suffix(".new").write_bytes(path.read_bytes())
        path.with_suffix(".new").rename(path)
    renew(site, archives)
    site.now += timedelta(minutes=10)
    assert site.audit().verified == 3


@pytest.mark.parametrize("size", [0, 1, 32_768, 100_000, 131_072])
def test_a_sample_covers_a_small_file_whole(tmp_path, size):
    path = tmp_path / "file"
    data = bytearray(os.urandom(size))
    path.write_bytes(data)
    known = sample(path)
    assert known == sample(path)
    for offset in range(0, size, 997):
        data[offset] ^= 1
        path.write_bytes(data)
        assert sample(path) != known
        data[offset] ^= 1


def test_a_sample_of_nothing_is_none(tmp_path):
    assert sample(tmp_path / "absent") == ""
