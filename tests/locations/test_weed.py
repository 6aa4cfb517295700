"""The servers of these tests: without their rights and checks the rest would prove less."""

import pytest
from botocore.exceptions import ClientError


def test_the_real_server_checks_keys_rights_and_checksums(seaweed):
    bucket = seaweed.make_bucket()
    seaweed.put(bucket, "here", b"bytes")
    assert seaweed.client("AKAUDITOR").get_object(Bucket=bucket, Key="here")
    refused = [
        ("AKAUDITOR", {}),
        ("AKNOBODY", {}),
        ("AKUNKNOWN", {}),
        ("AKADMIN", {"ChecksumSHA256": "A" * 43 + "="}),
    ]
    for key, options in refused:
        with pytest.raises(ClientError):
            seaweed.client(key).put_object(Bucket=bucket, Key="here", Body=b"other", **options)
    assert seaweed.admin.get_object(Bucket=bucket, Key="here")["Body"].read() == b"bytes"


def test_the_model_refuses_to_read_what_is_archived(moto):
    bucket = moto.make_bucket()
    moto.put(bucket, "old", b"bytes", StorageClass="GLACIER")
    with pytest.raises(ClientError, match="InvalidObjectState"):
        moto.admin.get_object(Bucket=bucket, Key="old")
