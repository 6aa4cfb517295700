"""`check_backup_age`: is every recovery point there that is due?"""

from datetime import datetime

from nexoaudit_checks._spec import Check, Figure, PathMode, Threshold
from nexoaudit_checks._start import start

CHECK = Check(
    name="BACKUP AGE",
    program="check_backup_age",
    control="age",
    purpose="Is every recovery point there that is due by its schedule?",
    threshold=Threshold(
        "age", "the newest recovery point is older than this, whatever its schedule"
    ),
    figures=(Figure("age", "oldest", "age", "s", warn="warn", fail="fail", across=max),),
    path_mode=PathMode(
        module="nexoaudit_checks._path_age",
        threshold=Threshold("age", "the newest file is older than this", warn="25h", fail="49h"),
        figures=(
            Figure("age", "age", unit="s", warn="warn", fail="fail"),
            Figure("files", "files"),
        ),
    ),
)


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the check and return its exit code; see `start`."""
    return start(CHECK, argv, now)
