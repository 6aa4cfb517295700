"""Faults of retention and schedule leave dumps that look as if the jobs had made them so."""

import gzip
import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nexoaudit_demo import disk, retentionfaults
from nexoaudit_demo.held import Held
from nexoaudit_demo.places import Places

NEWEST = datetime(2026, 11, 23, 2)  # noqa: DTZ001 - the site's clock
MOMENT = 1_795_395_607
DAY = 86_400


@pytest.fixture
def held(tmp_path: Path) -> Held:
    places = Places(tmp_path)
    for day in range(9):
        when = NEWEST - timedelta(days=day)
        text = f"-- MariaDB dump\nrows {day}\n-- Dump completed on {when:%Y-%m-%d}  2:00:07\n"
        for root in (places.backups, places.offsite):
            path = root / "database" / f"nexosupport_db_{when:%Y%m%d_%H%M%S}.sql.gz"
            disk.put(path, gzip.compress(text.encode(), mtime=0), MOMENT - day * DAY)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            disk.put(path.with_name(f"{path.name}.sha256"), f"{digest}  {path}\n", MOMENT)
    return Held(places, MOMENT + 20_000)


def names(held: Held, root: Path) -> set[str]:
    return {path.name for path in (root / held.directory).iterdir()}


def of(when: datetime) -> str:
    return f"nexosupport_db_{when:%Y%m%d_%H%M%S}.sql.gz"


def test_the_oldest_dumps_are_gone_everywhere(held: Held) -> None:
    before = held.names()
    retentionfaults.too_early(held)
    assert held.names() == before[3:]
    assert names(held, held.places.backups) == names(held, held.places.offsite)
    assert len(names(held, held.places.backups)) == 12


def test_dumps_of_long_ago_say_so_themselves(held: Held) -> None:
    retentionfaults.too_long(held)
    for name, days in zip(held.names()[:3], (45, 44, 43), strict=True):
        when = NEWEST - timedelta(days=days)
        assert name == of(when)
        for path in held.at_all(name):
            text = gzip.decompress(path.read_bytes()).decode()
            assert text.endswith(f"-- Dump completed on {when:%Y-%m-%d}  2:00:07\n")
            assert int(path.stat().st_mtime) == MOMENT - days * DAY
            stated = path.with_name(f"{name}.sha256").read_text().split()[0]
            assert stated == hashlib.sha256(path.read_bytes()).hexdigest()


def test_checksum_files_of_long_ago_are_alone(held: Held) -> None:
    before = held.names()
    retentionfaults.orphans(held)
    assert held.names() == before
    alone = {f"{of(NEWEST - timedelta(days=days))}.sha256" for days in (45, 44, 43)}
    for root in (held.places.backups, held.places.offsite):
        assert alone <= names(held, root)


def test_the_late_dump_ended_at_twenty_to_four(held: Held) -> None:
    retentionfaults.late(held)
    assert held.newest() == of(NEWEST)
    assert held.text(held.newest()).endswith(b"-- Dump completed on 2026-11-23  3:40:00\n")
    assert int(held.local(held.newest()).stat().st_mtime) == MOMENT + 100 * 60 - 7


def test_the_second_dump_of_the_night_is_another_one(held: Held) -> None:
    retentionfaults.twice(held)
    first, second = held.names()[-2:]
    assert (first, second) == (of(NEWEST), of(NEWEST + timedelta(minutes=20)))
    assert held.text(first) != held.text(second)


def test_the_newest_dumps_hold_nothing(held: Held) -> None:
    retentionfaults.failing(held)
    empty = [name for name in held.names() if held.text(name) == b""]
    assert empty == held.names()[-4:]
