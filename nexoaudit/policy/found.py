"""What is known about a site before it has a configuration."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol


class FoundGroup(Protocol):
    """A group of backups with one name pattern, as `inventory.scan` finds them."""

    @property
    def pattern(self) -> str:
        """The series pattern."""

    @property
    def kind(self) -> str:
        """The kind of component."""

    @property
    def files(self) -> int:
        """How many files."""

    @property
    def sidecars(self) -> int:
        """How many of them have a checksum file."""

    @property
    def times(self) -> tuple[datetime, ...]:
        """The moments of those that are not empty, oldest first, in the site's zone."""

    @property
    def timed(self) -> bool:
        """Whether their names carry dates."""


class Starter(NamedTuple):
    """What is known about a site before it has a configuration."""

    name: str
    timezone: str
    state_dir: Path
    scanned: Path
    groups: tuple[FoundGroup, ...]
    others: tuple[tuple[str, int], ...]
    now: datetime
    offsite: Path | None = None
    application: Path | None = None
    """The live application's directory."""
    repository: Path | None = None
    root: Path = Path("/")
    """Root of the live system: another one than `/` for a demonstration."""
    monitoring_group: str = ""
    demonstration: bool = False
