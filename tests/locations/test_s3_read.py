"""Reading objects, and parts of them, from real stores and from ones that break off."""

import pytest
from hostile import Reply, error

from nexoaudit.errors import LocationError

MIB = 1 << 20
DATA = bytes(range(256)) * 4096 * 3 + b"the end"


@pytest.fixture(scope="module")
def bucket(seaweed):
    name = seaweed.make_bucket()
    seaweed.put(name, "whole", DATA, ChecksumAlgorithm="CRC32")
    seaweed.put(name, "empty")
    parts = [b"a" * 5 * MIB, b"b" * MIB]
    seaweed.upload(name, "parts", parts, ChecksumAlgorithm="SHA256")
    return name


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, None), (0, 10), (5, 10), (len(DATA) - 3, None), (len(DATA) - 3, 100), (1, 0), (MIB, MIB)],
)
def test_a_range_is_that_of_the_bytes(seaweed, way, bucket, start, length):
    with way(seaweed, bucket) as transport, transport.read("whole", start, length) as file:
        expected = DATA[start:] if length is None else DATA[start : start + length]
        assert file.read() == expected
        assert file.read() == b""


@pytest.mark.parametrize("start", [len(DATA), len(DATA) + 1])
def test_beyond_the_end_there_is_nothing(seaweed, way, bucket, start):
    with way(seaweed, bucket) as transport:
        for length in (None, 1):
            with transport.read("whole", start, length) as file:
                assert file.read() == b""
            with transport.read("empty", 0, length) as file:
                assert file.read() == b""


def test_a_part_of_an_object_is_not_held_against_the_checksum_of_its_parts(seaweed, way, bucket):
    with way(seaweed, bucket) as transport:
        with transport.read("parts", 5 * MIB - 1, 2) as file:
            assert file.read() == b"ab"
        with transport.read("parts") as file:
            assert sum(len(block) for block in iter(lambda: file.read(100_000), b"")) == 6 * MIB


def test_what_is_read_piece_by_piece_is_one_request(hostile, astray):
    hostile.says(Reply(body=DATA))
    with astray() as transport, transport.read("backup") as file:
        assert b"".join(iter(lambda: file.read(1000), b"")) == DATA
    assert len(hostile.asked) == 1


def test_a_file_that_is_left_early_costs_no_more_of_it(hostile, astray):
    hostile.says(
        Reply(206, DATA, {"Content-Range": "bytes 0-99/100"}, announced=1 << 40, hangs=True)
    )
    with astray(deadline_s=5) as transport, transport.read("backup", 0, 100) as file:
        assert file.read(10) == DATA[:10]


def in_pieces(file):
    while file.read(1 << 16):
        pass


@pytest.mark.parametrize("read", [lambda file: file.read(), in_pieces])
def test_an_object_that_is_cut_is_not_a_shorter_one(hostile, astray, read):
    hostile.says(Reply(body=DATA, announced=len(DATA) + 1))
    with (
        astray() as transport,
        transport.read("backup") as file,
        pytest.raises(LocationError) as caught,
    ):
        read(file)
    assert caught.value.reason == "location.cut"


def test_an_object_that_stops_coming_is_given_up(hostile, astray):
    hostile.says(Reply(body=DATA, announced=len(DATA) + 1, hangs=True))
    with (
        astray(deadline_s=0.5) as transport,
        transport.read("backup") as file,
        pytest.raises(LocationError) as caught,
    ):
        file.read()
    assert caught.value.reason == "location.timeout"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, DATA),
        Reply(206, DATA, {"Content-Range": f"bytes 0-9/{len(DATA)}"}),
    ],
)
def test_other_bytes_than_those_asked_for_are_refused(hostile, astray, reply):
    hostile.says(reply)
    with astray() as transport, pytest.raises(LocationError, match="other bytes") as caught:
        transport.read("backup", 5, 10)
    assert caught.value.reason == "location.unreadable"


def test_a_store_that_knows_no_ranges_gives_the_beginning_all_the_same(hostile, astray):
    hostile.says(Reply(200, DATA))
    with astray() as transport, transport.read("backup", 0, 10) as file:
        assert file.read() == DATA[:10]


@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (error("NoSuchKey", 404), "location.unreadable", "NoSuchKey"),
        (error("AccessDenied", 403), "location.forbidden", "s3:GetObject"),
        (error("InvalidObjectState", 403), "location.archived", "archive"),
        (error("NoSuchBucket", 404), "location.missing", "does not exist"),
    ],
)
def test_what_cannot_be_opened(hostile, astray, reply, reason, words):
    hostile.says(reply)
    with astray() as transport, pytest.raises(LocationError, match=words) as caught:
        transport.read("backup")
    assert caught.value.reason == reason
