"""`check_backup_checksum`: is every copy what was recorded of it, and whole?"""

from datetime import datetime

from nexoaudit_checks._spec import Check, Figure, PathMode, Threshold
from nexoaudit_checks._start import start

_FAILED = Threshold("most", "a component has more failed copies than this")

CHECK = Check(
    name="BACKUP CHECKSUM",
    program="check_backup_checksum",
    control="checksum",
    purpose="Is every copy what was recorded of it? (With --state also: readable to its end?)",
    threshold=_FAILED,
    figures=(
        Figure("copies", "copies"),
        Figure("sound", "sound"),
        Figure("failed", "failed", "failed"),
        Figure("unread", "unread", "unread"),
    ),
    path_mode=PathMode(
        module="nexoaudit_checks._path_checksum",
        threshold=_FAILED,
        figures=(
            Figure("copies", "copies"),
            Figure("sound", "sound"),
            Figure("failed", "failed", warn="warn", fail="fail"),
            Figure("unread", "unread"),
        ),
    ),
)


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the check and return its exit code; see `start`."""
    return start(CHECK, argv, now)
