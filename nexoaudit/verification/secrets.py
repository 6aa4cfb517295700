"""Members of an archive that hold a secret which everybody may read."""

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
_SECRET = re.compile(
    rb"-----BEGIN (?:\w+ )?PRIVATE KEY-----"
    rb"|(?i:pass(?:word|wd)?|secret|api_?key)[\"'\]]*[ \t]*(?:=>?|:)[ \t]*[\"']?"
    rb"(?!getenv|env\(|\$|null|true|false|none)[^\s\"';,)]{3,}"
)


def is_open_secret(member: Member, content: Iterable[bytes]) -> bool:
    """Return whether a member is a file with a password or key in it that everybody may read.

    `content` is read only of a member whose name and mode make it likely.
    """
    if member.kind != "file" or not member.mode & _OPEN_TO_ALL:
        return False
    if not _LIKELY.fullmatch(member.name) or member.size > MAX_READ:
        return False
    return _SECRET.search(b"".join(content)) is not None
