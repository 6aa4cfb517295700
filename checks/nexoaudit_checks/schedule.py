"""`check_backup_schedule`: did every job run for each slot, is it scheduled, is it sound?"""

from datetime import datetime

from nexoaudit_checks._spec import Check, Figure, Threshold
from nexoaudit_checks._start import start

CHECK = Check(
    name="BACKUP SCHEDULE",
    program="check_backup_schedule",
    control="schedule",
    purpose="Did every job run for each of its slots: in time, in its window, and once?",
    threshold=Threshold("most", "a component missed more slots of the last 40 days than this"),
    figures=(
        Figure("missed", "missed", "missed"),
        Figure("late", "late"),
        Figure("outside", "outside"),
        Figure("twice", "twice"),
        Figure("slots", "slots"),
        Figure("on_time", "on_time"),
    ),
    also=("jobs", "logs"),
)


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the check and return its exit code; see `start`."""
    return start(CHECK, argv, now)
