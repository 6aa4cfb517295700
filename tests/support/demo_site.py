"""What a demonstration site of the tests is, and how its backups are looked into."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Madrid")


NOW = datetime(2026, 11, 23, 8, 21, tzinfo=ZONE)


FIRST = date(2026, 11, 15)


ROWS = 2000


DAYS = [FIRST + timedelta(days=number) for number in range(9)]


STAMP = re.compile(r"\d{8}_\d{6}")


class Audit:
    """What a caller sees after the jobs of each day."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.moments: list[datetime] = []
        self.too_new: list[tuple[datetime, Path]] = []

    def __call__(self, moment: datetime) -> None:
        self.moments.append(moment)
        limit = moment.timestamp()
        for path in self.root.rglob("*"):
            if path.lstat().st_mtime > limit:
                self.too_new.append((moment, path))


def moment_of(name: str) -> datetime:
    found = STAMP.search(name)
    assert found
    return datetime.strptime(found[0], "%Y%m%d_%H%M%S").replace(tzinfo=ZONE)
