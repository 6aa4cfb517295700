"""Readers of what a host says: any bytes at all give values or one of our errors."""

import struct
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.errors import LocationError
from nexoaudit.locations import sftppackets as packets
from nexoaudit.locations.remoterecords import Answer, answer, entries, records
from nexoaudit.locations.sshfaults import ssh_fault

PIECES = st.lists(st.binary(max_size=200), max_size=8)
TOP = b"open\0d 4096 1.0000000000 1.0000000000 755 27 1 \0"
NAME = st.binary(min_size=1, max_size=40).filter(
    lambda name: (
        not {b"/", b"\0"} & {name[i : i + 1] for i in range(len(name))}
        and name not in {b".", b".."}
    )
)


@given(PIECES)
def test_records_are_what_lies_between_the_ends(pieces):
    whole = b"".join(pieces)
    try:
        found = list(records("host", iter(pieces), 10_000))
    except LocationError:
        assert whole[-1:] != b"\0"
    else:
        assert b"".join(record + b"\0" for record in found) == whole


@given(st.integers(1, 5), st.integers(0, 3))
def test_records_without_end_are_given_up(size, allowed):
    pieces = iter(lambda: b"\0" * size, None)
    with pytest.raises(LocationError):
        list(records("host", pieces, allowed))


@given(st.lists(st.binary(max_size=60), max_size=6), st.booleans())
def test_any_listing_is_files_or_one_error(told, begun):
    lines = [*TOP.split(b"\0")[:2], *told] if begun else told
    try:
        found = list(entries("host", iter(lines)))
    except LocationError:
        return
    assert all(".." not in file.path.split("/") for file in found)


@given(st.lists(NAME, min_size=1, max_size=4), st.integers(0, 10**18 - 1), st.integers(0, 0o7777))
def test_a_listing_that_is_one_is_read(parts, size, mode):
    folders = [b"/".join(parts[:count]) for count in range(1, len(parts))]
    lines = [b"open", *(b"d 1 1.0000 1.0000 755 27 1 " + name for name in [b"", *folders])]
    lines.append(b"f %d 1.2345 -2.3456 %o 27 9 " % (size, mode) + b"/".join(parts))
    (found,) = entries("host", iter(lines))
    assert (found.size, found.mode, found.mtime_ms, found.ctime_ms) == (size, mode, 1234, 0)
    assert found.path.count("/") == len(parts) - 1


@given(st.binary(max_size=100) | st.builds(lambda name: b"gone ./" + name, st.binary(max_size=20)))
def test_any_answer_is_one_or_an_error(record):
    with suppress(LocationError):
        assert isinstance(answer("host", record), Answer)


@given(st.binary(max_size=120), st.sampled_from([packets.NAME, packets.ATTRS, packets.HANDLE]))
def test_any_packet_is_one_or_an_error(body, kind):
    read = {packets.NAME: packets.names, packets.ATTRS: packets.attributes}
    with suppress(packets.PacketError):
        packet = packets.parse(bytes([kind]) + body)
        read.get(kind, lambda packet: packets.string(packet, packets.HANDLE))(packet)


@given(st.lists(st.tuples(NAME, st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))))
def test_names_are_read_as_they_were_written(files):
    body = struct.pack(">I", len(files))
    for name, size, mtime in files:
        body += struct.pack(">I", len(name)) + name + struct.pack(">I", 0)
        body += struct.pack(">IQIII", 0xD, size, 0o100644, 0, mtime)
    packet = packets.parse(struct.pack(">BI", packets.NAME, 7) + body)
    read = packets.names(packet)
    assert [(name, told.size, told.mtime_s) for name, told in read] == files


@pytest.mark.parametrize("name", [b"", b"a/b", b"../x", b"a\0b"])
def test_a_name_that_is_a_path_is_none(name):
    body = struct.pack(">II", 1, len(name)) + name + struct.pack(">II", 0, 0)
    with pytest.raises(packets.PacketError):
        packets.names(packets.Packet(packets.NAME, 1, body))


@given(st.text(max_size=300))
def test_whatever_ssh_says_becomes_one_sentence(said):
    fault = ssh_fault("host", said, begun=False)
    assert fault.reason.startswith("location.")
    assert len(str(fault)) < 700


def test_requests_are_framed():
    asked = [packets.request(packets.READ, 5, b"h", 1 << 40, 32_768), packets.request(4, 6, b"h")]
    sent = b"".join(asked)
    ends = [0]
    while ends[-1] < len(sent):
        ends.append(ends[-1] + 4 + int.from_bytes(sent[ends[-1] : ends[-1] + 4], "big"))
    assert [sent[begin:end] for begin, end in pairwise(ends)] == asked
    assert asked[0][-12:] == struct.pack(">QI", 1 << 40, 32_768)
