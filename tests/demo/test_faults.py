"""Each planted fault is what it says, where it says, and nothing else changed."""

import gzip
import hashlib
import subprocess
from collections.abc import Callable

import pytest
from broken_site import DATABASE, NEWEST, NOW, Broken, everywhere, here, with_sidecar

pytestmark = pytest.mark.mariadb


OLDEST = "nexosupport_db_20261115_020000.sql.gz"


def test_d1_is_a_gzip_of_nothing_with_its_own_digest(broken: Callable[[str], Broken]) -> None:
    site = broken("D1")
    assert site.changed == everywhere(*with_sidecar(NEWEST))
    for at in DATABASE:
        assert len(site.bytes_of(NEWEST, at)) == 20
        assert gzip.decompress(site.bytes_of(NEWEST, at)) == b""
        assert site.stated(NEWEST, at) == hashlib.sha256(site.bytes_of(NEWEST, at)).hexdigest()


def test_d2_ends_in_the_middle_of_a_statement(broken: Callable[[str], Broken]) -> None:
    site = broken("D2")
    assert site.changed == everywhere(*with_sidecar(NEWEST))
    text = gzip.decompress(site.bytes_of(NEWEST))
    assert text.startswith((b"/*", b"--"))
    assert b"Dump completed" not in text
    assert not text.endswith(b";\n")
    assert site.stated(NEWEST) == hashlib.sha256(site.bytes_of(NEWEST)).hexdigest()


def test_d3_is_cut_and_its_digest_is_of_the_whole(broken: Callable[[str], Broken]) -> None:
    site = broken("D3")
    assert site.changed == here(NEWEST)
    assert site.bytes_of(NEWEST, "offsite").startswith(site.bytes_of(NEWEST))
    with pytest.raises(EOFError):
        gzip.decompress(site.bytes_of(NEWEST))


def test_d3a_passes_gzip_and_lacks_its_end(broken: Callable[[str], Broken]) -> None:
    site = broken("D3a")
    assert site.changed == here(*with_sidecar(NEWEST))
    text = gzip.decompress(site.bytes_of(NEWEST))
    assert text.endswith(b"\n")
    assert b"Dump completed" not in text
    assert site.stated(NEWEST) != hashlib.sha256(site.bytes_of(NEWEST)).hexdigest()


def test_d3b_has_garbage_after_its_end(broken: Callable[[str], Broken]) -> None:
    site = broken("D3b")
    assert site.changed == here(NEWEST)
    assert site.bytes_of(NEWEST).startswith(site.bytes_of(NEWEST, "offsite"))


def test_d5_differs_in_one_bit(broken: Callable[[str], Broken]) -> None:
    site = broken("D5")
    assert site.changed == here(NEWEST)
    pairs = zip(site.bytes_of(NEWEST), site.bytes_of(NEWEST, "offsite"), strict=True)
    assert sum((one ^ other).bit_count() for one, other in pairs) == 1


def test_d5a_damages_the_sidecar_alone(broken: Callable[[str], Broken]) -> None:
    site = broken("D5a")
    assert site.changed == here(NEWEST + ".sha256")
    pairs = zip(site.stated(NEWEST), site.stated(NEWEST, "offsite"), strict=True)
    assert sum(one != other for one, other in pairs) == 1


def test_d6_satisfies_sha256sum_with_a_damaged_copy(broken: Callable[[str], Broken]) -> None:
    site = broken("D6")
    spool = f"var/spool/nexosupport/{NEWEST}"
    assert site.changed == here(*with_sidecar(NEWEST)) | {spool}
    local = site.root / DATABASE["local"]
    checked = subprocess.run(
        ["sha256sum", "-c", f"{NEWEST}.sha256"], cwd=local, capture_output=True, check=False
    )
    assert checked.returncode == 0
    assert site.stated(NEWEST) != hashlib.sha256(site.bytes_of(NEWEST)).hexdigest()


def test_d6a_takes_the_sidecar_away(broken: Callable[[str], Broken]) -> None:
    site = broken("D6a")
    assert site.changed == here(NEWEST + ".sha256")
    assert NEWEST + ".sha256" in site.said


def test_d6b_gives_it_the_sidecar_of_the_day_before(broken: Callable[[str], Broken]) -> None:
    site = broken("D6b")
    assert site.changed == here(NEWEST + ".sha256")
    assert site.stated(NEWEST) == site.stated("nexosupport_db_20261122_020000.sql.gz")


def test_d12_repeats_one_dump_for_three_days(broken: Callable[[str], Broken]) -> None:
    site = broken("D12")
    days = [f"nexosupport_db_202611{day}_020000.sql.gz" for day in (20, 21, 22, 23)]
    assert site.changed == everywhere(*(name for day in days[1:] for name in with_sidecar(day)))
    for at in DATABASE:
        assert len({site.bytes_of(day, at) for day in days}) == 1
        assert len({site.stated(day, at) for day in days}) == 1


def test_d13_is_an_old_dump_with_a_fresh_date(broken: Callable[[str], Broken]) -> None:
    site = broken("D13")
    assert site.changed == everywhere(*with_sidecar(NEWEST))
    assert site.bytes_of(NEWEST) == site.bytes_of(OLDEST)
    made = (site.root / DATABASE["local"] / NEWEST).stat().st_mtime
    assert NOW.timestamp() - made < 86400
