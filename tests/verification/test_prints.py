import hashlib
import random
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import storelike
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.model.prints import PART_BYTES, PartSums, Prints
from nexoaudit.model.verification import Verification
from nexoaudit.verification.prints import Printer, reread

LONG = random.Random(8).randbytes(2 * PART_BYTES + 12345)


def printed(data: bytes, step: int = 1 << 20) -> Prints:
    printer = Printer()
    for at in range(0, len(data), step):
        printer.update(data[at : at + step])
    return printer.prints()


@pytest.mark.parametrize("size", [0, 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, len(LONG)])
@pytest.mark.parametrize("step", [100_003, 1 << 24])
def test_prints_are_what_others_compute(size: int, step: int) -> None:
    data = LONG[:size]
    found = printed(data, step)._asdict()
    assert found.pop("size") == size
    for name, digest in storelike.ALGORITHMS.items():
        assert found.pop(name) == digest(data).hex()
        if name != "crc64nvme":
            parts = storelike.cut(data, PART_BYTES) if size > PART_BYTES else []
            assert found.pop(f"part_{name}") == b"".join(map(digest, parts)).hex()
    assert not found


@given(
    data=st.binary(max_size=300),
    cuts=st.lists(st.integers(0, 300), max_size=6),
    sizes=st.lists(st.integers(0, 120), max_size=5),
)
def test_any_blocks_and_any_parts(data: bytes, cuts: list[int], sizes: list[int]) -> None:
    printer = Printer(sizes)
    edges = [0, *sorted(min(at, len(data)) for at in cuts), len(data)]
    for start, end in pairwise(edges):
        printer.update(data[start:end])
    assert printer.hexdigest() == hashlib.sha256(data).hexdigest()
    parts, at = [], 0
    for size in filter(None, sizes):
        if at < len(data):
            parts.append(data[at : at + size])
        at += size
    sums = printer.sums()
    assert sums.part_md5 == "".join(hashlib.md5(part).hexdigest() for part in parts)
    assert sums.part_crc32 == b"".join(map(storelike.ALGORITHMS["crc32"], parts)).hex()


@settings(max_examples=10)
@given(size=st.integers(0, len(LONG)))
def test_a_second_read_gives_the_same_parts(
    tmp_path_factory: pytest.TempPathFactory, size: int
) -> None:
    path = tmp_path_factory.mktemp("again") / "file"
    path.write_bytes(LONG[:size])
    sizes = [len(part) for part in storelike.cut(LONG[:size], PART_BYTES)]
    advanced: list[int] = []
    sums = reread(path, sizes, drop_cache=True, progress=advanced.append)
    found = printed(LONG[:size])
    assert sum(advanced) == size
    assert sums.sha256 == found.sha256
    if size > PART_BYTES:
        assert (sums.part_md5, sums.part_crc32c) == (found.part_md5, found.part_crc32c)


def test_what_cannot_be_read_again_has_no_sums(tmp_path: Path) -> None:
    assert reread(tmp_path / "gone", [1]) == PartSums()
    assert reread(tmp_path, [1]) == PartSums()


def test_without_awscrt_two_kinds_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "awscrt.checksums", None)
    found = printed(LONG)
    assert (found.crc32c, found.crc64nvme, found.part_crc32c) == ("", "", "")
    assert found.crc32 == storelike.full(LONG, "crc32")


def test_memory_is_56_bytes_for_each_part() -> None:
    found = printed(LONG)
    digits = sum(
        len(getattr(found, f"part_{name}")) for name in ("md5", "sha256", "crc32", "crc32c")
    )
    assert digits == 3 * 56 * 2


def test_one_read_verifies_and_prints(dump: Path, check: Callable[..., Verification]) -> None:
    found = check(dump, prints=True)
    assert found.prints == printed(dump.read_bytes())
    assert found.sha256 == found.prints.sha256
    assert found._replace(prints=None) == check(dump)


def test_prints_are_of_the_file_to_its_last_byte_whatever_is_wrong(
    dump: Path, check: Callable[..., Verification]
) -> None:
    dump.write_bytes(dump.read_bytes()[:-9] + b"\x1f\x8b" + bytes(300_000))
    found = check(dump, prints=True)
    assert found.problems
    assert found.prints == printed(dump.read_bytes())
