"""`check_backup_content`: does the newest copy hold all that it should?"""

from datetime import datetime

from nexoaudit_checks._spec import Check, Figure, Threshold
from nexoaudit_checks._start import start

CHECK = Check(
    name="BACKUP CONTENT",
    program="check_backup_content",
    control="content",
    purpose="Does the newest copy hold what the policy expects and what the last good one held?",
    threshold=Threshold("most", "a component has more failures than this"),
    figures=(
        Figure("found", "found", "found"),
        Figure("complete", "complete"),
        Figure("total", "total", "total"),
        Figure("bytes", "bytes", "", "B"),
    ),
    also=("server",),
)


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the check and return its exit code; see `start`."""
    return start(CHECK, argv, now)
