"""The whole report as one frozen value: the same evidence and language give the same value."""

from datetime import datetime
from typing import NamedTuple

from nexoaudit.holdings import Place, places
from nexoaudit.ledger import Ledger
from nexoaudit_reports.period import Month
from nexoaudit_reports.view.asked import Asked
from nexoaudit_reports.view.calendar import Calendar, calendar
from nexoaudit_reports.view.checklists import Checklist, checklists
from nexoaudit_reports.view.components import Matrix, Section, matrix, sections
from nexoaudit_reports.view.copies import Copies, copies
from nexoaudit_reports.view.cut import Cut, cut
from nexoaudit_reports.view.exceptions import Objective, Problems, objectives, problems
from nexoaudit_reports.view.index import Index, index
from nexoaudit_reports.view.proof import Proof
from nexoaudit_reports.view.restores import Restores, restores
from nexoaudit_reports.view.summary import Summary, summary
from nexoaudit_reports.view.waivers import Waived, waivers
from nexoaudit_reports.view.words import Words, words_for

_HEAD = 48
"""Characters of the site's name in the head of each page."""


class Report(NamedTuple):
    """Everything that is printed, but for the labels of the templates."""

    language: str
    site: str
    site_short: str
    """The name as the head of each page has room for it."""
    demonstration: bool
    period: str
    """The month in words."""
    month: str
    """The month as `2026-11`."""
    finished: bool
    id: str
    version: str
    zone: str
    from_day: str
    to_day: str
    judged_at: str
    until: str
    """When the newest entry of the ledger used was seen."""
    until_ms: int
    ledger_size: int
    ledger_root: str
    summary: Summary
    matrix: Matrix
    sections: tuple[Section, ...]
    locations: tuple[Place, ...]
    calendar: Calendar
    copies: Copies
    restores: Restores
    checklists: tuple[Checklist, ...]
    problems: Problems
    waivers: tuple[Waived, ...]
    objectives: tuple[Objective, ...]
    scenarios: tuple[tuple[str, str, str, str], ...]
    """Id, RPO, RTO, and the failure domains that it destroys."""
    evidence: Index


def build_view(
    ledger: Ledger, month: Month, *, as_of_size: int | None, now: datetime, version: str
) -> Report:
    """Return the report of a month, judged at its end, or `now` while it lasts.

    `as_of_size` leaves out all entries from that index on, and makes the report independent of
    `now`. Raise ReportError when there is nothing to report on, LedgerError when the ledger
    cannot be read.
    """
    known = cut(ledger, month, as_of_size, now, version)
    site = known.state.policy.site
    words = words_for(site.language, known.zone)
    proof = Proof(ledger, known)
    days = calendar(known, words)
    drills = restores(known, words, proof)
    asked = Asked(known, words, days, proof)
    return Report(
        language=site.language,
        site=site.name,
        site_short=site.name if len(site.name) <= _HEAD else site.name[: _HEAD - 1] + "…",
        demonstration=site.demonstration,
        period=_period(words, known),
        month=str(month),
        finished=known.finished,
        id=f"NXA-{month}-{known.given_size}-{known.given_root[:8]}",
        version=version,
        zone=known.zone.key,
        from_day=words.day(known.start_ms),
        to_day=words.day(known.moment_ms - 1),
        judged_at=words.moment(known.moment_ms),
        until=words.moment(known.until_ms),
        until_ms=known.until_ms,
        ledger_size=known.given_size,
        ledger_root=known.given_root,
        summary=summary(known, words, proof, days, drills),
        matrix=matrix(known, words),
        sections=sections(known, words, proof),
        locations=places(known.state),
        calendar=days,
        copies=copies(known, words),
        restores=drills,
        checklists=checklists(asked),
        problems=problems(known, words, proof),
        waivers=waivers(known, words, proof),
        objectives=objectives(known, words, proof),
        scenarios=_scenarios(words, known),
        evidence=index(known, words, proof),
    )


def _period(words: Words, known: Cut) -> str:
    name = words.label(f"month.{known.month.month}")
    return words.label("period", month=name, year=known.month.year)


def _scenarios(words: Words, known: Cut) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (
            scenario.id,
            words.span(scenario.rpo_s * 1000),
            words.span(scenario.rto_s * 1000),
            ", ".join(scenario.destroys),
        )
        for scenario in known.state.policy.scenarios
    )
