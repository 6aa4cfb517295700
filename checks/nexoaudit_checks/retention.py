"""`check_backup_retention`: is every point kept that should be, and none for too long?"""

from datetime import datetime

from nexoaudit_checks._spec import Check, Figure, Threshold
from nexoaudit_checks._start import start

CHECK = Check(
    name="BACKUP RETENTION",
    program="check_backup_retention",
    control="retention",
    purpose="Is a good point kept for every slot of the retention time, and none for too long?",
    threshold=Threshold("most", "one location lacks more points than this"),
    figures=(
        Figure("missing", "missing", "missing", within=sum),
        Figure("kept", "kept", within=sum),
        Figure("over", "over", within=sum),
    ),
)


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the check and return its exit code; see `start`."""
    return start(CHECK, argv, now)
