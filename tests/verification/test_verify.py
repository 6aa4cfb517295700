import bz2
import gzip
import hashlib
import lzma
import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nexoaudit.model.copy import Assurance
from nexoaudit.model.moments import millis
from nexoaudit.model.verification import Verification
from nexoaudit.verification import verify
from nexoaudit.verification.inside import About

Check = Callable[..., Verification]
Seal = Callable[..., Path]

DATA = Path(__file__).parents[1] / "formats" / "data"
SHOP = (DATA / "shop.sql").read_bytes()
COMPLETED = datetime(2026, 11, 23, 8, 55, 17, tzinfo=UTC)
"""The time in the trailer of SHOP."""
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = 3_600_000


def ms(moment: datetime) -> int:
    return millis(moment)


POINT = ms(COMPLETED - timedelta(seconds=30))


def test_a_sound_dump(dump: Path, check: Check) -> None:
    found = check(dump)
    assert found.problems == ()
    assert found.assurance == Assurance.READABLE
    assert found.recorded == "sidecar"
    assert found.sha256 == hashlib.sha256(dump.read_bytes()).hexdigest()
    assert (found.size, found.raw_size) == (dump.stat().st_size, len(SHOP))
    assert found.mtime_ms == dump.stat().st_mtime_ns // 1_000_000
    assert found.content_ms == ms(COMPLETED)
    manifest = dict(found.manifest)
    assert manifest["engine"] == "MariaDB"
    assert manifest["database"] == "shop"
    assert [manifest[key] for key in ("tables", "views", "triggers", "routines", "events")] == [
        4, 1, 1, 2, 1,
    ]  # fmt: skip
    assert (manifest["rows"], manifest["statements"]) == (7, 3)
    assert (manifest["rows.users"], manifest["rows.empty_one"]) == (3, 0)
    assert str(manifest["position"]).startswith("mysql-bin.000001:")
    assert list(found.manifest) == sorted(found.manifest)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, bytes])
def test_every_compression_and_none(
    tmp_path: Path, compress: Callable[[bytes], bytes], check: Check, sealed: Seal
) -> None:
    found = check(sealed(tmp_path / "db.sql", compress(SHOP)))
    assert (found.problems, found.assurance) == ((), Assurance.READABLE)


def test_it_runs_in_another_process(dump: Path, check: Check) -> None:
    job = partial(
        verify,
        dump,
        About("database", POINT, "name", ZoneInfo("UTC"), NOW),
        sidecar=Path(f"{dump}.sha256"),
        expects_sidecar=True,
    )
    with ProcessPoolExecutor(1) as executor:
        assert executor.submit(job).result() == check(dump)


def test_progress_adds_up_to_the_file(dump: Path, check: Check) -> None:
    steps: list[int] = []
    check(dump, progress=steps.append)
    assert sum(steps) == dump.stat().st_size


def member(content: bytes) -> bytes:
    return gzip.compress(content)


HALF = SHOP.index(b"--\n-- Table structure for table `users`")


@pytest.mark.parametrize(
    ("data", "problem", "assurance"),
    [
        (b"", "stream.empty", Assurance.INTACT),
        (gzip.compress(b""), "stream.nothing", Assurance.INTACT),
        (gzip.compress(SHOP)[:-9], "stream.truncated", Assurance.INTACT),
        (gzip.compress(SHOP)[:-4] + b"\1\2\3\4", "stream.corrupt", Assurance.INTACT),
        (gzip.compress(SHOP) + b"junk", "stream.trailing_garbage", Assurance.READABLE),
        (gzip.compress(b"rubbish"), "dump.not_sql", Assurance.INTACT),
        (gzip.compress(SHOP[:HALF]), "dump.no_trailer", Assurance.INTACT),
        (gzip.compress(SHOP[HALF:]), "dump.no_header", Assurance.INTACT),
        (member(SHOP[:HALF]) + member(SHOP[HALF:]), "dump.broken_member", Assurance.INTACT),
        (member(SHOP) + member(SHOP), "dump.two_headers", Assurance.READABLE),
        (gzip.compress(SHOP) + bytes(512), "", Assurance.READABLE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_faults_that_a_right_sidecar_hides(
    tmp_path: Path, data: bytes, problem: str, assurance: Assurance, check: Check, sealed: Seal
) -> None:
    found = check(sealed(tmp_path / "db.sql.gz", data))
    assert found.problems == ((problem,) if problem else ())
    assert (found.recorded, found.assurance) == ("sidecar", assurance)


def test_both_faults_of_a_copy_cut_short(dump: Path, check: Check) -> None:
    dump.write_bytes(dump.read_bytes()[:-9])
    found = check(dump)
    assert found.problems == ("stream.truncated", "sidecar.mismatch")
    assert found.assurance == Assurance.PRESENT
    assert found.detail


def test_one_member_lost_whole(tmp_path: Path, check: Check, sealed: Seal) -> None:
    whole = member(SHOP[:HALF]) + member(SHOP[HALF:])
    found = check(sealed(tmp_path / "db.sql.gz", whole[: len(member(SHOP[:HALF]))]))
    assert found.problems == ("dump.no_trailer",)


def test_random_damage_is_never_sound(dump: Path, check: Check) -> None:
    whole = dump.read_bytes()
    chance = random.Random(20261123)
    for _ in range(200):
        damaged = bytearray(whole)
        if chance.random() < 0.5:
            del damaged[chance.randrange(len(whole)) :]
        else:
            bit = chance.randrange(80, len(whole) * 8)  # ten bytes of header come first
            damaged[bit // 8] ^= 1 << bit % 8
        dump.write_bytes(damaged)
        found = check(dump)
        assert "sidecar.mismatch" in found.problems
        assert found.assurance == Assurance.PRESENT
        alone = check(dump, sidecar=None, expects_sidecar=False)
        assert alone.problems, "damage unseen without sidecar"
        assert (alone.recorded, alone.assurance) == ("", Assurance.PRESENT)


def test_times_of_a_dump(dump: Path, check: Check) -> None:
    for hours, problem in (
        (0, ()),
        (-11, ()),
        (-13, ("time.content_after_name",)),
        (1, ("time.content_before_name",)),
        (28, ("time.future", "time.content_before_name")),
    ):
        assert check(dump, point_ms=POINT + hours * HOUR).problems == problem, hours
    assert check(dump, point_ms=POINT + HOUR, time_source="mtime").problems == ()
    assert check(dump, point_ms=POINT + 140_000).problems == ()


def test_a_trailer_is_in_the_zone_of_the_site(dump: Path, check: Check, sealed: Seal) -> None:
    madrid = ZoneInfo("Europe/Madrid")
    local = ms(COMPLETED.replace(tzinfo=madrid))
    assert check(dump, zone=madrid, point_ms=local).content_ms == local
    twice = SHOP.replace(b"2026-11-23  8:55:17", b"2026-10-25  2:30:00")
    sealed(dump, gzip.compress(twice))
    for hour in (0, 1):
        point = datetime(2026, 10, 25, hour, 29, tzinfo=UTC)
        found = check(dump, zone=madrid, point_ms=ms(point), now=NOW)
        assert (found.content_ms, found.problems) == (ms(point) + 60_000, ()), hour
