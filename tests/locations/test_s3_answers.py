"""What a store says of an object, well or badly: taken for what it is."""

import base64

import pytest
from digests import SMALL, md5, only
from hostile import Reply, error

from nexoaudit.errors import LocationError
from nexoaudit.model.stored import Checksum

NOW = {"Date": "Mon, 23 Nov 2026 12:00:00 GMT"}
LATER, EARLIER = "2026-12-24T00:00:00Z", "2026-11-01T00:00:00Z"


FORMS = [
    # An ETag is a digest of the bytes only where nothing stands between.
    ({"ETag": '"%s"' % ("a" * 32)}, {"checksums": (Checksum("md5", "a" * 32),)}),
    ({"ETag": "A" * 32}, {"checksums": (Checksum("md5", "a" * 32),)}),
    (
        {"ETag": '"%s"' % ("a" * 32), "x-amz-server-side-encryption": "AES256"},
        {"checksums": (Checksum("md5", "a" * 32),), "encryption": "AES256"},
    ),
    (
        {"ETag": '"%s"' % ("a" * 32), "x-amz-server-side-encryption": "aws:kms"},
        {"checksums": (), "encryption": "aws:kms"},
    ),
    (
        {"ETag": '"%s"' % ("a" * 32), "x-amz-server-side-encryption": "aws:kms:dsse"},
        {"checksums": (), "encryption": "aws:kms:dsse"},
    ),
    (
        {"ETag": '"%s"' % ("a" * 32), "x-amz-server-side-encryption-customer-algorithm": "AES256"},
        {"checksums": (), "encryption": "SSE-C"},
    ),
    ({"ETag": '"not-a-digest"'}, {"checksums": (), "token": "not-a-digest"}),
    # Checksums of kinds that nobody knows yet are told by name; what is none is not.
    ({"x-amz-checksum-blake9": "AQI="}, {"checksums": (Checksum("blake9", "0102"),)}),
    ({"x-amz-checksum-sha256": "not base64"}, {"checksums": ()}),
    ({"x-amz-checksum-algorithm": "SHA256"}, {"checksums": ()}),
    (
        {"x-amz-checksum-crc32": "AQIDBA==-3"},
        {"checksums": (Checksum("crc32", "01020304", "composite"),), "parts": 3},
    ),
    (
        {"x-amz-checksum-crc32": "AQIDBA==", "x-amz-checksum-type": "COMPOSITE"},
        {"checksums": (Checksum("crc32", "01020304", "composite"),)},
    ),
    (
        {"x-amz-checksum-crc64nvme": "AQIDBAUGBwg=", "ETag": '"opaque-3"'},
        {"checksums": (Checksum("crc64nvme", "0102030405060708"),)},
    ),
    # Locks and restores that are over, by the clock of the store, are over.
    (
        {"x-amz-object-lock-mode": "GOVERNANCE", "x-amz-object-lock-retain-until-date": LATER},
        {"lock": "GOVERNANCE"},
    ),
    (
        {"x-amz-object-lock-mode": "COMPLIANCE", "x-amz-object-lock-retain-until-date": EARLIER},
        {"lock": "", "locked_until_ms": 0},
    ),
    (
        {
            "x-amz-object-lock-mode": "GOVERNANCE",
            "x-amz-object-lock-retain-until-date": EARLIER,
            "x-amz-object-lock-legal-hold": "ON",
        },
        {"lock": "HOLD"},
    ),
    ({"x-amz-object-lock-mode": "COMPLIANCE"}, {"lock": ""}),
    (
        {
            "x-amz-storage-class": "GLACIER",
            "x-amz-restore": 'ongoing-request="false", expiry-date="Sun, 01 Nov 2026 00:00:00 GMT"',
        },
        {"access": "archived", "readable_until_ms": 0},
    ),
    (
        {
            "x-amz-storage-class": "GLACIER",
            "x-amz-restore": 'ongoing-request="false", expiry-date="Tue, 01 Dec 2026 00:00:00 GMT"',
        },
        {"access": "restored", "readable_until_ms": 1_796_083_200_000},
    ),
    ({"x-amz-storage-class": "GLACIER", "x-amz-restore": "odd"}, {"access": "archived"}),
    (
        {
            "x-amz-storage-class": "INTELLIGENT_TIERING",
            "x-amz-archive-status": "DEEP_ARCHIVE_ACCESS",
        },
        {"access": "archived"},
    ),
    ({"x-amz-storage-class": "SOMETHING_NEW"}, {"access": "instant", "tier": "SOMETHING_NEW"}),
    ({"x-amz-version-id": "v1", "ETag": '"e"'}, {"token": "e v1"}),
]


@pytest.mark.parametrize(("headers", "expected"), FORMS)
def test_forms_of_an_answer(hostile, astray, headers, expected):
    hostile.says(Reply(headers={**NOW, "Content-Length": "0", **headers}))
    with astray() as transport:
        stored = only(transport)
    assert stored.outcome == "told"
    assert {name: getattr(stored, name) for name in expected} == expected


def test_a_false_checksum_is_told_as_it_is(hostile, astray):
    """Some stores repeat what the uploader claimed; whoever compares has to see it."""
    claimed = base64.b64encode(bytes(32)).decode()
    headers = {"ETag": f'"{md5(SMALL).hex()}"', "x-amz-checksum-sha256": claimed}
    hostile.says(Reply(headers={**NOW, "Content-Length": "14", **headers}))
    with astray() as transport:
        stored = only(transport)
    assert stored.checksums == (
        Checksum("sha256", "00" * 32, "full"),
        Checksum("md5", md5(SMALL).hex(), "full"),
    )


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"x-amz-mp-parts-count": "3", "Content-Length": "40"}, (40, 40, 20)),
        ({"x-amz-mp-parts-count": "3", "Content-Length": "30"}, ()),
        ({"x-amz-mp-parts-count": "2", "Content-Length": "50"}, ()),
        ({"Content-Length": "100"}, ()),
    ],
)
def test_sizes_of_parts_that_cannot_be_are_not_told(hostile, astray, told, expected):
    whole = {"ETag": f'"{"a" * 32}-3"', "Content-Length": "100"}

    def answer(asked):
        if "attributes" in asked.query:
            return error("NotImplemented", 501)
        return Reply(headers={**NOW, **whole, **(told if "partNumber" in asked.query else {})})

    hostile.answers(answer)
    with astray() as transport:
        first, second = transport.stored(["one", "two"])
    assert first.part_sizes == second.part_sizes == expected
    assert first.parts == 3


def test_one_object_that_the_store_chokes_on_stops_no_other(hostile, astray):
    good = Reply(headers={**NOW, "Content-Length": "1", "ETag": '"e"'})
    bad = error("InternalError", 500, message="we lost it")
    hostile.answers(lambda asked: bad if asked.path.endswith("/bad") else good)
    with astray() as transport:
        assert [each.outcome for each in transport.stored(["a", "bad", "b"])] == [
            "told",
            "failed",
            "told",
        ]


def test_a_refusal_without_words_is_asked_for_them(hostile, astray):
    """A HEAD of expired credentials is a bare 400, as that of an object with a key of its own."""
    hostile.answers(lambda asked: Reply(400) if asked.method == "HEAD" else error("ExpiredToken"))
    with astray() as transport, pytest.raises(LocationError, match="ExpiredToken") as caught:
        only(transport)
    assert caught.value.reason == "location.refused"
