"""Damaged samples and any bytes at all, to every reader of a format."""

import bz2
import gzip
import hashlib
import io
import lzma
import random
import resource
import struct
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.formats import binlog, dump, names, sidecar
from nexoaudit.formats.archive import Archive
from nexoaudit.formats.gtids import MAX_TEXT, Gtids
from nexoaudit.formats.scanner import scan
from nexoaudit.formats.stream import BLOCK_SIZE, READ_SIZE, Stream
from nexoaudit.formats.tarheader import HeaderError, parse_header, parse_pax

Mutated = Callable[..., st.SearchStrategy[bytes]]
DATA = Path(__file__).parent / "data"
SHOP = (DATA / "shop.sql").read_bytes()
LOG = (DATA / "mysql-bin.000001").read_bytes()
ONE_LINE = (
    b"-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n"
    b"/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;\n"
    b"CREATE TABLE `t` (\n  `a` int\n);\n"
    b"INSERT INTO `t` (`a`) VALUES (1,'a),(b'),(2,_binary '\\\\'),(3,'it\\'s');\n"
    b"DELIMITER ;;\nCREATE PROCEDURE `p`()\nbegin end ;;\nDELIMITER ;\n"
    b"/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n-- Dump completed on 2026-11-23  8:55:17\n"
)
SIDECARS = tuple(
    line.encode()
    for line in (
        f"{'a1' * 32}  db.sql.gz\n",
        f"\\{'a1' * 32} *two\\nlines\n",
        f"SHA256 (db.sql.gz) = {'a1' * 32}\n",
    )
)


def packed(how: int) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=how) as tar:
        for name, kind in (
            ("site/", b"5"),
            ("site/" + "long/" * 40, b"0"),
            ("l", b"2"),
            ("h", b"1"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, 700 if kind == b"0" else 0
            info.linkname = "x/" * 45 if kind in b"12" else ""
            info.pax_headers = {"SCHILY.xattr.user": "ñ" * 9, "mtime": "17.25"}
            tar.addfile(info, io.BytesIO(b"y" * info.size))
    return file.getvalue()


TARS = tuple(packed(how) for how in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))


def streams() -> Iterator[bytes]:
    for compress in (partial(gzip.compress, mtime=0), bz2.compress, lzma.compress):
        member = compress(ONE_LINE)
        yield from (member, member + member, member + bytes(700) + member)
    for name in ("backports.zstd", "lz4.frame"):
        library = pytest.importorskip(name)
        yield library.compress(ONE_LINE * 3)


def blocks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def stream_ends_well(data: bytes) -> None:
    stream = Stream(io.BytesIO(data))  # type: ignore[arg-type]
    for block in stream:
        assert 0 < len(block) <= max(BLOCK_SIZE, READ_SIZE)
    assert stream.size == len(data)
    assert stream.sha256 == hashlib.sha256(data).hexdigest()
    assert stream.complete == (not set(stream.problems) - {"stream.trailing_garbage"})


def dump_ends_well(data: bytes, size: int = 4096) -> None:
    found = scan(blocks(data, size))
    wrong = dump.problems(found, (len(data) // 2, len(data)))
    assert wrong or (found.header and found.trailer)
    assert all(rows >= 0 and statements >= 0 for _, statements, rows in found.tables)


def archive_ends_well(data: bytes, size: int = 4096) -> None:
    archive = Archive(blocks(data, size))
    seen = 0
    for member in archive:
        assert member.size >= 0
        if member.size % 2:
            seen += sum(map(len, archive.content()))
    assert seen <= len(data)
    assert not archive.problems or archive.detail


def log_ends_well(data: bytes, size: int = 4096) -> None:
    found = binlog.walk(blocks(data, size))
    assert bool(found.problem) == bool(found.detail)
    assert 0 <= found.end <= len(data)
    assert max(len(found.before), len(found.after)) <= MAX_TEXT + 80


def sidecar_ends_well(data: bytes) -> None:
    answer = sidecar.digest_for(sidecar.parse(data), "db.sql.gz")
    assert len(answer.digest) in {0, 64}
    assert answer.digest or answer.problem == "sidecar.rubbish"


def headers_end_well(data: bytes) -> None:
    for parse in (parse_pax, lambda block: parse_header(block[:512].ljust(512, b"\0"))):
        try:
            parse(data)
        except HeaderError:
            continue


def lists_end_well(data: bytes) -> None:
    for take in ("mysql_list", "mariadb_list"):
        gtids: Any = Gtids()
        getattr(gtids, take)(data)
        gtids.mysql(data[3:])
        gtids.mariadb(7, data[3:])
        assert len(gtids.before) <= MAX_TEXT + 80
        assert len(gtids.after) <= MAX_TEXT + 80


MORE = settings(max_examples=max(400, settings().max_examples))

READERS: dict[str, tuple[Callable[[bytes], None], tuple[bytes, ...]]] = {
    "stream": (stream_ends_well, tuple(streams())),
    "dump": (dump_ends_well, (SHOP, ONE_LINE)),
    "archive": (archive_ends_well, TARS),
    "binlog": (log_ends_well, (LOG,)),
    "sidecar": (sidecar_ends_well, SIDECARS),
    "headers": (headers_end_well, (*TARS, b"30 mtime=1700000000.123456789\n18 size=123456789\n")),
    "gtids": (
        lists_end_well,
        (
            struct.pack("<Q16sQQQ", 1, b"s" * 16, 1, 1, 78),
            struct.pack("<IIIQIIQ", 2, 0, 1, 9, 1, 7, 1 << 40),
        ),
    ),
}


@MORE
@pytest.mark.parametrize("name", sorted(READERS))
@given(data=st.data())
def test_no_damage_and_no_bytes_stop_a_reader(mutated: Mutated, name: str, data: Any) -> None:
    ends_well, samples = READERS[name]
    ends_well(data.draw(mutated(*samples) | st.binary(max_size=1200)))


@MORE
@given(data=st.data(), size=st.integers(1, 3000))
def test_blocks_of_any_size_give_the_same_of_damaged_samples(
    mutated: Mutated, data: Any, size: int
) -> None:
    dumped = data.draw(mutated(ONE_LINE))
    assert scan(blocks(dumped, size)) == scan([dumped])
    logged = data.draw(mutated(LOG))
    assert binlog.walk(blocks(logged, size)) == binlog.walk([logged])
    packed = data.draw(mutated(TARS[2]))
    archives = [Archive(blocks(packed, size)), Archive([packed])]
    assert list(archives[0]) == list(archives[1])
    assert archives[0].problems == archives[1].problems


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            ["*", "{number}", "{time:%Y%m%d}", "{time:%Y-%m-%d_%H%M%S}", "{", "db_", "/"]
        )
    ).map("".join),
    st.text(max_size=255) | st.from_regex(r"[0-9_a-]{0,200}"),
)
def test_patterns_are_refused_or_answer_soon(text: str, name: str) -> None:
    try:
        pattern = names.compile_pattern(text)
    except ValueError:
        return
    names.matches(pattern, name, UTC)
    names.time_in_name(name, UTC)
    general = names.generalise(name)
    assert general is None or names.matches(names.compile_pattern(general), name, UTC) in {
        True,
        False,
    }


def damaged(chance: random.Random, samples: tuple[bytes, ...]) -> bytes:
    data = bytearray(chance.choice(samples))
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(data) + 1)
        word = chance.choice((b"\xff" * 4, b"\xff" * 8, b"\0" * 8, b"\x7f", chance.randbytes(3)))
        if chance.random() < 0.7:
            data[at : at + len(word)] = word
        else:
            data[at:at] = data[at // 2 : at // 2 + chance.randrange(900)]
    return bytes(data)


def fuzz_within_limits(seed: int, count: int) -> None:
    """Read `count` damaged samples with each reader, with little memory and processor time."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (400 << 20), resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CPU, (60 + count // 10, resource.RLIM_INFINITY))
    chance = random.Random(seed)
    for ends_well, samples in READERS.values():
        for _ in range(count):
            ends_well(damaged(chance, samples))


def test_memory_and_time_are_bounded_and_no_library_crashes(request: pytest.FixtureRequest) -> None:
    """In a process of its own: a crash of a decompressor would take the suite with it."""
    profile = request.config.getoption("--hypothesis-profile")
    seed, count = (random.randrange(1 << 30), 20_000) if profile == "long" else (20261123, 250)
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r});"
        f"import test_fuzz_readers; test_fuzz_readers.fuzz_within_limits({seed}, {count})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (run.returncode, run.stderr.decode()[-2000:]) == (0, ""), seed
