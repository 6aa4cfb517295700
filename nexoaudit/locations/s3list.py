"""Reading a page of an S3 listing.

The form is that of ListObjectsV2 (Amazon S3 API Reference). botocore's own reader takes most of the
time that a long listing takes; a page needs five texts of each object.
"""

from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import unquote_plus
from xml.etree import ElementTree as ET
from xml.parsers.expat import errors as expat

from botocore.utils import parse_timestamp

from nexoaudit.errors import LocationError
from nexoaudit.locations.directory import Found, write_path
from nexoaudit.model.moments import LAST_MS, millis

STANDARD = "STANDARD"
"""The storage class of whatever names none."""
_ENDS_EARLY = frozenset(
    expat.codes[text]
    for text in (
        expat.XML_ERROR_NO_ELEMENTS,
        expat.XML_ERROR_UNCLOSED_TOKEN,
        expat.XML_ERROR_PARTIAL_CHAR,
        expat.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)


class Page(NamedTuple):
    """One page of a listing."""

    files: list[Found]
    token: str | None
    """What asks for the next page; None: this is the last one."""


class Refusal(Exception):  # noqa: N818 - an answer, which its reader handles
    """The store sent an error where a page was due."""


def read_page(body: bytes, prefix: str) -> Page:
    """Return the objects of a page whose keys begin with `prefix`, without it.

    Directory markers (empty objects whose key ends in `/`) are left out. Raise Refusal for the
    store's error, LocationError for what is no page: `location.cut` when it ends early, else
    `location.unreadable`.
    """
    root = _root(body)
    space = root.tag[: root.tag.rindex("}") + 1] if root.tag.startswith("{") else ""
    if root.tag == f"{space}Error":
        raise Refusal
    if root.tag != f"{space}ListBucketResult":
        raise _broken(f"it begins with {root.tag[len(space) :]}")
    token = _next(root, space)
    encoded = root.findtext(f"{space}EncodingType", "").strip().lower() == "url"
    files = []
    names = [f"{space}{name}" for name in ("Key", "Size", "LastModified", "ETag", "StorageClass")]
    for node in root.iterfind(f"{space}Contents"):
        key, size, modified, etag, tier = map(node.findtext, names)
        if key is None or size is None or modified is None:
            raise _broken("an object has no key, size or date")
        if encoded and ("%" in key or "+" in key):
            key = unquote_plus(key, errors="surrogateescape")
        path = key[len(prefix) :]
        if not key.startswith(prefix) or not path or (path[-1] == "/" and size.strip() == "0"):
            continue
        files.append(
            Found(
                write_path(path),
                _count(size),
                _milliseconds(modified),
                0,
                0,
                0,
                0,
                etag.strip().strip('"') if etag else modified,
                "" if tier is None or tier == STANDARD else tier,
            )
        )
    return Page(files, token)


def _root(body: bytes) -> ET.Element:
    try:
        return ET.fromstring(body)  # noqa: S314 - expat bounds what entities add up to
    except ET.ParseError as error:
        if error.code in _ENDS_EARLY:
            raise LocationError("location.cut", "the listing ends early") from error
        raise _broken("it is no XML") from error
    except (ValueError, LookupError) as error:  # an encoding that nobody knows
        raise _broken("it is no XML") from error


def _next(root: ET.Element, space: str) -> str | None:
    """Return what asks for the next page; a page that does not say whether it is the last is none.

    Half a listing would make copies vanish.
    """
    more = root.findtext(f"{space}IsTruncated", "").strip().lower()
    token = root.findtext(f"{space}NextContinuationToken")
    if more == "false":
        return None
    if more != "true":
        raise _broken("it does not say whether it is complete")
    if not token:
        raise _broken("it does not say how it goes on: the store may not know ListObjectsV2")
    return token


def _count(size: str) -> int:
    try:
        count = int(size)
    except ValueError as error:
        raise _broken("a size is no number") from error
    if not 0 <= count < 1 << 63:
        raise _broken("a size is no number of bytes")
    return count


def _milliseconds(modified: str) -> int:
    try:
        moment = timestamp(modified)
    except (ValueError, OverflowError) as error:
        raise _broken("a date is none") from error
    return max(0, min(millis(moment), LAST_MS))


def timestamp(text: str) -> datetime:
    """Return a moment in any form that stores write; without a zone it is UTC.

    ISO 8601, which is what they nearly always write, takes a hundredth of what botocore's reader
    takes. Raise ValueError for anything else than a moment.
    """
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        try:
            moment = parse_timestamp(text)
        except (OverflowError, RuntimeError) as error:
            raise ValueError(f"{text!r} is no moment") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _broken(what: str) -> LocationError:
    return LocationError("location.unreadable", f"the listing cannot be read: {what}")
