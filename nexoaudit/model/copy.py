"""One copy of a recovery point, as last observed."""

from enum import IntEnum
from typing import NamedTuple


class Assurance(IntEnum):
    """How far a copy is proven."""

    CLAIMED = 0
    PRESENT = 1
    INTACT = 2
    READABLE = 3
    COMPLETE = 4
    RESTORED = 5
    SERVING = 6


class Copy(NamedTuple):
    """The bytes of one recovery point at one location, with what verification said of them."""

    location: str
    component: str
    series: str
    path: str
    """Relative to the location; bytes that are not UTF-8 as `\\\\xNN`, a backslash doubled. That of
    a tree ends in `/`."""
    time_ms: int
    """The recovery point's moment, UTC."""
    time_source: str
    """Where that moment comes from: `name`, `content`, `mtime` or, for a tree, `ctime`."""
    size: int
    mtime_ms: int
    finished: bool
    """False while the file still grows: neither a fault nor a recovery point."""
    seen_ms: int
    """When a sweep first saw it in this form."""
    verified_ms: int = 0
    """When its bytes were last read; 0: never."""
    sha256: str = ""
    recorded: str = ""
    """What its digest equalled: `sidecar`, `self` (our own first complete read), `copy` (that of
    the copy it was made from), or nothing."""
    assurance: int = Assurance.PRESENT
    problems: tuple[str, ...] = ()
    """Reason codes of verification, such as `sidecar.mismatch`; empty for a sound copy."""
    inode: str = ""
    """Device and inode: names of the same bytes on one disk are one copy."""
    content_ms: int = 0
    """The moment the content itself names (a dump's trailer, the newest member); 0: none."""
    mode: int = 0
    """Permission bits; those for everybody only as far as the directories above let them in."""
    proof: str = ""
    """How its digest was established: `read` (we read every byte), `decrypted` (read and opened),
    `sha256`, `md5` or `crc` (the store's own checksum of that kind equals ours), `host` (computed
    by the host it lies on), `size` (only the size agrees: no proof), or nothing."""
    sealed: str = ""
    """How it is encrypted: cipher and integrity protection, such as `AES256 MDC`; empty: it is not,
    or nobody has looked."""
    of: str = ""
    """Path of the copy that it is one of, where their names differ by more than an encrypted
    file's suffix."""
    tier: str = ""
    """Storage class, of an object; empty: the standard one."""
    access: str = ""
    """`archived`, `restoring` or `restored` of an object that cannot be read at any time."""
    readable_until_ms: int = 0
    lock: str = ""
    """`COMPLIANCE`, `GOVERNANCE` or `HOLD` while it cannot be deleted."""
    locked_until_ms: int = 0
