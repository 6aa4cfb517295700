"""What an S3 store says of one object without sending it.

The forms are those of HeadObject and of "Checking object integrity" in the Amazon S3 documentation.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from nexoaudit.locations.s3client import Answer, BucketClient
from nexoaudit.locations.s3errors import StoreError
from nexoaudit.locations.s3list import STANDARD
from nexoaudit.model.moments import millis
from nexoaudit.model.stored import Checksum, Stored

_CHECKSUM = "x-amz-checksum-"
_NO_CHECKSUM = frozenset({"type", "mode", "algorithm"})
_SCOPES = {"FULL_OBJECT": "full", "COMPOSITE": "composite"}
_ALWAYS_FULL = frozenset({"crc64nvme"})
_ETAG = re.compile(r"([0-9a-fA-F]{32})(?:-([1-9][0-9]{0,5}))?")
_COLD = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_EXPIRY = re.compile(r'expiry-date="([^"]+)"')
_MOST_PARTS = 10_000
_OF_ONE = frozenset({"location.forbidden", "location.unreadable", "location.archived"})
"""Reasons that are about one object; all others are about the location."""
_KEYLESS = frozenset({"InvalidRequest", "InvalidArgument"})
_GONE = frozenset({"NoSuchKey", "404"})


class Objects:
    """Asks a bucket about its objects."""

    def __init__(self, client: BucketClient) -> None:
        self._client = client
        self._lists_parts = True

    def head(self, key: str, path: str) -> Stored:
        """Return what the store says of an object. Raise StoreError when the location is lost."""
        try:
            answer = self._client.ask("head_object", Key=key, ChecksumMode="ENABLED")
            stored = describe(path, answer)
            if stored.parts > 1:
                stored = stored._replace(part_sizes=self._part_sizes(key, stored))
        except StoreError as error:
            return self._refused(key, path, error)
        return stored

    def _refused(self, key: str, path: str, error: StoreError) -> Stored:
        """Return the outcome of a refused look.

        The answer to a HEAD has no words for why; that to a GET of one byte has.
        """
        if error.code.isdecimal() and error.code[0] == "4":
            try:
                self._client.ask("get_object", Key=key, Range="bytes=0-0")["Body"].close()
            except StoreError as told:
                error = told
        if error.code in _GONE:
            return Stored(path, "gone", error.said)
        if error.reason not in _OF_ONE:
            raise error
        if error.code in _KEYLESS and "encrypt" in error.said.lower():
            said = "it is encrypted with a key of its own (SSE-C), which only its owner has"
            return Stored(path, "refused", said)
        outcome = "refused" if error.reason == "location.forbidden" else "failed"
        return Stored(path, outcome, error.said or str(error))

    def _part_sizes(self, key: str, stored: Stored) -> tuple[int, ...]:
        """Return the sizes of the parts of an upload; empty: the store does not tell them.

        Many stores tell only that of the first, which is that of all but the last: what uploads in
        parts of different sizes is not among what makes backups.
        """
        try:
            return self._listed_parts(key, stored) or self._equal_parts(key, stored)
        except StoreError as error:
            if error.reason not in _OF_ONE:
                raise
            return ()

    def _listed_parts(self, key: str, stored: Stored) -> tuple[int, ...]:
        sizes: list[int] = []
        marker = 0
        while self._lists_parts and len(sizes) < stored.parts <= _MOST_PARTS:
            asked = {"ObjectAttributes": ["ObjectParts"], "PartNumberMarker": marker}
            try:
                answer = self._client.ask("get_object_attributes", Key=key, **asked)
            except StoreError as error:
                if error.reason not in _OF_ONE:
                    raise
                self._lists_parts = False  # a store that does not know the question, or its asker
                break
            told = answer.get("ObjectParts", {}).get("Parts", ())
            sizes += [part.get("Size", -1) for part in told]
            marker = told[-1].get("PartNumber", 0) if told else 0
            if not marker:
                break
        return _agreed(tuple(sizes), stored)

    def _equal_parts(self, key: str, stored: Stored) -> tuple[int, ...]:
        answer = self._client.ask("head_object", Key=key, PartNumber=1)
        first = answer.get("ContentLength", 0)
        if answer.get("PartsCount") != stored.parts or stored.parts > _MOST_PARTS:
            return ()
        rest = stored.size - first * (stored.parts - 1)
        return _agreed((*[first] * (stored.parts - 1), rest), stored) if rest <= first else ()


def _agreed(sizes: tuple[int, ...], stored: Stored) -> tuple[int, ...]:
    fits = len(sizes) == stored.parts and sum(sizes) == stored.size and min(sizes) > 0
    return sizes if fits else ()


def describe(path: str, answer: Answer) -> Stored:
    """Return what the answer to a HEAD says.

    A lock or a restore that is over by the store's own clock is none.
    """
    headers: Mapping[str, str] = answer["ResponseMetadata"]["HTTPHeaders"]
    etag = str(answer.get("ETag", "")).strip().strip('"')
    now = _date(headers.get("date", "")) or datetime.min.replace(tzinfo=UTC)
    known = _ETAG.fullmatch(etag)
    checksums, parts = _checksums(headers, int(known[2]) if known and known[2] else 0)
    encryption = str(answer.get("ServerSideEncryption") or "")
    if answer.get("SSECustomerAlgorithm"):
        encryption = "SSE-C"
    if known and encryption in {"", "AES256"}:  # under other keys it is no digest of the bytes
        scope = "composite" if known[2] else "full"
        checksums.append(Checksum("md5", known[1].lower(), scope))
    tier = str(answer.get("StorageClass") or STANDARD)
    access, readable_until_ms = _access(answer, tier, now)
    lock, locked_until_ms = _lock(answer, now)
    version = str(answer.get("VersionId") or "")
    return Stored(
        path,
        size=int(answer.get("ContentLength", 0)),
        token=f"{etag} {version}".strip(),
        checksums=tuple(checksums),
        parts=max(1, parts),
        tier="" if tier == STANDARD else tier,
        access=access,
        readable_until_ms=readable_until_ms,
        lock=lock,
        locked_until_ms=locked_until_ms,
        encryption=encryption,
    )


def _checksums(headers: Mapping[str, str], parts: int) -> tuple[list[Checksum], int]:
    """Return every checksum among the headers, also of kinds that no library knows yet.

    What is of the bytes and what is of the parts' checksums is told by a type, by the number of
    parts after a dash, or not at all.
    """
    told = _SCOPES.get(headers.get(f"{_CHECKSUM}type", "").upper(), "")
    found = []
    for header, text in sorted(headers.items()):
        name = header.lower().removeprefix(_CHECKSUM)
        if not header.lower().startswith(_CHECKSUM) or name in _NO_CHECKSUM:
            continue
        value, _, number = text.strip().partition("-")
        digest = _hexadecimal(value)
        if not digest:
            continue
        if number.isdecimal():
            parts = parts or int(number)
        scope = told or ("unsaid" if parts > 1 else "full")
        if number:
            scope = "composite"
        found.append(Checksum(name, digest, "full" if name in _ALWAYS_FULL else scope))
    return found, parts


def _hexadecimal(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).hex()
    except (binascii.Error, ValueError):
        return ""


def _access(answer: Answer, tier: str, now: datetime) -> tuple[str, int]:
    cold = tier in _COLD or (tier == "INTELLIGENT_TIERING" and answer.get("ArchiveStatus"))
    if not cold:
        return "instant", 0
    restore = str(answer.get("Restore") or "")
    if 'ongoing-request="true"' in restore:
        return "restoring", 0
    expiry = _EXPIRY.search(restore)
    until = _date(expiry[1]) if expiry else None
    if 'ongoing-request="false"' not in restore or (until is not None and until <= now):
        return "archived", 0
    return "restored", _milliseconds(until)


def _lock(answer: Answer, now: datetime) -> tuple[str, int]:
    mode = str(answer.get("ObjectLockMode") or "")
    until = answer.get("ObjectLockRetainUntilDate")
    if mode in {"COMPLIANCE", "GOVERNANCE"} and isinstance(until, datetime) and until > now:
        return mode, _milliseconds(until)
    return ("HOLD", 0) if answer.get("ObjectLockLegalHoldStatus") == "ON" else ("", 0)


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _milliseconds(moment: datetime | None) -> int:
    if moment is None:
        return 0
    return millis(moment)
