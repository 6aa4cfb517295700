"""How a bucket presents itself: real configurations, absent ones, and those nobody may see."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from hostile import Reply, error
from weed import documented_policy

from nexoaudit.errors import LocationError
from nexoaudit.model.store import Expiry

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY_S = 86_400
NO_ONE_SAID = ("unknown", "unknown", "unknown", "unknown", "unknown")
PLAIN = ("off", "off", "no", "off", "known")


def posture(store):
    return store.versioning, store.lock, store.public, store.encryption, store.expiry


@pytest.fixture
def bucket(seaweed):
    return seaweed.make_bucket()


@pytest.mark.parametrize("server", ["seaweed", "moto"])
def test_a_bucket_as_it_is_made(request, way, server):
    server = request.getfixturevalue(server)
    with way(server, server.make_bucket(), access_key="AKPOLICY") as transport:
        store = transport.store(NOW)
    assert posture(store) == PLAIN
    assert store.observed_ms == NOW.timestamp() * 1000
    assert (store.expiries, store.region, store.outcome) == ((), "us-east-1", "complete")


def test_versioning(seaweed, way, bucket):
    with way(seaweed, bucket) as transport:
        for status in ("Enabled", "Suspended"):
            seaweed.admin.put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": status}
            )
            assert transport.store(NOW).versioning == status.lower()


def test_a_lock(seaweed, way):
    bucket = seaweed.make_bucket(ObjectLockEnabledForBucket=True)
    with way(seaweed, bucket, access_key="AKPOLICY") as transport:
        store = transport.store(NOW)
        assert (store.lock, store.lock_s, store.versioning) == ("enabled", 0, "enabled")
        for mode, unit, days in (("GOVERNANCE", "Days", 1), ("COMPLIANCE", "Years", 365)):
            rule = {"DefaultRetention": {"Mode": mode, unit: 2}}
            seaweed.admin.put_object_lock_configuration(
                Bucket=bucket,
                ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
            )
            store = transport.store(NOW)
            assert (store.lock, store.lock_s) == (mode, 2 * days * DAY_S)


def test_a_public_policy(seaweed, way, bucket):
    def allow(principal):
        statement = {
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        seaweed.admin.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    with way(seaweed, bucket, access_key="AKPOLICY") as transport:
        allow({"AWS": "arn:aws:iam::123456789012:root"})
        assert transport.store(NOW).public == "no"
        allow("*")
        assert transport.store(NOW).public == "yes"


def test_a_public_grant_unless_such_are_blocked(moto, way):
    bucket = moto.make_bucket()
    with way(moto, bucket) as transport:
        moto.admin.put_bucket_acl(Bucket=bucket, ACL="public-read")
        assert transport.store(NOW).public == "yes"
        blocks = dict.fromkeys(
            ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
        )
        for block, public in ((False, "yes"), (True, "no")):
            moto.admin.put_public_access_block(
                Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(blocks, block)
            )
            assert transport.store(NOW).public == public


@pytest.mark.parametrize("algorithm", ["AES256", "aws:kms"])
def test_encryption_at_rest(moto, way, algorithm):
    bucket = moto.make_bucket()
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    moto.admin.put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    with way(moto, bucket) as transport:
        assert transport.store(NOW).encryption == algorithm


def test_what_the_store_deletes_on_its_own(moto, way):
    bucket = moto.make_bucket()
    on, off = {"Status": "Enabled"}, {"Status": "Disabled"}
    tag = {"Key": "keep", "Value": "short"}
    rules = [
        {"Filter": {"Prefix": "site/database/"}, "Expiration": {"Days": 30}, **on},
        {"Filter": {"Prefix": "site/disabled/"}, "Expiration": {"Days": 1}, **off},
        {"Filter": {"Prefix": "elsewhere/"}, "Expiration": {"Days": 2}, **on},
        {"Filter": {"Prefix": "sit"}, "Expiration": {"Date": NOW + timedelta(days=3)}, **on},
        {"Filter": {"Tag": tag}, "Expiration": {"Days": 4}, **on},
        {
            "Filter": {"And": {"Prefix": "site/tagged/", "Tags": [tag]}},
            "Expiration": {"Days": 5},
            **on,
        },
        {
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 6},
            "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
            **on,
        },
        {"Filter": {"Prefix": ""}, "Expiration": {"ExpiredObjectDeleteMarker": True}, **on},
        {
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
            **on,
        },
        {"Prefix": "site/old form/", "Expiration": {"Days": 7}, **on},
    ]
    for number, rule in enumerate(rules):
        rule["ID"] = str(number)
    moto.admin.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": rules}
    )
    with way(moto, bucket, "site/") as transport:
        store = transport.store(NOW)
    assert store.expiry == "known"
    assert set(store.expiries) == {
        Expiry("site/database/", 30 * DAY_S),
        Expiry("elsewhere/", 2 * DAY_S),
        Expiry("sit", 3 * DAY_S),
        Expiry("", 4 * DAY_S),
        Expiry("site/tagged/", 5 * DAY_S),
        Expiry("", 6 * DAY_S, noncurrent=True),
        Expiry("site/old form/", 7 * DAY_S),
    }


def test_a_real_expiry(seaweed, way, bucket):
    rule = {"ID": "a", "Status": "Enabled", "Prefix": "site/", "Expiration": {"Days": 9}}
    seaweed.admin.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [rule]}
    )
    with way(seaweed, bucket, access_key="AKPOLICY") as transport:
        assert transport.store(NOW).expiries == (Expiry("site/", 9 * DAY_S),)


def test_the_documented_rights_are_enough_and_not_too_many(seaweed, way, bucket):
    seaweed.upload(bucket, "site/backup", [b"a" * (5 << 20), b"b"], ChecksumAlgorithm="CRC32")
    with way(seaweed, bucket, "site/", access_key="AKPOLICY") as transport:
        assert [found.path for found in transport.listing()] == ["backup"]
        (stored,) = transport.stored(["backup"])
        assert stored.part_sizes == (5 << 20, 1)
        assert "unknown" not in posture(transport.store(NOW))
        with transport.read("backup", 0, 10) as file:
            assert file.read() == b"a" * 10
    holder = seaweed.client("AKPOLICY")
    here = {"Bucket": bucket, "Key": "site/backup"}
    off = {"Status": "Suspended"}
    for attempt in (
        lambda: holder.put_object(**here, Body=b"other"),
        lambda: holder.delete_object(**here),
        lambda: holder.delete_bucket(Bucket=bucket),
        lambda: holder.put_object_retention(**here, Retention={"Mode": "GOVERNANCE"}),
        lambda: holder.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=off),
        lambda: holder.put_bucket_policy(Bucket=bucket, Policy="{}"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            attempt()


def test_the_documented_rights_are_only_such_that_read():
    actions = [
        action for statement in documented_policy()["Statement"] for action in statement["Action"]
    ]
    assert len(actions) > 10
    assert all(action.startswith(("s3:Get", "s3:List")) for action in actions)


def test_what_may_not_be_seen_is_unknown(seaweed, way, bucket):
    with way(seaweed, bucket, access_key="AKNOBODY") as transport:
        assert posture(transport.store(NOW)) == NO_ONE_SAID


EMPTY = Reply(body=b"<Odd/>")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (error("NotImplemented", 501), PLAIN),
        (error("MethodNotAllowed", 405), PLAIN),
        (error("BucketAlreadyExists", 409), PLAIN),
        (Reply(501), PLAIN),
        (error("AccessDenied", 403), NO_ONE_SAID),
        (Reply(403), NO_ONE_SAID),
        (error("InternalError", 500), NO_ONE_SAID),
        (Reply(body=b"{}"), NO_ONE_SAID),
        (Reply(body=b"<cut"), NO_ONE_SAID),
        # Radosgw answers with an empty configuration; who is let in it has to say, though.
        (EMPTY, ("off", "off", "unknown", "off", "known")),
    ],
)
def test_absent_is_told_from_refused_and_odd(hostile, astray, reply, expected):
    hostile.says(reply)
    with astray() as transport:
        assert posture(transport.store(NOW)) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "<Expiration><Days>many</Days></Expiration>",
        "<Expiration><Date>some day</Date></Expiration>",
        "<NoncurrentVersionExpiration><NoncurrentDays/></NoncurrentVersionExpiration>",
    ],
)
def test_an_expiry_that_cannot_be_read_is_unknown(hostile, astray, rule):
    body = f"<L><Rule><Status>Enabled</Status><Prefix/>{rule}</Rule></L>".encode()
    hostile.answers(lambda asked: Reply(body=body) if "lifecycle" in asked.query else EMPTY)
    with astray() as transport:
        assert transport.store(NOW).expiry == "unknown"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (error("NoSuchBucket", 404), "location.missing"),
        (error("InvalidAccessKeyId", 403), "location.refused"),
        (error("SlowDown", 503), "location.throttled"),
    ],
)
def test_a_bucket_that_cannot_be_reached_presents_itself_as_nothing(hostile, astray, reply, reason):
    hostile.says(reply)
    with astray() as transport, pytest.raises(LocationError) as caught:
        transport.store(NOW)
    assert caught.value.reason == reason
