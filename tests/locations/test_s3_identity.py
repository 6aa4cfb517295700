"""Which endpoints and names are one bucket, and which ways others can listen on."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from nexoaudit.locations.s3 import S3Transport
from nexoaudit.locations.s3posture import lax_of
from nexoaudit.model.location import Bucket, Location

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def identity_of(monkeypatch, endpoint, name="backups", region="", **fields):
    """Return the identity of a bucket, without asking anybody but the local resolver."""
    monkeypatch.setattr("nexoaudit.locations.s3client.BucketClient.ask", lambda *_, **__: {})
    bucket = Bucket(name, endpoint=endpoint, region=region, **fields)
    return S3Transport(Location("l", kind="s3", bucket=bucket), deadline_s=10).store(NOW).identity


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:9000",
        "http://127.0.0.1:9000/",
        "HTTP://127.0.0.1:9000",
    ],
)
def test_one_bucket_has_one_identity(monkeypatch, no_aws, endpoint):
    assert identity_of(monkeypatch, endpoint) == (
        "address:127.0.0.1",
        "bucket:http://127.0.0.1:9000/backups",
    )


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://localhost",
        "https://LocalHost/",
        "https://localhost.",
        "https://localhost:443",
        "https://backups.localhost",
    ],
)
def test_ports_and_spellings_that_make_no_difference(monkeypatch, no_aws, endpoint):
    assert "bucket:https://localhost/backups" in identity_of(monkeypatch, endpoint)


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("", ""),
        ("", "eu-west-1"),
        ("https://s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("https://s3.dualstack.eu-west-1.amazonaws.com/", "eu-west-1"),
        ("https://backups.s3.amazonaws.com", ""),
    ],
)
def test_a_name_is_there_once_at_aws(monkeypatch, no_aws, endpoint, region):
    assert identity_of(monkeypatch, endpoint, region=region) == ("bucket:aws/backups",)
    assert identity_of(monkeypatch, endpoint, "other", region) == ("bucket:aws/other",)


@pytest.mark.parametrize("endpoint", ["", "https://s3.cn-north-1.amazonaws.com.cn"])
def test_there_is_more_than_one_aws(monkeypatch, no_aws, endpoint):
    assert identity_of(monkeypatch, endpoint, region="cn-north-1") == ("bucket:aws-cn/backups",)


def test_an_endpoint_in_the_environment_is_not_what_the_policy_says(monkeypatch, no_aws):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    assert identity_of(monkeypatch, "") == ("bucket:aws/backups",)


@pytest.mark.parametrize(
    ("endpoint", "lax"),
    [
        ("http://s3.example.com", ("endpoint.plain",)),
        ("http://192.0.2.9:9000", ("endpoint.plain",)),
        ("https://s3.example.com", ()),
        ("http://127.0.0.1:8333", ()),
        ("http://localhost:8333", ()),
    ],
)
def test_a_way_on_which_others_listen(endpoint, lax):
    assert lax_of(urlsplit(endpoint)) == lax
