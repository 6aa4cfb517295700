"""The month a report is about."""

import re
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.model.moments import millis


class Month(NamedTuple):
    """One month of one year, in whatever zone the site has."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Return the month written as `2026-11`; raise ValueError with a sentence otherwise."""
        match = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", text, re.ASCII)
        if match is None:
            raise ValueError(f"{text!r} is not a month: write it as YYYY-MM, such as 2026-11")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """Return the month as `2026-11`."""
        return f"{self.year}-{self.month:02}"

    def bounds(self, zone: ZoneInfo) -> tuple[int, int]:
        """Return the month's start and end, the end excluded, as milliseconds since the epoch."""
        following = self.following()
        return _first_ms(self, zone), _first_ms(following, zone)

    def previous(self) -> "Month":
        """Return the month before this one."""
        return Month(self.year - 1, 12) if self.month == 1 else Month(self.year, self.month - 1)

    def following(self) -> "Month":
        """Return the month after this one."""
        return Month(self.year + 1, 1) if self.month == 12 else Month(self.year, self.month + 1)


def _first_ms(month: Month, zone: ZoneInfo) -> int:
    """Return the first midnight of a month; where clocks jump over it, the end of the jump."""
    midnight = datetime(month.year, month.month, 1, tzinfo=zone)
    return millis(midnight.astimezone(UTC))
