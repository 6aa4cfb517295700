"""Rows counted without parsing, against a parser that looks at every byte."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.formats.rows import RowCount

MORE = settings(max_examples=max(500, settings().max_examples))


def slow(values: bytes) -> int:
    """Count brackets outside of strings, one byte after the other."""
    rows, quoted, escaped = 0, False, False
    for byte in values:
        if escaped:
            escaped = False
        elif quoted and byte == ord("\\"):
            escaped = True
        elif byte == ord("'"):
            quoted = not quoted
        elif byte == ord("(") and not quoted:
            rows += 1
    return rows


def counted(values: bytes, cuts: list[int]) -> int:
    count = RowCount(inline=True)
    for start, end in pairwise([0, *sorted(cut % (len(values) + 1) for cut in cuts), len(values)]):
        count.feed(values, start, end)
    return count.rows


_ESCAPES = st.sampled_from([b"\\'", b"\\\\", b'\\"', b"\\n", b"\\0", b"\\Z", b"\\%", b"''"])
_PLAIN = st.binary(max_size=6).map(lambda raw: raw.replace(b"'", b"").replace(b"\\", b""))
_MARKS = st.sampled_from([b"),(", b"(", b")", b");\n", b"-- ", b"/*", b"0x28"])
_STRING = st.lists(_ESCAPES | _PLAIN | _MARKS, max_size=8).map(b"".join)
_QUOTED = st.builds(bytes.join, st.just(b""), st.tuples(st.just(b"'"), _STRING, st.just(b"'")))
_VALUE = (
    st.sampled_from([b"NULL", b"0", b"-1.5e10", b"0x28272C29", b"''", b"_binary 'x\\0'"]) | _QUOTED
)
_ROW = st.lists(_VALUE, min_size=1, max_size=5).map(lambda row: b"(" + b",".join(row) + b")")
_ROWS = st.lists(_ROW, min_size=1, max_size=20)
_CUTS = st.lists(st.integers(0, 2000), max_size=6)


@MORE
@given(_ROWS, _CUTS)
def test_every_row_is_counted_once(rows: list[bytes], cuts: list[int]) -> None:
    values = b" " + b",".join(rows)
    assert slow(values) == len(rows)
    assert counted(values, cuts) == len(rows)


@MORE
@given(_ROWS, _STRING, _CUTS)
def test_a_string_that_is_never_closed_holds_no_rows(
    rows: list[bytes], tail: bytes, cuts: list[int]
) -> None:
    values = b",".join([*rows, b"('" + tail])
    assert counted(values, cuts) == slow(values) == len(rows) + 1


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        (b"(1,'),('),(2,'')", 2),
        (b"(1,'\\\\'),(2,'\\\\\\'),(')", 2),
        (b"(1,'\\\\\\\\'),(2,'it\\'s (')", 2),
        (b"('('),('('),('(')", 3),
        (b"('''('),('('''),('''')", 3),
        (b"(_binary '\\0(\\'',0x2829),(NULL)", 2),
    ],
)
def test_rows_that_are_easily_miscounted(values: bytes, rows: int) -> None:
    for cut in range(len(values) + 1):
        assert counted(values, [cut]) == rows == slow(values)


def test_a_long_block_is_counted_as_its_pieces_are() -> None:
    tail = b"\\\\\\'(''(','('),('\\\\'),(2)"
    rows = slow(b"('" + tail)
    assert rows == 3
    for before in range(2**16 - len(tail) - 3, 2**16 + 1):
        assert counted(b"('" + b"x" * before + tail, []) == rows
