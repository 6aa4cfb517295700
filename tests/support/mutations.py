"""Damaged samples, as hypothesis draws them."""

import re

from hypothesis import strategies as st

_NUMBERS = re.compile(rb"\d+")
_GIANTS = (b"0", b"-1", b"9" * 20, b"9" * 5000, b"1e999", b"18446744073709551616")
_WORDS = (
    b"\xff" * 4,
    b"\xff" * 8,
    b"\0" * 4,
    b"\xff\xff\xff\x7f",
    b"\0" * 7 + b"\x80",
    b"\n",
    b"'",
)


@st.composite
def mutations(draw: st.DrawFn, *samples: bytes) -> bytes:
    """Draw one of the samples after one to four accidents: cuts, flips, copies, giant numbers."""
    data = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from((0, 1, 2, 8, 64, 512, 10_000))))
        piece = data[start:end]
        how = draw(st.integers(0, 8))
        if how == 0:
            data = data[:start]
        elif how == 1:
            data = data[start:]
        elif how == 2:
            data = data[:start] + data[end:]
        elif how == 3:
            data = data[:end] + piece + data[end:]
        elif how == 4:
            data = (
                data[:start]
                + bytes(byte ^ 1 << start % 8 for byte in piece[:3])
                + data[start + 3 :]
            )
        elif how == 5:
            word = draw(st.sampled_from(_WORDS))
            data = data[:start] + word + data[start + len(word) :]
        elif how == 6:
            other = draw(st.sampled_from(samples))
            data = data[:start] + other[draw(st.integers(0, len(other))) :]
        elif how == 7 and (number := _NUMBERS.search(data, start)):
            giant = draw(st.sampled_from(_GIANTS))
            data = data[: number.start()] + giant + data[number.end() :]
        else:
            data = data[:start] + draw(st.binary(max_size=40)) + data[start:]
    return data
