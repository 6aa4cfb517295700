"""A location as it presents itself: which one it really is, and how well it keeps what it holds."""

from typing import NamedTuple

UNKNOWN = "unknown"
"""The store would not say: never taken for absent."""


class Expiry(NamedTuple):
    """A rule of the store that deletes on its own."""

    prefix: str
    """What the keys begin with, that of the location included; empty: all of the bucket."""
    after_s: int
    """Seconds after the upload; of a rule with a fixed date those left until then."""
    noncurrent: bool = False
    """It deletes versions that were overwritten or deleted, not the current ones."""


class Store(NamedTuple):
    """One look at a location. What was refused is `unknown`; what does not apply is empty."""

    location: str
    observed_ms: int
    outcome: str = "complete"
    """`complete`, or `failed` when it could not be reached at all."""
    reason: str = ""
    """Reason code of a failed look."""
    detail: str = ""
    identity: tuple[str, ...] = ()
    """What tells it from every other place, whatever it is called: sorted tokens such as
    `device:8:1`, `bucket:https://s3.example/name`, `address:192.0.2.7`, `network:192.0.2.0/24`,
    `hostkey:SHA256:...`, `machine:...`. Two locations that share a token share a fate."""
    versioning: str = ""
    """`enabled`, `suspended`, `off`, `unknown`."""
    lock: str = ""
    """Default retention of new objects: `COMPLIANCE`, `GOVERNANCE`, `enabled` (possible, but no
    default), `off`, `unknown`."""
    lock_s: int = 0
    """How long that default lasts."""
    public: str = ""
    """`no`, `yes`, `unknown`."""
    encryption: str = ""
    """At rest: an algorithm, `off`, `unknown`."""
    region: str = ""
    expiries: tuple[Expiry, ...] = ()
    expiry: str = ""
    """`known` when `expiries` are all there are, `unknown` when they were refused."""
    lax: tuple[str, ...] = ()
    """What makes the way there unsafe, such as `hostkey.unchecked`; reason codes."""
