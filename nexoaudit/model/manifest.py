"""What is inside recovery points: the newest one, the last good one before it, and the trend."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from nexoaudit.model.fact import Fact

NO_FACTS: Mapping[str, Fact] = MappingProxyType({})
NO_COUNTS: Mapping[str, int] = MappingProxyType({})
FILES_SHA256 = "files.sha256"
"""The fact of a tree that is the digest of the paths and bytes of its files, links left out: what
a host can be asked for that computes digests of files."""
OTHERS = "(others)"
"""The name under which what is beyond a manifest's bound is added up."""


MEMBERS = "members."
"""Begins the facts about an archive's members and those of an earlier archive of its series:
`index` (the digest of the auditor's index of them), `with` (the digest of the earlier archive),
`compared` (how many have the size and time that they had then), `altered` (how many of those have
other bytes) and `names` (the first of these)."""
DIGEST = "digest."
"""Begins the facts that hold the digests of certificates and keys; their names end it."""


def wanted(path: str) -> str:
    """Return the fact that counts the members of an archive at a path that policy expects."""
    return f"wanted.{path.strip('/')}"


def unwanted(path: str) -> str:
    """Return the fact that counts the members of an archive at a path that policy forbids."""
    return f"unwanted.{path.strip('/')}"


class Manifest(NamedTuple):
    """What one complete read found inside one recovery point."""

    location: str
    """Of the copy that was read; its equals by digest hold the same."""
    path: str
    time_ms: int
    sha256: str
    size: int
    """Bytes of the file."""
    raw_size: int
    """Bytes after decompression."""
    facts: Mapping[str, Fact] = NO_FACTS
    counts: Mapping[str, int] = NO_COUNTS
    """Rows of each table; of an archive, files below each name at its top."""

    @property
    def total(self) -> int:
        """Rows of all tables, or files."""
        return int(self.facts.get("rows", self.facts.get("files", 0)))

    @property
    def bytes(self) -> int:
        """Bytes of the content: of all members, or of the dump."""
        return int(self.facts.get("bytes", self.raw_size))


class Total(NamedTuple):
    """How much one recovery point held."""

    time_ms: int
    total: int
    """Rows, or files."""
    bytes: int


class Dwindled(NamedTuple):
    """A count that fell at almost every point."""

    name: str
    before: int
    """At the oldest good point of the last 30 days."""
    after: int
    time_ms: int
    """Of that oldest point."""


class Acceptance(NamedTuple):
    """A person's word that a manifest is as it should be."""

    ts_ms: int
    by: str
    reason: str


class History(NamedTuple):
    """What the newest point of a series holds, against what came before it."""

    newest: Manifest
    good: Manifest | None
    """The last one before it in which nothing was lost; None: there is nothing to compare with."""
    series: tuple[Total, ...] = ()
    """Good points of the last 30 days, the newest one left out, oldest first; what came before an
    accepted loss is not in it."""
    unsteady: tuple[str, ...] = ()
    """What falls to half and comes back again and again: its count says nothing."""
    confirmed: bool = False
    """A person accepted `newest`, or `good` or what that goes back to without a loss."""
    accepted: Acceptance | None = None
    """Of `newest` itself."""
    dwindled: tuple[Dwindled, ...] = ()
    """Steady counts that fell to half or less in the time of `series`, a little at each point."""
