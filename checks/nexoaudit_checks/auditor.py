"""`check_backup_auditor`: is the auditor alive, its configuration audited, its jobs done?"""

from datetime import datetime

from nexoaudit_checks._spec import Check, Figure, Threshold
from nexoaudit_checks._start import start

CHECK = Check(
    name="BACKUP AUDITOR",
    program="check_backup_auditor",
    control="auditor",
    purpose="Is the auditor alive, its configuration audited, and were its own jobs done?",
    threshold=Threshold("age", "the auditor last ran longer ago than this", warn="15m", fail="1h"),
    figures=(
        Figure("age", "age", unit="s", warn="warn", fail="fail"),
        Figure("entries", "entries"),
    ),
    scope="",
)


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the check and return its exit code; see `start`."""
    return start(CHECK, argv, now)
