"""What a store says of one object without its bytes: uploads of every kind."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from digests import DIGESTS, LARGE, MIB, PARTS, SMALL, composite, md5, only, sha256

from nexoaudit.errors import LocationError
from nexoaudit.model.stored import Checksum


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
