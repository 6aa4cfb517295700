"""What every job of a site shares: places, local time, the log, and the guide's habits."""

from pathlib import Path
from typing import NamedTuple

from nexoaudit_demo import archive, disk
from nexoaudit_demo.calendar import Calendar
from nexoaudit_demo.places import Places

_UNWANTED = ("cache", "tmp", "sessions", "logs", "vendor", ".git")


class Yard(NamedTuple):
    """One site, as its jobs see it."""

    places: Places
    calendar: Calendar
    as_guide: bool
    """The guide's own jobs, with their faults, instead of mended ones."""

    @property
    def mode(self) -> int:
        """The mode of the files a job makes: the guide sets no umask."""
        return disk.PUBLIC if self.as_guide else disk.PRIVATE

    def say(self, moment: int, *texts: str) -> None:
        """Add lines to the backup log; the guide's jobs do not date theirs."""
        prefix = "" if self.as_guide else f"[{self.calendar.local(moment):%Y-%m-%d %H:%M:%S}] "
        disk.append(self.places.log, "".join(f"{prefix}{text}\n" for text in texts), moment)

    def new(self, name: str, moment: int) -> Path:
        """Return the path of a backup to write; `name` is relative to the backup directory."""
        path = self.places.backups / name
        disk.directory(path.parent, moment, self.mode)
        return path

    def finish(self, path: Path, moment: int, *, absolute: bool) -> None:
        """Date a backup that ended at `moment` and put its digest beside it.

        With `absolute` the digest names the whole path, as the guide's database job does.
        """
        path.chmod(self.mode)
        disk.date(path, moment)
        named = str(path) if absolute else path.name
        disk.put(archive.sidecar(path), archive.line(path, named), moment + 1, self.mode)
        disk.date(path.parent, moment + 1)

    def prune(self, directory: str, pattern: str, days: int, moment: int) -> None:
        """Delete what `find DIRECTORY -name PATTERN -mtime +DAYS -delete` would."""
        for path in (self.places.backups / directory).glob(pattern):
            if disk.older_than(path, days, moment):
                disk.remove(path, moment)

    def skips(self, relative: str) -> bool:
        """Tell whether the file job leaves out a path of the application tree.

        The guide's excludes are not anchored: they empty every directory of such a name, and
        know neither sessions nor vendor code.
        """
        parts = relative.split("/")
        if not self.as_guide:
            return parts[0] in _UNWANTED
        return ".git" in parts or any(part in {"cache", "logs", "tmp"} for part in parts[:-1])
