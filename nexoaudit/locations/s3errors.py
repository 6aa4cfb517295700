"""What can go wrong with an S3 store, in the words of a location."""

import re
import ssl
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import ParseError

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from nexoaudit.errors import LocationError

FAILURES = (
    boto.BotoCoreError,
    boto.ClientError,
    ResponseParserError,
    ParseError,
    ValueError,
    LookupError,
    OSError,
)
"""Everything botocore raises, its own errors and those of what it reads answers with."""

_CODES = {
    "location.refused": (
        "InvalidAccessKeyId SignatureDoesNotMatch ExpiredToken ExpiredTokenException InvalidToken"
        " TokenRefreshRequired InvalidClientTokenId UnrecognizedClientException NotSignedUp"
        " AccountProblem InvalidSecurity CredentialsNotSupported 401"
    ),
    "location.forbidden": "AccessDenied AllAccessDisabled AccountAccessDenied Forbidden 403",
    "location.missing": "NoSuchBucket",
    "location.clock": "RequestTimeTooSkewed RequestExpired",
    "location.region": (
        "PermanentRedirect TemporaryRedirect AuthorizationHeaderMalformed 301 302 307 308"
        " IllegalLocationConstraintException IllegalLocationConstraint IncorrectEndpoint"
    ),
    "location.throttled": (
        "SlowDown Throttling ThrottlingException ThrottledException RequestThrottled"
        " RequestThrottledException RequestLimitExceeded TooManyRequests TooManyRequestsException"
        " BandwidthLimitExceeded PriorRequestNotComplete ServiceUnavailable Busy 429 503"
    ),
    "location.timeout": "RequestTimeout RequestTimeoutException 408 504",
    "location.archived": "InvalidObjectState",
    "location.cut": "IncompleteBody",
}
_REASONS = {code: reason for reason, codes in _CODES.items() for code in codes.split()}
_EXCEPTIONS: tuple[tuple[type[Exception], str], ...] = (
    (boto.ConnectTimeoutError, "location.timeout"),
    (boto.ReadTimeoutError, "location.timeout"),
    (boto.ConnectionClosedError, "location.cut"),
    (boto.ResponseStreamingError, "location.cut"),
    (boto.IncompleteReadError, "location.cut"),
    (boto.ConnectionError, "location.unreachable"),
    (boto.NoCredentialsError, "location.refused"),
    (boto.PartialCredentialsError, "location.refused"),
    (boto.CredentialRetrievalError, "location.refused"),
    (boto.ProfileNotFound, "location.refused"),
    (boto.ConfigNotFound, "location.refused"),
    (boto.ConfigParseError, "location.refused"),
    (boto.TokenRetrievalError, "location.refused"),
    (boto.SSOError, "location.refused"),
    (boto.HTTPClientError, "location.unreachable"),
    (OSError, "location.unreachable"),
)
_SENTENCES = {
    "location.refused": "{where} refuses the credentials ({why}): give the auditor valid ones",
    "location.forbidden": "{where} does not allow {needs}: grant it to the auditor",
    "location.missing": "{where} does not exist: correct `bucket`, or make it",
    "location.clock": "{where} says that the clock of this machine is wrong: set it by NTP",
    "location.region": "{where} belongs to another region{region}: correct `region`",
    "location.throttled": "{where} asks for fewer requests ({why}): try again later",
    "location.timeout": "{where} did not answer in time ({why}): check the network, try again",
    "location.archived": "{where} holds it in an archive: have it restored from there first",
    "location.cut": "{where} cut the connection half-way ({why}): try again",
    "location.unreachable": "{where} cannot be reached ({why}): check `endpoint` and the network",
    "location.unreadable": "{where} gave an answer that cannot be used ({why})",
}
_PERMISSIONS = {
    "ListObjectsV2": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
}
"""Operations whose permission has another name than they."""
_CODE = re.compile(r"[A-Za-z._]{1,64}|[0-9]{3}")
_SECRET = re.compile(r"[\w+/=%-]{32,}")


class StoreError(LocationError):
    """A LocationError with the code that the store gave."""

    def __init__(self, reason: str, detail: str, code: str = "", said: str = "") -> None:
        super().__init__(reason, detail)
        self.code = code
        """Such as `NoSuchKey`, else the number of the HTTP status; empty: it did not answer."""
        self.said = said
        """The store's own words, without what could be a secret."""


def translate(error: Exception, where: str) -> StoreError:
    """Return what an exception of botocore means; `where` names the bucket in a sentence.

    No text of it holds a credential, even where the store repeats one.
    """
    if isinstance(error, boto.ClientError):
        return _told(error, where)
    said = plain(_cause(error))
    reason = next(
        (reason for kind, reason in _EXCEPTIONS if isinstance(error, kind)), "location.unreadable"
    )
    text = _SENTENCES[reason].format(where=where, why=said, needs="it", region="")
    return StoreError(reason, text, said=said)


def late(where: str, seconds: float) -> StoreError:
    """Return the error for an answer that did not come within `seconds`."""
    why = f"not within {seconds:g} s"
    return StoreError(
        "location.timeout", _SENTENCES["location.timeout"].format(where=where, why=why)
    )


def plain(text: str) -> str:
    """Return somebody else's text as part of a line: short, printable, without long tokens."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[:2000])
    return " ".join(_SECRET.sub("...", shown).split())[:200]


def _told(error: boto.ClientError, where: str) -> StoreError:
    answer: Mapping[str, Any] = error.response
    told = answer.get("Error", {})
    code = str(told.get("Code", ""))
    code = code if _CODE.fullmatch(code) else plain(code)
    status = str(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    said = plain(str(told.get("Message") or ""))
    reason = _REASONS.get(code) or _REASONS.get(status, "location.unreadable")
    why = code
    if code in _SENTENCES:  # found by our own reading of the answer
        reason, why = code, said
    elif reason == "location.unreadable" and said:
        why = f"{code}: {said}"
    needs = _PERMISSIONS.get(error.operation_name, f"s3:{error.operation_name}")
    region = _region(answer)
    text = _SENTENCES[reason].format(where=where, why=why, needs=needs, region=region)
    return StoreError(reason, text, code, said)


def _region(answer: Mapping[str, Any]) -> str:
    told = answer.get("Error", {})
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = told.get("Region") or headers.get("x-amz-bucket-region") or told.get("Endpoint")
    return f", {plain(str(region))}" if region else ""


def _cause(error: BaseException) -> str:
    """Return the innermost reason that was given, which is the one to act on."""
    text = str(error) or type(error).__name__
    for inner in _chain(error):
        if isinstance(inner, ssl.SSLCertVerificationError):
            return inner.verify_message
        if isinstance(inner, ssl.SSLError):
            return str(inner.reason or inner)
        if isinstance(inner, OSError) and inner.strerror:
            text = inner.strerror
    return text


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it came from; urllib3 keeps some as an argument."""
    seen: set[int] = set()
    inner: BaseException | None = error
    while inner is not None and id(inner) not in seen:
        seen.add(id(inner))
        yield inner
        held = (part for part in (*inner.args, getattr(inner, "reason", None)))
        nested = next((part for part in held if isinstance(part, BaseException)), None)
        inner = inner.__cause__ or inner.__context__ or nested
