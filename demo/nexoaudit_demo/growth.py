"""How many rows the site has at each moment."""

from typing import NamedTuple

from nexoaudit_demo.calendar import HOUR, Calendar

FIXED = 96
"""Rows of the tables that never grow: configuration, themes, departments, roles, tags."""

_BUSY, _EVENING, _NIGHT = 10.0, 4.0, 1.0
_WEEKEND = 0.3


class Counts(NamedTuple):
    """What each growing table has had so far; ids run from 1 to the count."""

    users: int
    role_assignments: int
    mfa_settings: int
    sessions_opened: int
    sessions: int
    """The newest of those opened; older ones are deleted."""
    tickets: int
    ticket_tags: int
    ticket_messages: int
    attachments: int
    knowledge_articles: int
    tickets_closed: int
    audit_entries: int
    """Those the application writes; a trigger adds one for each ticket opened or closed."""

    def joined(self, other: "Counts") -> "Counts":
        """Return the larger count of each table: none ever shrinks."""
        return Counts(*map(max, self, other))


NOTHING = Counts(*[0] * len(Counts._fields))


def counts(rows: int) -> Counts:
    """Return the counts that make about `rows` rows in all tables together."""

    def part(share: float, least: int) -> int:
        return max(least, int(share * rows))

    sessions = part(0.01, 5)
    tickets = part(0.1, 20)
    closed = int(0.85 * tickets)
    known = Counts(
        users=part(0.02, 10),
        role_assignments=part(0.02, 10),
        mfa_settings=part(0.008, 5),
        sessions_opened=max(sessions, int(0.05 * rows)),
        sessions=sessions,
        tickets=tickets,
        ticket_tags=tickets,
        ticket_messages=part(0.34, 60),
        attachments=part(0.012, 5),
        knowledge_articles=part(0.003, 3),
        tickets_closed=closed,
        audit_entries=0,
    )
    return known._replace(audit_entries=max(0, rows - total(known)))


def total(held: Counts) -> int:
    """Return how many rows the whole database has."""
    audit_log = held.audit_entries + held.tickets + held.tickets_closed
    others = sum(held) - held.sessions_opened - held.tickets_closed - held.audit_entries
    return FIXED + others + audit_log


class Growth(NamedTuple):
    """The growth of one site, from its opening to `rows` rows."""

    rows: int
    opening: int
    first: int
    """When the hourly traffic begins; before it, growth is even."""
    before: float
    """The share of all rows that is there at `first`."""
    by_hour: tuple[float, ...]
    """The share that is there at the end of each hour after `first`."""

    def at(self, moment: int) -> Counts:
        """Return the counts at `moment`, which after `first` is a full hour."""
        if moment <= self.first:
            age = (moment - self.opening) / (self.first - self.opening)
            return counts(int(self.rows * self.before * (0.5 + 0.5 * age)))
        hours = (moment - self.first) // HOUR
        return counts(round(self.rows * self.by_hour[min(hours, len(self.by_hour)) - 1]))


def growth(rows: int, calendar: Calendar, opening: int, first: int, end: int) -> Growth:
    """Return the growth of a site that opens at `opening` and has `rows` rows at `end`.

    The longer the hourly traffic from `first` lasts, the more of the rows it makes.
    """
    hours = list(calendar.hours(first + 1, end))
    before = 1 - min(0.65, 0.012 * max(1, len(hours) / 24))
    weights = [_weight(calendar, moment - HOUR) for moment in hours]
    whole, so_far, by_hour = sum(weights), 0.0, []
    for weight in weights:
        so_far += weight
        by_hour.append(before + (1 - before) * so_far / whole)
    return Growth(rows, opening, first, before, tuple(by_hour))


def _weight(calendar: Calendar, moment: int) -> float:
    """Return how busy the hour that starts at `moment` is."""
    local = calendar.local(moment)
    weight = _NIGHT
    if 8 <= local.hour < 18:
        weight = _BUSY
    elif 18 <= local.hour < 23:
        weight = _EVENING
    return weight * (_WEEKEND if local.weekday() >= 5 else 1.0)
