"""`check_backup_copies`: has each recovery point enough proven copies in enough places?"""

from datetime import datetime

from nexoaudit_checks._spec import Check, Figure, Threshold
from nexoaudit_checks._start import start

CHECK = Check(
    name="BACKUP COPIES",
    program="check_backup_copies",
    control="copies",
    purpose="Has each recovery point enough proven copies, on enough media, one of them off-site?",
    threshold=Threshold(
        "least", "the newest point has fewer copies than this, the live data being one"
    ),
    figures=(
        Figure("copies", "fewest", "copies", within=min, across=min),
        Figure("points", "points"),
        Figure("short", "short"),
    ),
)


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the check and return its exit code; see `start`."""
    return start(CHECK, argv, now)
