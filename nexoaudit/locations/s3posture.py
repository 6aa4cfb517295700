"""How an S3 bucket keeps what it holds: which one it is, and its configuration.

The forms are those of the Amazon S3 API Reference; a store that lacks a feature says so in one of
many ways, which `_ABSENT` lists.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult

from nexoaudit.locations.s3client import Answer, BucketClient
from nexoaudit.locations.s3errors import StoreError
from nexoaudit.locations.s3list import timestamp
from nexoaudit.model.moments import millis
from nexoaudit.model.store import UNKNOWN, Expiry, Store

Ask = Callable[[Callable[[], Any]], Any]
"""Runs a question within the time that is left."""

_ABSENT = frozenset(
    {
        "NoSuchLifecycleConfiguration",
        "NoSuchBucketPolicy",
        "NoSuchPublicAccessBlockConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "NoSuchObjectLockConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NotImplemented",
        "MethodNotAllowed",
        "XNotImplemented",
        "BucketAlreadyExists",  # rclone's, to every question that it does not know
        "501",
        "405",
    }
)
_HIDDEN = frozenset({"location.forbidden", "location.unreadable"})
"""Reasons that leave one answer unknown; all others are about the location."""
_EVERYBODY = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
_PUBLIC = ("get_public_access_block", "get_bucket_policy_status", "get_bucket_acl")
_BLOCKS = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)
_AWS = re.compile(r"(?:.*\.)?amazonaws\.com(?P<china>\.cn)?")
_PORTS = {"http": 80, "https": 443}
_DAY_S = 86_400
_YEAR_S = 365 * _DAY_S


def look(location: str, client: BucketClient, now: datetime, ask: Ask) -> Store:
    """Return what a bucket presents itself as. Raise StoreError when it cannot be reached."""

    def told(operation: str) -> Answer | None:
        """Return an answer: empty for what is not configured, None for what is unknown."""
        try:
            answer: Answer = ask(lambda: client.ask(operation))
        except StoreError as error:
            if error.code in _ABSENT:
                return {}
            if error.reason in _HIDDEN:
                return None
            raise
        return answer

    lock, lock_s = _lock(told("get_object_lock_configuration"))
    expiries = _expiries(told("get_bucket_lifecycle_configuration"), now)
    return Store(
        location,
        millis(now),
        identity=identity(client, ask),
        versioning=_versioning(told("get_bucket_versioning")),
        lock=lock,
        lock_s=lock_s,
        public=_public(*map(told, _PUBLIC)),
        encryption=_encryption(told("get_bucket_encryption")),
        region=_region(told("get_bucket_location"), client),
        expiries=expiries or (),
        expiry=UNKNOWN if expiries is None else "known",
        lax=lax_of(client.endpoint),
    )


def lax_of(endpoint: SplitResult) -> tuple[str, ...]:
    """Return what is unsafe on the way: who listens may read what is fetched, and change it."""
    host = endpoint.hostname or ""
    here = host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
    return () if endpoint.scheme == "https" or here else ("endpoint.plain",)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def identity(client: BucketClient, ask: Ask) -> tuple[str, ...]:
    """Return what tells the bucket from every other one, however its endpoint is spelled.

    At AWS a name is there once; elsewhere a store is its endpoint, and shares the fate of whatever
    has its addresses.
    """
    endpoint, name = client.endpoint, client.bucket.bucket
    host = (endpoint.hostname or "").rstrip(".")
    if aws := _AWS.fullmatch(host):
        partition = "aws-cn" if aws["china"] else client.partition
        return (f"bucket:{partition}/{name}",)
    addresses = ask(lambda: _addresses(host))
    return tuple(sorted((f"bucket:{_spelled(endpoint, name)}/{name}", *addresses)))


def _spelled(endpoint: SplitResult, bucket: str) -> str:
    host = (endpoint.hostname or "").rstrip(".").removeprefix(f"{bucket}.")
    shown = f"[{host}]" if ":" in host else host
    default = endpoint.port in {None, _PORTS.get(endpoint.scheme)}
    port = "" if default else f":{endpoint.port}"
    return f"{endpoint.scheme}://{shown}{port}{endpoint.path.rstrip('/')}"


def _addresses(host: str) -> Iterable[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()  # behind a proxy, say
    plain = {ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found}
    return {f"address:{getattr(one, 'ipv4_mapped', None) or one}" for one in plain}


def _versioning(answer: Answer | None) -> str:
    if answer is None:
        return UNKNOWN
    states = {"": "off", "Enabled": "enabled", "Suspended": "suspended"}
    return states.get(answer.get("Status") or "", UNKNOWN)


def _lock(answer: Answer | None) -> tuple[str, int]:
    if answer is None:
        return UNKNOWN, 0
    told = answer.get("ObjectLockConfiguration") or {}
    if told.get("ObjectLockEnabled") != "Enabled":
        return "off", 0
    default = (told.get("Rule") or {}).get("DefaultRetention") or {}
    lasts = (default.get("Days") or 0) * _DAY_S + (default.get("Years") or 0) * _YEAR_S
    mode = default.get("Mode")
    return (mode, lasts) if mode in {"COMPLIANCE", "GOVERNANCE"} and lasts else ("enabled", 0)


def _public(block: Answer | None, policy: Answer | None, acl: Answer | None) -> str:
    """Return whether anybody may read: by a policy or by a grant, unless such are blocked."""
    blocked = (block or {}).get("PublicAccessBlockConfiguration") or {}
    if all(blocked.get(name) is True for name in _BLOCKS):
        return "no"
    ways = [
        False if blocked.get("RestrictPublicBuckets") is True else _public_policy(policy),
        False if blocked.get("IgnorePublicAcls") is True else _public_acl(acl),
    ]
    if True in ways:
        return "yes"
    return UNKNOWN if None in ways else "no"


def _public_policy(answer: Answer | None) -> bool | None:
    if not answer:
        return None if answer is None else False
    told = (answer.get("PolicyStatus") or {}).get("IsPublic")
    return told if isinstance(told, bool) else None


def _public_acl(answer: Answer | None) -> bool | None:
    if not answer:
        return None if answer is None else False
    grants = answer.get("Grants")
    if grants is None:
        return None
    return any((grant.get("Grantee") or {}).get("URI") in _EVERYBODY for grant in grants)


def _encryption(answer: Answer | None) -> str:
    if answer is None:
        return UNKNOWN
    rules = (answer.get("ServerSideEncryptionConfiguration") or {}).get("Rules") or ()
    by_default = ((rule.get("ApplyServerSideEncryptionByDefault") or {}) for rule in rules)
    return next((str(one["SSEAlgorithm"]) for one in by_default if one.get("SSEAlgorithm")), "off")


def _region(answer: Answer | None, client: BucketClient) -> str:
    """Return the region; AWS calls its first one by no name and its second by an old one."""
    told = (answer or {}).get("LocationConstraint") or ""
    if told == "EU":
        return "eu-west-1"
    if told or answer is None or not _AWS.fullmatch(client.endpoint.hostname or ""):
        return told or client.bucket.region
    return "us-east-1"


def _expiries(answer: Answer | None, now: datetime) -> tuple[Expiry, ...] | None:
    """Return the rules that delete objects anywhere in the bucket; None: they are not known."""
    if answer is None:
        return None
    found: list[Expiry] = []
    try:
        for rule in answer.get("Rules") or ():
            if rule.get("Status") == "Enabled":
                found += _expiries_of(rule, now)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return tuple(sorted(set(found)))


def _expiries_of(rule: Mapping[str, Any], now: datetime) -> list[Expiry]:
    prefix = _prefix(rule)
    found = []
    current = rule.get("Expiration") or {}
    if "Days" in current:
        found.append(Expiry(prefix, int(current["Days"]) * _DAY_S))
    if "Date" in current:
        left = timestamp(current["Date"]) - now
        found.append(Expiry(prefix, max(0, left.days) * _DAY_S))  # in days: else each look is news
    earlier = rule.get("NoncurrentVersionExpiration") or {}
    if "NoncurrentDays" in earlier:
        found.append(Expiry(prefix, int(earlier["NoncurrentDays"]) * _DAY_S, noncurrent=True))
    return found


def _prefix(rule: Mapping[str, Any]) -> str:
    """Return what the keys that a rule is about begin with.

    Whatever else narrows it down, tags or sizes, is left out: it may be true of any object.
    """
    chosen = rule.get("Filter") or {}
    both = chosen.get("And") or {}
    return str(rule.get("Prefix") or chosen.get("Prefix") or both.get("Prefix") or "")
