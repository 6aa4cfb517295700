"""What is known about a site before it has a configuration."""

from collections.abc import Mapping
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


class FoundJobs(Protocol):
    """What the live system tells of the jobs, as `live.discover` finds it."""

    @property
    def makers(self) -> Mapping[str, str]:
        """By directory the name of the script that fills it."""

    @property
    def transfer(self) -> str:
        """The name of the script that copies backups elsewhere; empty: not found."""

    @property
    def logs(self) -> tuple[str, ...]:
        """The logs that jobs append to."""


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
    data: tuple[tuple[str, Path], ...] = ()
    """Kinds of components and where their live data lies, as far as it was found."""
    unseen_disks: str = ""
    """Why the disks below the scanned directory cannot be told; empty when they can."""
    monitoring_group: str = ""
    demonstration: bool = False
    jobs: FoundJobs | None = None
    """None: the jobs were not looked for."""

    def job_of(self, pattern: str) -> str:
        """Return the script that makes the files of a pattern; empty when that is not known."""
        directory = (self.scanned / pattern).parent
        return "" if self.jobs is None else self.jobs.makers.get(str(directory), "")
