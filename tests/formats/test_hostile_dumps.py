import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.formats.dump import Dump, problems
from nexoaudit.formats.scanner import scan

SHOP = (Path(__file__).parent / "data" / "shop.sql").read_bytes()


def read(content: bytes, size: int = 1 << 18) -> Dump:
    return scan(content[start : start + size] for start in range(0, len(content), size))


def endless(start: bytes, piece: bytes, count: int) -> Iterator[bytes]:
    yield start
    for _ in range(count):
        yield piece


@pytest.mark.parametrize(
    "start",
    [
        b"-- a comment without end ",
        b"INSERT INTO `t` VALUES (1,'",
        b"INSERT INTO `t` VALUES\n(1,'",
        b"CREATE TABLE `",
        b"DELIMITER ;;\nCREATE ",
        b"CREATE DEFINER='",
        b"",
    ],
)
@pytest.mark.parametrize(
    "filling", [b"x", b" ", b"(", b"`", b"\\", b"\0", b"VALUES  ", b"*/\n/*!50013 "]
)
def test_memory_is_flat_however_long_a_line_is(start: bytes, filling: bytes) -> None:
    piece = filling * (65536 // len(filling))
    tracemalloc.start()
    dump = scan(endless(start, piece, 64))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * 1024**2
    assert problems(dump)


def test_names_are_bounded_in_number_and_length() -> None:
    tables = b"".join(b"CREATE TABLE `%d%s` (\n);\n" % (n, b"x" * 300) for n in range(10_500))
    dump = read(SHOP.replace(b"LOCK TABLES `msg` WRITE;\n", tables))
    assert dict(dump.counts)["tables"] == 10_504
    assert 10_000 <= len(dump.tables) < 10_010
    assert max(len(name) for name, _, _ in dump.tables) < 200


@settings(max_examples=300)
@given(
    st.binary(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                *SHOP.splitlines(keepends=True),
                b"DELIMITER",
                b"DELIMITER x\n",
                b";",
                b"\n",
                b"'",
                b"-- ",
            ]
        ),
        max_size=30,
    ).map(b"".join),
    st.integers(1, 50),
)
def test_any_bytes_end_well(content: bytes, size: int) -> None:
    dump = read(content, size)
    assert dump == read(content)
    assert problems(dump) or (dump.header and dump.trailer)
