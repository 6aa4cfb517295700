"""The certificates and keys that the live web server uses."""

from typing import NamedTuple


class KeyFile(NamedTuple):
    """One file that the configuration of a web server names."""

    path: str
    """As the configuration writes it."""
    sha256: str
    """Of its bytes; empty when it could not be read."""
    mtime_ms: int
    detail: str = ""
    """Why it could not be read."""


class Certificates(NamedTuple):
    """What the watched web server configuration of one component asks for."""

    component: str
    files: tuple[KeyFile, ...]
    """Ordered by path."""
