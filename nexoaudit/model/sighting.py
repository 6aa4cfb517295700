"""What one sweep of a location saw."""

from typing import NamedTuple


class Sighting(NamedTuple):
    """One file or tree that matches a series' pattern, without having read its content."""

    location: str
    component: str
    series: str
    path: str
    time_ms: int
    """From the name, else from mtime, or from ctime for a tree; UTC."""
    time_source: str
    size: int
    """Of a tree: that of all its files."""
    mtime_ms: int
    inode: str
    """Device and inode, `dev:ino`: the same bytes are never two copies. Empty for a tree."""
    mode: int
    finished: bool
    sidecar: str = ""
    """Path of the digest file beside it; empty when there is none."""
    sidecar_ctime_ms: int = 0
    ctime_ms: int = 0
    """The inode's own time of change: it moves on when somebody sets mtime back. Of a tree: the
    newest of its files."""
    listing_sha256: str = ""
    """Of a tree: digest of its names, modes, sizes, times and inodes."""
    token: str = ""
    """Of an object: what changes whenever its bytes do."""
    tier: str = ""
    """Of an object: its storage class; empty: the standard one."""


class Stray(NamedTuple):
    """Files that lie beside the copies of one series and are none of them."""

    kind: str
    """`orphan`: a checksum file whose file is gone; `stray`: named like a copy, but not quite."""
    component: str
    series: str
    files: int
    oldest_ms: int
    """The moment of the oldest: in its name, else its time of change."""
    names: tuple[str, ...]
    """The oldest of them, as paths."""


class Grove(NamedTuple):
    """The trees of one series at one location, as far as they share files by hard links."""

    component: str
    series: str
    trees: int
    size: int
    """Bytes of all their files, each counted under every name."""
    own: int
    """The same, each divided among its names: what they take up. 0: nobody says."""


class Sweep(NamedTuple):
    """One complete listing of a location, or the reason why there is none."""

    location: str
    finished_ms: int
    outcome: str
    """`complete` or `failed`."""
    reason: str = ""
    """Reason code of a failed sweep."""
    detail: str = ""
    files: int = 0
    bytes: int = 0
    unmatched: int = 0
    """Files that no series and no sidecar accounts for."""
    listing_sha256: str = ""
    device: int = 0
    """st_dev of the location: two locations on one device are one medium."""
    strays: tuple[Stray, ...] = ()
    """Those of the unmatched files that lie beside the copies of a series."""
    groves: tuple[Grove, ...] = ()
    """Of the series of trees."""
    keys: tuple[str, ...] = ()
    """Paths of files named like one that opens encrypted copies."""
    others: tuple[str, ...] = ()
    """Paths of the first other ones."""
