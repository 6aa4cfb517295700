"""`check_backup_storage`: room, disks of its own, whole RAIDs, and nothing left behind?"""

from datetime import datetime

from nexoaudit_checks._spec import Check, Figure, Threshold
from nexoaudit_checks._start import start

CHECK = Check(
    name="BACKUP STORAGE",
    program="check_backup_storage",
    control="storage",
    purpose="Has each location room for what comes, on whole disks that are not the data's?",
    threshold=Threshold("least", "a location has less free room than this, in percent"),
    figures=(
        Figure("percent", "free_percent", "free_percent", "%", within=min, across=min),
        Figure("free", "free", "free", "B", within=min, across=min),
        Figure("days", "days", "days", within=min, across=min),
    ),
    scope="location",
)


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the check and return its exit code; see `start`."""
    return start(CHECK, argv, now)
