"""Damaged copies never pass, and copies cut short are never called whole."""

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.model.copy import Assurance
from nexoaudit.model.verdict import Status
from nexoaudit.model.verification import Verification
from nexoaudit.rules.problems import severity

Check = Callable[..., Verification]
Mutated = Callable[..., st.SearchStrategy[bytes]]
MORE = settings(max_examples=max(60, settings().max_examples))

HERE = Path(__file__).parent
FORMATS = HERE.parent / "formats" / "data"
SHOP = (FORMATS / "shop.sql").read_bytes()
MYSQL = (HERE / "data" / "mysql80.sql").read_bytes()
LOG = (FORMATS / "mysql-bin.000001").read_bytes()


def packed() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in ("site/lib/config.php", "site/uploads/" + "ñ" * 60 + ".pdf"):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = 3000, 1_700_000_000.25
            tar.addfile(info, io.BytesIO(bytes(range(250)) * 12))
    return file.getvalue()


SAMPLES = {
    "sql": ("database", SHOP),
    "sql.gz": ("database", gzip.compress(SHOP, mtime=0)),
    "two members": ("database", gzip.compress(SHOP, mtime=0) + gzip.compress(b"\n", mtime=0)),
    "sql.xz": ("database", lzma.compress(MYSQL)),
    "sql.bz2": ("database", bz2.compress(MYSQL)),
    "tar": ("uploads", packed()),
    "tar.gz": ("config", gzip.compress(packed(), mtime=0)),
    "binlog": ("binlog", LOG),
}
NAMES = pytest.mark.parametrize("name", sorted(SAMPLES))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to be written anew with each example."""
    return tmp_path_factory.mktemp("fuzz") / "copy"


@pytest.fixture
def read(check: Check) -> Callable[[Path, str, bool], Verification]:
    return lambda path, kind, sealed: check(
        path,
        kind=kind,
        sidecar=Path(f"{path}.sha256") if sealed else None,
        expects_sidecar=sealed,
        time_source="mtime",
    )


def seal(copy: Path, data: bytes) -> None:
    digest = hashlib.sha256(data).hexdigest()
    Path(f"{copy}.sha256").write_text(f"{digest}  {copy.name}\n", encoding="ascii")


@NAMES
def test_the_samples_themselves_pass(copy: Path, read: Any, name: str) -> None:
    kind, data = SAMPLES[name]
    seal(copy, data)
    copy.write_bytes(data)
    assert (found := read(copy, kind, True)).problems == (), found
    assert found.assurance == Assurance.READABLE


@NAMES
def test_a_damaged_copy_never_passes_beside_its_sidecar(
    copy: Path, read: Any, mutated: Mutated, name: str
) -> None:
    kind, sample = SAMPLES[name]
    seal(copy, sample)

    @MORE
    @given(mutated(sample))
    def damaged(data: bytes) -> None:
        copy.write_bytes(data)
        found = read(copy, kind, True)
        if data == sample:
            assert found.problems == ()
            return
        assert "sidecar.mismatch" in found.problems
        assert found.assurance == Assurance.PRESENT
        assert Status.FAIL in {severity(problem) for problem in found.problems}
        assert found.recorded == ""

    damaged()


@NAMES
def test_a_copy_cut_short_is_never_whole_even_without_a_sidecar(
    copy: Path, read: Any, name: str
) -> None:
    kind, sample = SAMPLES[name]
    # Behind these, nothing is lost: padding, an empty member, the trailer's own time.
    padding = -len(sample.rstrip(b"\0")) % 512 + 512
    spare = {
        "tar": len(sample) - len(sample.rstrip(b"\0")) - padding,
        "two members": 21 + 1,
        "sql": len(b" on 2026-11-23  8:55:17\n"),
    }

    @MORE
    @given(st.integers(0, len(sample) - 1 - spare.get(name, 0)))
    def cut(length: int) -> None:
        copy.write_bytes(sample[:length])
        found = read(copy, kind, False)
        if name == "binlog" and not found.problems:
            assert dict(found.manifest)["closed"] == 0  # as a log that is still written is
            return
        assert found.problems
        assert found.assurance < Assurance.READABLE

    cut()


@NAMES
def test_a_damaged_sidecar_vouches_for_nothing_it_does_not_say(
    copy: Path, read: Any, mutated: Mutated, name: str
) -> None:
    kind, sample = SAMPLES[name]
    copy.write_bytes(sample)
    digest = hashlib.sha256(sample).hexdigest()
    good = f"{digest}  {copy.name}\n".encode()
    sidecar = Path(f"{copy}.sha256")

    @settings(max_examples=max(30, settings().max_examples // 8))
    @given(mutated(good, f"SHA256 ({copy.name}) = {digest}\n".encode()) | st.binary(max_size=200))
    def damaged(data: bytes) -> None:
        sidecar.write_bytes(data)
        found = read(copy, kind, True)
        if found.recorded == "sidecar":
            assert digest.encode() in data.lower()
        else:
            assert found.problems

    damaged()


@NAMES
def test_any_bytes_as_any_kind_end_with_a_finding(copy: Path, read: Any, name: str) -> None:
    magic = SAMPLES[name][1][: 8 if "." in name else 40]

    @MORE
    @given(st.binary(max_size=600), st.sampled_from(sorted(SAMPLES)))
    def anything(rest: bytes, other: str) -> None:
        data = magic + rest
        copy.write_bytes(data)
        found = read(copy, SAMPLES[other][0], False)
        assert found.problems or dict(found.manifest).get("closed") == 0
        assert found.sha256 == hashlib.sha256(data).hexdigest()

    anything()
