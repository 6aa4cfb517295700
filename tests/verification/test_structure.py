import gzip
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from nexoaudit.model.copy import Assurance
from nexoaudit.model.fact import Moment, Size
from nexoaudit.model.moments import millis
from nexoaudit.model.verification import Verification

Check = Callable[..., Verification]
Seal = Callable[..., Path]

DATA = Path(__file__).parents[1] / "formats" / "data"
SHOP = (DATA / "shop.sql").read_bytes()
LOG = (DATA / "mysql-bin.000001").read_bytes()
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = 3_600_000


def ms(moment: datetime) -> int:
    return millis(moment)


def tarball(*names: str, mtime: int = 1_700_000_000) -> bytes:
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.mtime, member.size = mtime, 100
            tar.addfile(member, BytesIO(bytes(100)))
    return file.getvalue()


def test_an_archive(tmp_path: Path, check: Check, sealed: Seal) -> None:
    path = sealed(tmp_path / "f.tar.gz", tarball("site/uploads/a", "site/uploads/b", "site/lib/c"))
    found = check(path, kind="uploads", point_ms=ms(NOW))
    assert (found.problems, found.assurance) == ((), Assurance.READABLE)
    assert found.content_ms == 1_700_000_000_000
    assert dict(found.manifest) == {
        "members": 3,
        "files": 3,
        "bytes": Size(300),
        "newest": Moment(1_700_000_000_000),
        "top_directory": "site",
        "top.uploads": 2,
        "top.lib": 1,
    }


@pytest.mark.parametrize("kind", ["uploads", "config", "code", "logs", "system"])
def test_faults_of_archives(tmp_path: Path, kind: str, check: Check, sealed: Seal) -> None:
    tar = gzip.decompress(tarball("a", "b"))
    for data, problem in (
        (tar[:1024], "tar.no_end"),
        (tar[:1500], "tar.truncated"),
        (bytes(10240), "tar.empty"),
        (SHOP, "tar.corrupt"),
        (tar + b"more", "tar.after_end"),
    ):
        path = sealed(tmp_path / "f.tar.gz", gzip.compress(data))
        assert check(path, kind=kind).problems == (problem,)
    assert check(sealed(tmp_path / "f.tar", tar), kind=kind).problems == ()


def test_an_archive_newer_than_its_name(tmp_path: Path, check: Check, sealed: Seal) -> None:
    path = sealed(tmp_path / "f.tar.gz", tarball("a", mtime=1_700_000_000))
    for days, problem in ((0, ()), (-2, ("time.content_after_name",)), (400, ())):
        point = 1_700_000_000_000 + days * 24 * HOUR
        assert check(path, kind="uploads", point_ms=point).problems == problem, days
    stray = sealed(tmp_path / "stray.tar.gz", tarball("a", mtime=4_000_000_000))
    assert check(stray, kind="uploads").problems == ()


def test_a_manifest_is_bounded(tmp_path: Path, check: Check, sealed: Seal) -> None:
    names = [f"{n}/file" for n in range(500)]
    found = check(sealed(tmp_path / "f.tar.gz", tarball(*names)), kind="uploads")
    assert len(found.manifest) < 250
    assert dict(found.manifest)["top.(others)"] == 300
    tables = b"".join(b"CREATE TABLE `t%d` (\n);\n" % n for n in range(2000))
    many = SHOP.replace(b"LOCK TABLES `msg` WRITE;\n", tables)
    found = check(sealed(tmp_path / "db.sql", many))
    assert found.problems == ()
    assert len(found.manifest) < 700
    assert dict(found.manifest)["rows.users"] == 3
    assert dict(found.manifest)["tables"] == 2004


def test_a_binary_log(tmp_path: Path, check: Check) -> None:
    path = tmp_path / "mysql-bin.000001"
    path.write_bytes(LOG)
    found = check(path, kind="binlog", expects_sidecar=False, time_source="mtime")
    assert (found.problems, found.recorded) == ((), "self")
    assert found.assurance == Assurance.READABLE
    assert found.content_ms == dict(found.manifest)["last"]
    for data, problem in (
        (LOG[:-5], "binlog.truncated"),
        (b"./mysql-bin.000001\n", "binlog.not_binlog"),
        (b"\xfdbin" + LOG[4:], "binlog.encrypted"),
        (LOG[:4] + LOG[300:], "binlog.corrupt"),
    ):
        path.write_bytes(data)
        found = check(path, kind="binlog", expects_sidecar=False, time_source="mtime")
        assert (found.problems, found.recorded) == ((problem,), "")
        assert found.assurance == Assurance.PRESENT
