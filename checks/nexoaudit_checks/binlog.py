"""`check_backup_binlog`: do the binary logs lead from the newest dump to the newest event?"""

from datetime import datetime

from nexoaudit_checks._spec import Check, Figure, Threshold
from nexoaudit_checks._start import start

CHECK = Check(
    name="BACKUP BINLOG",
    program="check_backup_binlog",
    control="binlog",
    purpose="Do the binary logs lead from the newest usable dump to the newest event, unbroken?",
    threshold=Threshold("age", "age of the newest event that can be brought back"),
    figures=(
        Figure("reach", "reach", "reach", "s", across=max),
        Figure("files", "files"),
    ),
)


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the check and return its exit code; see `start`."""
    return start(CHECK, argv, now)
