"""The reader of a page of a listing: against botocore's own, and against anything at all."""

from datetime import UTC, datetime
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import botocore.session
import pytest
from botocore.handlers import decode_list_object_v2
from botocore.parsers import create_parser
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.errors import LocationError
from nexoaudit.locations.directory import read_path
from nexoaudit.locations.s3list import Refusal, read_page, timestamp
from nexoaudit.model.moments import millis

SPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
XML_TEXT = st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"
)  # what XML can hold, but for the line ends that it changes
MOMENTS = st.integers(0, 4_000_000_000_000).map(
    lambda ms: datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
)
OBJECTS = st.lists(
    st.fixed_dictionaries(
        {
            "Key": st.text(XML_TEXT, min_size=1, max_size=40).map(lambda key: f"p/{key}"),
            "LastModified": MOMENTS,
            "ETag": st.from_regex('"[0-9a-f-]{1,40}"', fullmatch=True),
            "Size": st.integers(0, 1 << 50).map(str),
        },
        optional={
            "StorageClass": st.sampled_from(["STANDARD", "STANDARD_IA", "GLACIER", "NEW_ONE"]),
            "ChecksumAlgorithm": st.just("CRC32"),
            "Owner": st.just("<ID>1</ID>"),
        },
    ),
    max_size=5,
)
URL = st.sampled_from([None, quote, quote_plus])


def rendered(objects, encode, space=SPACE):
    def text(name, value):
        if name == "Owner":
            return value
        return escape(encode(value) if encode and name == "Key" else value)

    each = "".join(
        "<Contents>"
        + "".join(f"<{name}>{text(name, value)}</{name}>" for name, value in one.items())
        + "</Contents>"
        for one in objects
    )
    encoded = "<EncodingType>url</EncodingType>" if encode else ""
    page = f"<ListBucketResult{space}>{encoded}<IsTruncated>false</IsTruncated>{each}"
    return f"{page}</ListBucketResult>".encode()


@pytest.fixture(scope="module")
def botocore_reads():
    """Return what botocore itself reads from a page."""
    model = botocore.session.Session().get_service_model("s3").operation_model("ListObjectsV2")
    parser = create_parser("rest-xml")

    def read(body):
        answer = {"status_code": 200, "headers": {}, "body": body, "context": {}}
        parsed = parser.parse(answer, model.output_shape)
        decode_list_object_v2(parsed, {"encoding_type_auto_set": True})
        return parsed.get("Contents", [])

    return read


@given(OBJECTS, URL, st.sampled_from(["", SPACE]))
def test_it_reads_what_botocore_reads(botocore_reads, objects, encode, space):
    body = rendered(objects, encode, space)
    theirs = [
        (
            one["Key"],
            one["Size"],
            millis(one["LastModified"]),
            one["ETag"].strip('"'),
            one.get("StorageClass", "STANDARD"),
        )
        for one in botocore_reads(body)
        if not (one["Key"].endswith("/") and one["Size"] == 0)
    ]
    ours = [
        (f"p/{read_path(one.path)}", one.size, one.mtime_ms, one.token, one.tier or "STANDARD")
        for one in read_page(body, "p/").files
    ]
    assert ours == theirs


@given(OBJECTS, URL, st.data())
def test_no_beginning_of_a_page_is_a_page(objects, encode, data):
    body = rendered(objects, encode)
    end = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(LocationError) as caught:
        read_page(body[:end], "")
    assert caught.value.reason == "location.cut"


@given(st.data())
def test_damage_never_is_anything_but_an_error(mutated, data):
    sample = rendered([{"Key": "p/a", "LastModified": "2026-11-23", "Size": "1"}], None)
    body = data.draw(mutated(sample))
    try:
        page = read_page(body, "p/")
    except (LocationError, Refusal):
        return
    assert all(one.size >= 0 and one.path.encode("utf-8") for one in page.files)


@given(st.text())
def test_a_time_is_one_or_an_error(text):
    try:
        moment = timestamp(text)
    except ValueError:
        return
    assert moment.tzinfo is not None


def test_bytes_that_are_no_text_are_written_so_that_they_can_be_read_again():
    objects = [{"Key": "%ff%41+b", "LastModified": "2026-11-23T00:00:00Z", "Size": "1"}]
    (found,) = read_page(rendered(objects, str), "").files
    assert found.path == "\\xffA b"
    assert read_path(found.path) == "\udcffA b"


def test_an_object_without_an_etag_is_told_by_its_time():
    objects = [{"Key": "a", "LastModified": "2026-11-23T00:00:00Z", "Size": "1"}]
    (found,) = read_page(rendered(objects, None), "").files
    assert found.token == "2026-11-23T00:00:00Z"


def test_entities_that_swell_are_refused():
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<!DOCTYPE l [<!ENTITY e0 "swollen">{layers}]><ListBucketResult>&e11;'
    with pytest.raises(LocationError):
        read_page(body.encode(), "")
