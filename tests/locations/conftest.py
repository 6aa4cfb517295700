"""Buckets, and ways to them."""

from contextlib import closing, contextmanager

import pytest
from hostile import HostileStore

from nexoaudit.locations.open import open_transport
from nexoaudit.locations.s3 import S3Transport
from nexoaudit.locations.ssh import SshTransport
from nexoaudit.model.location import Bucket, Location


@pytest.fixture
def way():
    """Return what opens a transport to a location of a server, with a deadline."""

    @contextmanager
    def opened(server, bucket, prefix="", *, access_key="AKAUDITOR", deadline_s=30, **fields):
        location = server.location(bucket, prefix, access_key, **fields)
        with open_transport(location, deadline_s=deadline_s) as transport:
            yield transport

    return opened


@pytest.fixture
def hostile(no_aws):
    store = HostileStore()
    yield store
    store.stop()


@pytest.fixture
def at_once(monkeypatch):
    """Retry without the pauses that a real store deserves."""
    monkeypatch.setattr(
        "botocore.retries.standard.ExponentialBackoff.delay_amount", lambda _self, _context: 0
    )


@pytest.fixture
def astray(hostile, at_once, monkeypatch):
    """Return the way to a bucket of the hostile store."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKHOSTILE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-secret-of-the-hostile")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token0123456789" * 20)

    @contextmanager
    def opened(*, deadline_s=30, **fields):
        bucket = Bucket("backups", endpoint=hostile.endpoint, region="us-east-1", **fields)
        location = Location("there", kind="s3", bucket=bucket)
        with closing(S3Transport(location, deadline_s=deadline_s)) as transport:
            yield transport

    return opened


@pytest.fixture
def reach(sshd):
    """Return what makes a transport to a host, and end them all."""
    opened = []

    def make(host, access="command", path="", deadline_s=20.0):
        opened.append(
            SshTransport(sshd.location(host, path, access), deadline_s=deadline_s),
        )
        return opened[-1]

    yield make
    for transport in opened:
        transport.close()
