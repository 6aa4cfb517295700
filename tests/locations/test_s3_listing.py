"""Listings of real buckets, and of stores that break off, hang or run in circles."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hostile import Reply, error, listing

from nexoaudit.errors import LocationError
from nexoaudit.locations.directory import Found

ODD = [
    "a b",
    "ü/ñ😀.gz",
    "+&%=?#",
    "tab\there",
    "line\nbreak",
    "<\"quoted'>&amp;",
    "~!*()$,;:@",
    "%41",
]


def listed(transport):
    return sorted(found.path for found in transport.listing())


def test_every_key_below_the_prefix_comes_as_it_is(seaweed, way):
    bucket = seaweed.make_bucket()
    for key in ODD:
        seaweed.put(bucket, f"site/{key}", key.encode())
    seaweed.put(bucket, "site.old/other", b"no")
    with way(seaweed, bucket, "site/") as transport:
        assert listed(transport) == sorted(ODD)
        for stored in transport.stored(ODD):
            assert (stored.outcome, stored.size) == ("told", len(stored.path.encode()))
        for path in ODD:
            with transport.read(path) as file:
                assert file.read() == path.encode()


def test_keys_that_no_file_system_has(moto, way):
    """SeaweedFS mends these; AWS keeps them, as the model does."""
    odd = ["/leading", "double//slash", "back\\slash", "dot/./dot/../dot"]
    bucket = moto.make_bucket()
    for key in odd:
        moto.put(bucket, f"site/{key}", key.encode())
    with way(moto, bucket, "site/") as transport:
        written = [key.replace("\\", "\\\\") for key in odd]
        assert listed(transport) == sorted(written)
        for path, key in zip(written, odd, strict=True):
            with transport.read(path) as file:
                assert file.read() == key.encode()


def test_markers_of_directories_are_none_of_the_files(seaweed, way):
    bucket = seaweed.make_bucket()
    for key in ("site/", "site/empty/", "site/file"):
        seaweed.put(bucket, key)
    with way(seaweed, bucket, "site/") as transport:
        assert listed(transport) == ["file"]
    with way(seaweed, bucket, "elsewhere/") as transport:
        assert listed(transport) == []


def test_what_is_told_of_each(moto, way):
    bucket = moto.make_bucket()
    before_ms = int(datetime.now(UTC).timestamp()) * 1000
    etag = moto.put(bucket, "warm", b"12345", StorageClass="STANDARD_IA")["ETag"].strip('"')
    moto.put(bucket, "standard", b"")
    with way(moto, bucket) as transport:
        standard, warm = sorted(transport.listing())
    assert warm == Found("warm", 5, warm.mtime_ms, 0, 0, 0, 0, etag, "STANDARD_IA")
    assert before_ms <= warm.mtime_ms <= datetime.now(UTC).timestamp() * 1000
    assert (standard.size, standard.tier) == (0, "")


def test_more_than_one_page(seaweed, way):
    bucket = seaweed.make_bucket()
    names = [f"site/{number:04}" for number in range(1003)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: seaweed.put(bucket, name), names))
    with way(seaweed, bucket, "site/") as transport:
        assert listed(transport) == [name.removeprefix("site/") for name in names]


def test_versions_and_delete_markers_are_not_listed(seaweed, way):
    bucket = seaweed.make_bucket()
    on = {"Status": "Enabled"}
    seaweed.admin.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=on)
    for name in ("kept", "deleted"):
        seaweed.put(bucket, name, b"first")
        seaweed.put(bucket, name, b"second one")
    seaweed.admin.delete_object(Bucket=bucket, Key="deleted")
    with way(seaweed, bucket) as transport:
        assert [(each.path, each.size) for each in transport.listing()] == [("kept", 10)]
        gone, kept = transport.stored(["deleted", "kept"])
    assert gone.outcome == "gone"
    etag, _, version = kept.token.partition(" ")
    assert len(etag) == 32
    assert version


def test_throttling_that_ends_is_waited_for(hostile, astray):
    hostile.says(error("SlowDown", 503), error("SlowDown", 503), listing("one"))
    with astray() as transport:
        assert listed(transport) == ["one"]
    assert len(hostile.asked) == 3


def test_throttling_for_ever(hostile, astray):
    hostile.says(error("SlowDown", 503))
    with astray() as transport, pytest.raises(LocationError, match="fewer requests") as caught:
        listed(transport)
    assert caught.value.reason == "location.throttled"
    assert len(hostile.asked) == 5


def test_what_came_before_the_throttling_is_no_listing(hostile, astray):
    hostile.answers(
        lambda asked: (
            error("SlowDown", 503)
            if "continuation-token" in asked.query
            else listing("a", after="b")
        )
    )
    with astray() as transport:
        found = transport.listing()
        assert next(found).path == "a"
        with pytest.raises(LocationError) as caught:
            list(found)
    assert caught.value.reason == "location.throttled"


CUT = [
    Reply(body=listing("one", "two").body[:-40], announced=len(listing("one", "two").body)),
    Reply(body=listing("one", "two").body[:-40], announced=-1),
    Reply(body=listing("one", "two").body[:-40]),
    Reply(),
]


@pytest.mark.parametrize("cut", CUT)
def test_a_page_that_is_cut_is_asked_for_again(hostile, astray, cut):
    hostile.says(listing("one", after="next"), cut, listing("two"))
    with astray() as transport:
        assert listed(transport) == ["one", "two"]


@pytest.mark.parametrize("cut", CUT)
def test_a_listing_that_is_cut_every_time(hostile, astray, cut):
    hostile.says(listing("one", after="next"), cut)
    with astray() as transport, pytest.raises(LocationError) as caught:
        listed(transport)
    assert caught.value.reason == "location.cut"
    assert len(hostile.asked) == 6


def test_a_store_that_hangs_is_given_up(hostile, astray):
    hostile.says(Reply(body=b"<ListBucketResult>", announced=1000, hangs=True))
    with astray(deadline_s=0.3) as transport, pytest.raises(LocationError) as caught:
        listed(transport)
    assert caught.value.reason == "location.timeout"


def test_what_keeps_an_answer_from_coming_in_time_is_said(hostile, astray):
    answers = iter([error("SlowDown", 503)])
    hostile.answers(lambda _asked: next(answers, Reply(announced=1000, hangs=True)))
    with astray(deadline_s=0.5) as transport, pytest.raises(LocationError) as caught:
        listed(transport)
    assert caught.value.reason == "location.throttled"


def test_who_is_no_longer_waited_for_is_not_asked_again(hostile, astray):
    hostile.says(error("SlowDown", 503))
    with astray() as transport:
        transport.close()
        with pytest.raises(LocationError):
            listed(transport)
    assert len(hostile.asked) == 1


def test_a_listing_in_a_circle_ends(hostile, astray):
    hostile.says(listing("a", after="b"), listing("b", after="a"), listing("a", after="b"))
    with astray() as transport, pytest.raises(LocationError, match="circle") as caught:
        listed(transport)
    assert caught.value.reason == "location.unreadable"


@pytest.mark.parametrize(
    "body",
    [
        b"<html>welcome to this hotel",
        b"<html><p>welcome to this hotel</p></html>",
        b"<ListBucketResult/>",
        b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        listing("key\x01").body,
        listing("a", odd="</Contents><Contents>").body,
        listing("a").body.replace(b"2026", b"some"),
        listing("a").body.replace(b"<Size>0", b"<Size>many"),
        listing("a").body.replace(b"<Size>0", b"<Size>-1"),
        b'<?xml version="1.0" encoding="none-such"?><ListBucketResult/>',
    ],
)
def test_what_is_no_listing_is_not_an_empty_one(hostile, astray, body):
    hostile.says(Reply(body=body))
    with astray() as transport, pytest.raises(LocationError) as caught:
        listed(transport)
    assert caught.value.reason in {"location.unreadable", "location.cut"}


def test_an_error_that_comes_as_a_success(hostile, astray):
    hostile.says(error("SlowDown", 200), listing("one"))
    with astray() as transport:
        assert listed(transport) == ["one"]


def test_quotes_around_an_etag_are_no_part_of_it(hostile, astray):
    unquoted = listing("a", "b").body.replace(b'"', b"")
    hostile.says(listing("a", "b"), Reply(body=unquoted))
    with astray() as transport:
        assert list(transport.listing()) == list(transport.listing())


def test_keys_outside_the_prefix_are_not_below_it(hostile, astray):
    hostile.says(listing("other/one", "site/two", "site"))
    with astray(prefix="site/") as transport:
        assert listed(transport) == ["two"]


def test_each_question_names_the_owner_of_the_bucket_and_who_asks(hostile, astray):
    hostile.says(listing("one"))
    with astray(owner="123456789012") as transport:
        listed(transport)
    headers = {name.lower(): value for name, value in hostile.asked[0].headers.items()}
    assert headers["x-amz-expected-bucket-owner"] == "123456789012"
    assert "nexoaudit/" in headers["user-agent"]
