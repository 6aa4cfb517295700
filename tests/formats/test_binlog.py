import random
import struct
import zlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.formats.binlog import walk
from nexoaudit.formats.binlogfacts import Binlog

LOG = (Path(__file__).parent / "data" / "mysql-bin.000001").read_bytes()
"""Written by MariaDB 10.11.19 (server id 7) and closed by FLUSH BINARY LOGS."""


def read(data: bytes, size: int = 65536) -> Binlog:
    return walk(data[start : start + size] for start in range(0, len(data), size))


def edges() -> list[int]:
    """Return where events end, the format description's first."""
    found, position = [], 4
    while position < len(LOG):
        position += struct.unpack_from("<I", LOG, position + 9)[0]
        found.append(position)
    return found


def test_a_closed_log_of_a_real_server() -> None:
    found = read(LOG)
    assert (found.problem, found.detail) == ("", "")
    assert (found.server_id, found.server) == (7, "10.11.19-MariaDB-0+deb12u1-log")
    assert found.events == len(edges())
    assert (found.in_use, found.closed) == (False, True)
    assert 1_795_000_000_000 < found.first_ms <= found.last_ms < 1_796_000_000_000


def test_blocks_of_any_size_give_the_same_answer() -> None:
    for size in (1, 2, 3, 19, 64, 511):
        assert read(LOG, size) == read(LOG), size


def test_cuts_inside_events_are_seen_and_those_between_leave_it_open() -> None:
    between = set(edges())
    for length in range(4, len(LOG)):
        found = read(LOG[:length])
        assert (found.problem == "") == (length in between), length
        assert found.problem in {"", "binlog.truncated"}
        assert not found.closed or found.problem


def test_an_open_log_says_so() -> None:
    flags = 4 + 17
    found = read(LOG[:flags] + b"\1" + LOG[flags + 1 :])
    assert (found.problem, found.in_use) == ("", True)


def test_what_is_no_binary_log() -> None:
    for data in (b"", b"\xfe", b"/var/log/mysql/mysql-bin.000001\n", bytes(100)):
        assert read(data, 3).problem == "binlog.not_binlog", data
    assert read(b"\xfebin").problem == "binlog.truncated"


def test_encrypted_logs_are_not_verifiable() -> None:
    assert read(b"\xfdbin" + random.Random(1).randbytes(500)).problem == "binlog.encrypted"
    first = edges()[0]
    event = struct.pack("<IBIIIH", 1_795_000_000, 164, 7, 40, first + 40, 0) + bytes(17)
    event += struct.pack("<I", zlib.crc32(event))
    assert read(LOG[:first] + event + random.Random(1).randbytes(500)).problem == "binlog.encrypted"


def test_a_broken_chain() -> None:
    first = edges()[0]
    for size in (0, 18, 1 << 20):
        damaged = LOG[: first + 9] + struct.pack("<I", size) + LOG[first + 13 :]
        assert read(damaged, 7).problem == "binlog.corrupt", size
    assert read(LOG[:4] + LOG[first:]).problem == "binlog.corrupt"
    assert read(LOG[:first] + LOG[edges()[1] :]).problem == "binlog.corrupt"


@given(st.binary(max_size=300), st.integers(0, len(LOG)), st.integers(1, 200))
def test_any_bytes_end_well(data: bytes, place: int, size: int) -> None:
    damaged = LOG[:place] + data + LOG[place + len(data) :]
    assert read(damaged, size) == read(damaged)
    read(data, size)


@given(st.integers(4, len(LOG) - 1), st.integers(0, 7))
def test_any_flipped_bit_of_a_closed_log_is_found(place: int, bit: int) -> None:
    data = bytearray(LOG)
    data[place] ^= 1 << bit
    found = read(bytes(data))
    in_use_flag = place == 4 + 17 and bit == 0  # the one bit that the server itself changes later
    assert found.problem or in_use_flag


def test_an_open_log_may_end_inside_an_event() -> None:
    flags = 4 + 17
    opened = LOG[:flags] + b"\1" + LOG[flags + 1 :]
    assert read(opened[:-5]).problem == ""
    assert read(LOG[:-5]).problem == "binlog.truncated"
