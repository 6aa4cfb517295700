"""Where things are in a demonstration site: the guide's absolute paths, below a root."""

from pathlib import Path
from typing import NamedTuple


class Places(NamedTuple):
    """The paths of one site."""

    root: Path

    @property
    def application(self) -> Path:
        """The application tree."""
        return self.root / "var/www/nexosupport"

    @property
    def backups(self) -> Path:
        """The local backups, one directory for each job."""
        return self.root / "var/backups/nexosupport"

    @property
    def offsite(self) -> Path:
        """The second directory, filled by the off-site job."""
        return self.root / "offsite/nexosupport"

    @property
    def repository(self) -> Path:
        """The bare repository the application is deployed from."""
        return self.root / "srv/git/nexosupport.git"

    @property
    def log(self) -> Path:
        """The log of all backup jobs."""
        return self.root / "var/log/nexosupport-backup.log"

    @property
    def scripts(self) -> Path:
        """The job scripts."""
        return self.root / "usr/local/bin"

    @property
    def health(self) -> Path:
        """The command that asks a restored application whether it works."""
        return self.root / "usr/local/lib/nexosupport/health.php"

    @property
    def cron(self) -> Path:
        """The cron table of the backup jobs."""
        return self.root / "etc/cron.d/nexosupport-backup"

    @property
    def state(self) -> Path:
        """The auditor's published state; the auditor writes it, never we."""
        return self.root / "state/state.json"
