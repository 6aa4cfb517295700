import bz2
import gzip
import hashlib
import io
import lzma
import random
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.formats.stream import BLOCK_SIZE, READ_SIZE, Stream

RAW = b"".join(b"%d,%d\n" % (n, n * n * 2654435761) for n in range(150))
CODECS = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
COMPRESS = pytest.mark.parametrize("codec", CODECS)


def read(data: bytes) -> tuple[Stream, bytes]:
    stream = Stream(io.BytesIO(data))  # type: ignore[arg-type]
    content = b"".join(stream)
    assert stream.size == len(data)
    assert stream.sha256 == hashlib.sha256(data).hexdigest()
    assert stream.raw_size == len(content)
    return stream, content


@COMPRESS
def test_whole_content_by_its_magic(codec: str) -> None:
    stream, content = read(CODECS[codec](RAW))
    assert (stream.codec, stream.complete, stream.problems) == (codec, True, ())
    assert content == RAW
    assert stream.boundaries == [len(RAW)]


def test_plain_content_passes_through() -> None:
    stream, content = read(RAW)
    assert (stream.codec, stream.complete, stream.members) == ("plain", True, 0)
    assert content == RAW


@COMPRESS
def test_every_cut_is_seen(codec: str) -> None:
    data = CODECS[codec](RAW)
    for length in range(6, len(data)):
        stream, content = read(data[:length])
        assert stream.problems == ("stream.truncated",), length
        assert not stream.complete
        assert RAW.startswith(content)


@COMPRESS
def test_a_flipped_bit_never_changes_content_in_silence(codec: str) -> None:
    data = CODECS[codec](RAW)
    for bit in random.Random(1).sample(range(len(data) * 8), 300):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        stream, content = read(bytes(damaged))
        sound = stream.complete and not stream.problems and stream.codec == codec
        assert not sound or content == RAW, bit


@COMPRESS
def test_several_members_and_where_they_end(codec: str) -> None:
    member = CODECS[codec](RAW)
    stream, content = read(member + CODECS[codec](b"") + member)
    assert stream.complete
    assert content == RAW + RAW
    assert stream.boundaries == [len(RAW), len(RAW), 2 * len(RAW)]
    assert not stream.blockwise
    assert read(member + member[:-3])[0].problems == ("stream.truncated",)


@COMPRESS
def test_what_follows_the_end(codec: str) -> None:
    data = CODECS[codec](RAW)
    padded = data + bytes(3 * READ_SIZE)
    assert read(padded)[0].problems == ()
    for garbage in (b"x", b"garbage" * READ_SIZE, data[:1]):
        stream, content = read(padded + garbage)
        assert stream.problems == ("stream.trailing_garbage",)
        assert stream.complete
        assert content == RAW


def test_no_bytes_and_nothing_inside() -> None:
    assert read(b"")[0].problems == ("stream.empty",)
    made = subprocess.run(["gzip"], input=b"", capture_output=True, check=True).stdout
    stream, _ = read(made)
    assert (stream.size, stream.problems, stream.complete) == (20, ("stream.nothing",), False)


def blocked(size: int, count: int) -> bytes:
    raw = bytes(random.Random(1).randbytes(size))
    return b"".join(gzip.compress(raw) for _ in range(count)) + gzip.compress(raw[: size // 2])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (blocked(65280, 1), True),
        (blocked(5000, 4) + gzip.compress(b""), True),
        (blocked(5000, 1), False),
        (gzip.compress(b"long" * 9) * 5 + gzip.compress(b"longer" * 9), False),
    ],
    ids=["two of bgzip", "many equal", "two", "last too long"],
)
def test_members_of_a_parallel_compressor(data: bytes, *, expected: bool) -> None:
    assert read(data)[0].blockwise is expected


def test_without_a_library_zstd_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, module, None)
    stream, content = read(b"\x28\xb5\x2f\xfd" + RAW)
    assert (stream.problems, content) == (("stream.unsupported",), b"")
    assert "backports.zstd" in stream.detail


def test_zstd_with_its_library() -> None:
    zstd = pytest.importorskip("backports.zstd")
    data = zstd.compress(RAW)
    assert read(data)[1] == RAW
    assert read(data[:-1])[0].problems == ("stream.truncated",)
    damaged = data[:20] + b"\xff" * 20 + data[40:]
    assert read(damaged)[0].problems == ("stream.corrupt",)


def test_xz_that_asks_for_4_gib_of_memory_is_refused() -> None:
    data = bytearray(lzma.compress(RAW))
    header = slice(12, 12 + (data[12] + 1) * 4)
    block = data[header]
    block[4] = 40  # the size of the dictionary, as large as it can be said
    block[-4:] = zlib.crc32(block[:-4]).to_bytes(4, "little")
    data[header] = block
    assert read(bytes(data))[0].problems == ("stream.unsupported",)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_memory_is_flat_whatever_comes_out(compress: Callable[[bytes], bytes]) -> None:
    stream = Stream(io.BytesIO(compress(bytes(64 * 1024**2))))  # type: ignore[arg-type]
    tracemalloc.start()
    largest = max(len(block) for block in stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert stream.raw_size == 64 * 1024**2
    assert largest <= BLOCK_SIZE
    assert peak < 24 * 1024**2


def test_a_bomb_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bz2.compress(bytes(16 * 1024**2))
    assert read(data)[0].complete
    monkeypatch.setattr("nexoaudit.formats.stream.BOMB_SIZE", 1024**2)
    stream, _ = read(data)
    assert (stream.problems, stream.complete) == (("stream.bomb",), False)


def test_progress_tells_each_byte_once_and_draining_reads_the_rest() -> None:
    data = gzip.compress(random.Random(2).randbytes(3 * READ_SIZE))
    steps: list[int] = []
    stream = Stream(io.BytesIO(data), steps.append)  # type: ignore[arg-type]
    next(iter(stream))
    assert 0 < sum(steps) < len(data)
    stream.drain()
    assert sum(steps) == len(data)
    assert stream.complete


@settings(max_examples=200)
@given(st.sampled_from([b"", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\x00"]), st.binary(max_size=200))
def test_any_bytes_end_well(magic: bytes, data: bytes) -> None:
    read(magic + data)
