"""What a store says of one object without its bytes: uploads of every kind, and odd answers."""

import base64
import hashlib
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from awscrt import checksums
from botocore.exceptions import ClientError
from hostile import Reply, error

from nexoaudit.errors import LocationError
from nexoaudit.model.stored import Checksum

MIB = 1 << 20
SMALL = b"a small backup"
PARTS = [b"a" * 5 * MIB, b"b" * 6 * MIB, b"c"]
"""Of unequal sizes, which an uploader may choose."""
LARGE = b"".join(PARTS)


def crc32(data):
    return zlib.crc32(data).to_bytes(4, "big")


def crc32c(data):
    return checksums.crc32c(data).to_bytes(4, "big")


def crc64nvme(data):
    return checksums.crc64nvme(data).to_bytes(8, "big")


def sha256(data):
    return hashlib.sha256(data).digest()


def sha1(data):
    return hashlib.sha1(data).digest()


def md5(data):
    return hashlib.md5(data).digest()


DIGESTS = {"CRC32": crc32, "CRC32C": crc32c, "CRC64NVME": crc64nvme, "SHA1": sha1, "SHA256": sha256}


def composite(digest):
    return digest(b"".join(map(digest, PARTS))).hex()


def only(transport, path="backup"):
    (stored,) = transport.stored([path])
    return stored


@pytest.fixture(scope="module")
def bucket(seaweed):
    return seaweed.make_bucket()


@pytest.mark.parametrize("algorithm", DIGESTS)
def test_an_upload_in_one_piece(seaweed, way, bucket, algorithm):
    seaweed.put(bucket, "backup", SMALL, ChecksumAlgorithm=algorithm)
    with way(seaweed, bucket) as transport:
        stored = only(transport)
    digest = DIGESTS[algorithm](SMALL).hex()
    etag = md5(SMALL).hex()
    assert stored.checksums == (
        Checksum(algorithm.lower(), digest, "full"),
        Checksum("md5", etag, "full"),
    )
    assert (stored.size, stored.parts, stored.part_sizes) == (len(SMALL), 1, ())
    assert (stored.token, stored.access, stored.lock) == (etag, "instant", "")


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256"])
def test_an_upload_in_parts_has_checksums_of_checksums(seaweed, way, bucket, algorithm):
    seaweed.upload(bucket, "backup", PARTS, ChecksumAlgorithm=algorithm)
    with way(seaweed, bucket) as transport:
        stored = only(transport)
    assert stored.checksums == (
        Checksum(algorithm.lower(), composite(DIGESTS[algorithm]), "composite"),
        Checksum("md5", md5(b"".join(map(md5, PARTS))).hex(), "composite"),
    )
    assert (stored.parts, stored.part_sizes) == (3, tuple(map(len, PARTS)))
    assert stored.size == len(LARGE)


@pytest.mark.parametrize("algorithm", ["CRC64NVME", "CRC32"])
def test_an_upload_in_parts_with_a_checksum_of_the_whole(seaweed, way, bucket, algorithm):
    seaweed.upload(bucket, "backup", PARTS, ChecksumAlgorithm=algorithm, ChecksumType="FULL_OBJECT")
    with way(seaweed, bucket) as transport:
        stored = only(transport)
    digest = DIGESTS[algorithm](LARGE).hex()
    assert stored.checksums[0] == Checksum(algorithm.lower(), digest, "full")
    assert stored.checksums[1].scope == "composite"


def test_a_checksum_of_which_nobody_says_what_it_is_of(moto, way):
    """The model gives the checksum of the parts' checksums without saying so."""
    bucket = moto.make_bucket()
    moto.upload(bucket, "backup", [PARTS[0], PARTS[0], b"c"], ChecksumAlgorithm="SHA256")
    with way(moto, bucket) as transport:
        stored = only(transport)
    assert [(each.algorithm, each.scope) for each in stored.checksums] == [
        ("sha256", "unsaid"),
        ("md5", "composite"),
    ]
    # Nor does it list the parts: that they are equal but for the last is taken from the first.
    assert stored.part_sizes == (5 * MIB, 5 * MIB, 1)


def test_outcomes_are_in_order_and_none_hides_another(seaweed, way, bucket):
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    seaweed.put(bucket, "other-key", SMALL, **key)
    names = [f"many/{number}" for number in range(20)]
    for name in names:
        seaweed.put(bucket, name, name.encode())
    names[3:3] = ["gone"]
    names[7:7] = ["other-key"]
    with way(seaweed, bucket) as transport:
        stored = list(transport.stored(names))
    assert [each.path for each in stored] == names
    outcomes = {each.path: each.outcome for each in stored if each.outcome != "told"}
    assert outcomes == {"gone": "gone", "other-key": "refused"}
    assert "SSE-C" in stored[7].detail


def test_what_may_not_be_seen_is_not_gone(seaweed, way, bucket):
    seaweed.put(bucket, "backup", SMALL)
    with way(seaweed, bucket, access_key="AKNOBODY") as transport:
        assert [each.outcome for each in transport.stored(["backup", "gone"])] == ["refused"] * 2
    with (
        way(seaweed, bucket, access_key="AKUNKNOWN") as transport,
        pytest.raises(LocationError, match="InvalidAccessKeyId") as caught,
    ):
        only(transport)
    assert caught.value.reason == "location.refused"


def test_a_bucket_that_is_gone_is_no_object_that_is_gone(seaweed, way):
    with way(seaweed, "no-such-bucket") as transport, pytest.raises(LocationError) as caught:
        only(transport)
    assert caught.value.reason == "location.missing"


@pytest.mark.parametrize(("mode", "left"), [("COMPLIANCE", 40), ("GOVERNANCE", 3)])
def test_a_lock(seaweed, way, mode, left):
    bucket = seaweed.make_bucket(ObjectLockEnabledForBucket=True)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=left)
    seaweed.put(bucket, "backup", SMALL, ObjectLockMode=mode, ObjectLockRetainUntilDate=until)
    seaweed.put(bucket, "held", SMALL, ObjectLockLegalHoldStatus="ON")
    seaweed.put(bucket, "free", SMALL)
    with way(seaweed, bucket, access_key="AKPOLICY") as transport:
        locked, held, free = transport.stored(["backup", "held", "free"])
    assert (locked.lock, locked.locked_until_ms) == (mode, until.timestamp() * 1000)
    assert (held.lock, held.locked_until_ms) == ("HOLD", 0)
    assert (free.lock, free.locked_until_ms) == ("", 0)
    version = locked.token.partition(" ")[2]
    if mode == "COMPLIANCE":
        with pytest.raises(ClientError, match="AccessDenied"):
            seaweed.admin.delete_object(Bucket=bucket, Key="backup", VersionId=version)


@pytest.mark.parametrize(
    ("tier", "access"),
    [
        ("STANDARD", "instant"),
        ("STANDARD_IA", "instant"),
        ("GLACIER_IR", "instant"),
        ("INTELLIGENT_TIERING", "instant"),
        ("GLACIER", "archived"),
        ("DEEP_ARCHIVE", "archived"),
    ],
)
def test_what_can_be_read_at_once_and_what_cannot(moto, way, tier, access):
    bucket = moto.make_bucket()
    moto.put(bucket, "backup", SMALL, StorageClass=tier, ChecksumAlgorithm="SHA256")
    with way(moto, bucket) as transport:
        (found,) = transport.listing()
        stored = only(transport)
        if access == "archived":
            with pytest.raises(LocationError) as caught, transport.read("backup"):
                pass
            assert caught.value.reason == "location.archived"
        else:
            with transport.read("backup") as file:
                assert file.read() == SMALL
    assert found.tier == stored.tier == ("" if tier == "STANDARD" else tier)
    assert stored.access == access
    # What is archived is proven all the same.
    assert Checksum("sha256", sha256(SMALL).hex()) in stored.checksums


def test_a_restore_from_an_archive(moto, way):
    from moto.moto_api import state_manager

    bucket = moto.make_bucket()
    moto.put(bucket, "backup", SMALL, StorageClass="GLACIER")
    state_manager.set_transition("s3::keyrestore", {"progression": "manual", "times": 1})
    try:
        moto.admin.restore_object(Bucket=bucket, Key="backup", RestoreRequest={"Days": 3})
        with way(moto, bucket) as transport:
            under_way = only(transport)
            restored = only(transport)
            with transport.read("backup") as file:
                assert file.read() == SMALL
    finally:
        state_manager.unset_transition("s3::keyrestore")
    assert under_way.access == "restoring"
    assert restored.access == "restored"
    in_three_days = (datetime.now(UTC) + timedelta(days=3)).timestamp() * 1000
    assert abs(restored.readable_until_ms - in_three_days) < 2 * 86_400_000


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
