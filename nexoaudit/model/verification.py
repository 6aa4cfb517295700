"""What one complete read of a copy found."""

from typing import NamedTuple

from nexoaudit.model.fact import Fact
from nexoaudit.model.prints import Prints


class Verification(NamedTuple):
    """The facts of one read; the auditor records them, the rules judge them."""

    sha256: str
    """Of the file as it lies there; empty when it could not be read to its end."""
    size: int
    mtime_ms: int
    recorded: str
    """`sidecar`, `self`, `copy` or empty, as in `Copy.recorded`."""
    assurance: int
    problems: tuple[str, ...]
    content_ms: int = 0
    raw_size: int = 0
    """Bytes after decompression."""
    detail: str = ""
    """The reader's own words about the first problem, for a person; never parsed."""
    manifest: tuple[tuple[str, Fact], ...] = ()
    """What is inside: sorted pairs such as `("table.users.rows", 1200)`."""
    earlier: str = ""
    """The digest that our own earlier reads recorded of the same size and time of change, where
    this read did not find it; empty otherwise."""
    sample: str = ""
    """Of some of its bytes, where the digest of all of them is recorded nowhere but here: by it a
    copy is recognised whose time alone was renewed."""
    proof: str = "read"
    """How the digest was established; see `Copy.proof`."""
    sealed: str = ""
    """Of an encrypted copy: how, such as `AES256 MDC`; see `Copy.sealed`."""
    sealed_sha256: str = ""
    """Of an encrypted copy: the digest of the bytes as they lie there; `sha256` is of what was
    encrypted, empty until somebody decrypted it."""
    of: str = ""
    """See `Copy.of`."""
    token: str = ""
    """Of an object: the token of the bytes that this is about."""
    access: str = ""
    """See `Stored.access`; empty: readable at once."""
    readable_until_ms: int = 0
    lock: str = ""
    """See `Stored.lock`."""
    locked_until_ms: int = 0
    prints: Prints | None = None
    """Checksums of the bytes as they lie there, where they were asked for; recorded by themselves,
    under their digest, and not with the read."""
