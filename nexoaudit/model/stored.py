"""What a location says of one file that lies there, without sending its bytes."""

from typing import NamedTuple


class Checksum(NamedTuple):
    """One checksum as the store keeps it."""

    algorithm: str
    """`sha256`, `sha1`, `crc32`, `crc32c`, `crc64nvme`, `md5`, or a name that we do not know."""
    value: str
    """In hexadecimal; without the number of parts."""
    scope: str = "full"
    """`full`: of the bytes; `composite`: of the parts' checksums; `unsaid`: one of the two."""


class Stored(NamedTuple):
    """One file or object; the times are UTC, in milliseconds."""

    path: str
    """As `Found.path`."""
    outcome: str = "told"
    """`told`, or why nothing is known: `gone`, `refused` (unknown, not absent), `failed`."""
    detail: str = ""
    """The store's own words about an outcome that is not `told`; no secrets."""
    size: int = 0
    token: str = ""
    """Changes whenever the bytes do: of an object its ETag and version."""
    checksums: tuple[Checksum, ...] = ()
    part_sizes: tuple[int, ...] = ()
    """Sizes of the parts it was uploaded in, as the store tells them; empty: unknown, or one."""
    parts: int = 1
    """Into how many parts the upload was cut."""
    tier: str = ""
    """Storage class; empty: the standard one."""
    access: str = "instant"
    """`instant`, `archived`, `restoring`, or `restored` until `readable_until_ms`."""
    readable_until_ms: int = 0
    lock: str = ""
    """`COMPLIANCE`, `GOVERNANCE` or `HOLD` while it cannot be deleted; empty: it can."""
    locked_until_ms: int = 0
    """0 with a lock: until somebody lifts it."""
    encryption: str = ""
    """The store's own encryption at rest; it says nothing about ours."""
