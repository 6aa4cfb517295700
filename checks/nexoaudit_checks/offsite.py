"""`check_backup_offsite`: is everything off-site that is due, closed, in time and kept safe?"""

from datetime import datetime

from nexoaudit_checks._spec import Check, Figure, Threshold
from nexoaudit_checks._start import start

CHECK = Check(
    name="BACKUP OFFSITE",
    program="check_backup_offsite",
    control="offsite",
    purpose="Is everything off-site that is due there, encrypted, readable in time and kept safe?",
    threshold=Threshold("age", "the newest point at an off-site location is older than this"),
    figures=(
        Figure("lag", "worst_lag", "lag", "s", across=max),
        Figure("points", "points", "points", within=min),
        Figure("late", "late", within=sum),
    ),
)


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the check and return its exit code; see `start`."""
    return start(CHECK, argv, now)
