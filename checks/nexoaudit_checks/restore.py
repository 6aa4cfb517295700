"""`check_backup_restore`: were the test restores run, good, and fast enough?"""

from datetime import datetime

from nexoaudit_checks._spec import Check, Figure, Threshold
from nexoaudit_checks._start import start

CHECK = Check(
    name="BACKUP RESTORE",
    program="check_backup_restore",
    control="restore",
    purpose="Were the test restores and scenarios run lately, and did all come back in time?",
    threshold=Threshold("age", "the newest test restore is older than this"),
    figures=(
        Figure("age", "oldest", "age", "s", across=max),
        Figure("takes", "slowest", "rto", "s", fail="rto", across=max),
        Figure("loses", "most_lost", "rpo", "s", across=max),
    ),
    also=("recovery",),
    by_subject=True,
)


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the check and return its exit code; see `start`."""
    return start(CHECK, argv, now)
