"""Members of an archive that hold passwords, keys or certificates."""

import re
from collections.abc import Iterable

from nexoaudit.formats.archive import Member

MAX_READ = 64 * 1024
"""Bytes of a member that are looked at: a configuration or a key is shorter."""
_OPEN_TO_ALL = 0o004
_LIKELY = re.compile(
    r"(?:.*/)?(?:(?:wp-)?config\.php|settings\.php|\.env(?:\.[\w.]+)?|[\w.-]*\.cnf|\.pgpass"
    r"|[\w.-]+\.(?:key|pem)|id_(?:rsa|dsa|ecdsa|ed25519))"
)
"""Names under which sites keep passwords and keys; what is in the file decides."""
_KEY_FILES = (".pem", ".crt", ".cer", ".key", ".chain", ".bundle")
_SECRET = re.compile(
    rb"-----BEGIN (?:\w+ )?PRIVATE KEY-----"
    rb"|(?i:pass(?:word|wd)?|secret|api_?key)[\"'\]]*[ \t]*(?:=>?|:)[ \t]*[\"']?"
    rb"(?!getenv|env\(|\$|null|true|false|none)[^\s\"';,)]{3,}"
)


def content_of_interest(member: Member, content: Iterable[bytes]) -> bytes:
    """Return what a member holds that may be a secret or a certificate; nothing of any other."""
    if member.kind != "file" or member.size > MAX_READ:
        return b""
    if not _LIKELY.fullmatch(member.name) and not is_key_file(member):
        return b""
    return b"".join(content)


def is_open_secret(member: Member, data: bytes) -> bool:
    """Return whether a member, of content `data`, has a secret in it that everybody may read."""
    if not member.mode & _OPEN_TO_ALL or not _LIKELY.fullmatch(member.name):
        return False
    return _SECRET.search(data) is not None


def is_key_file(member: Member) -> bool:
    """Return whether a member is by its name a certificate or a key."""
    return member.name.endswith(_KEY_FILES)
