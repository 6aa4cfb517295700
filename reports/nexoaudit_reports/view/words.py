"""Everything the report says, in the site's language and zone."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.model.fact import Fact, Moment
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.wording.catalogue import Catalogue, catalogue, report_labels
from nexoaudit.wording.sentence import copy_problem, drill_problem, sentence, step_name
from nexoaudit.wording.values import write_fact, write_moment, write_size, write_span


class Words(NamedTuple):
    """One language in one zone."""

    language: str
    catalogue: Catalogue
    labels: Mapping[str, str]
    zone: ZoneInfo

    def label(self, key: str, **facts: object) -> str:
        """Return the label `key` with the facts it names; raise KeyError for an unknown one."""
        return self.labels[key].format(**facts)

    def named(self, group: str, name: str) -> str:
        """Return the label of `name` in a group; the name itself where there is none."""
        return self.labels.get(f"{group}.{name}", name)

    def status(self, status: str) -> str:
        """Return the word for a verdict's status."""
        return self.catalogue.status[status]

    def control(self, control: str) -> str:
        """Return the name of a control."""
        return self.catalogue.controls[control]

    def verdict(self, verdict: Verdict) -> str:
        """Return what a verdict says."""
        return sentence(verdict, self.catalogue, self.zone)

    def about(self, verdict: Verdict) -> str:
        """Return whom a verdict is about: a component, the site or its auditor."""
        site = "auditor" if verdict.control == "auditor" else "site"
        return verdict.component or self.label(site)

    def step(self, name: str) -> str:
        """Return the name of a drill's step."""
        return step_name(name, self.catalogue)

    def problem(self, code: str) -> str:
        """Return what a drill found, or what verification did."""
        if code in self.catalogue.drill_problems:
            return drill_problem(code, self.catalogue)
        return copy_problem(code, self.catalogue)

    def moment(self, ms: int) -> str:
        """Return a moment as `2026-11-23 02:00`; the word for never for 0."""
        return write_moment(ms, self.zone) if ms > 0 else self.labels["never"]

    def day(self, ms: int) -> str:
        """Return the date of a moment in the site's zone, as `2026-11-23`."""
        return self.local(ms).date().isoformat()

    def local(self, ms: int) -> datetime:
        """Return a moment on the site's own clock."""
        return datetime.fromtimestamp(ms / 1000, self.zone)

    def span(self, ms: int) -> str:
        """Return a duration."""
        return write_span(ms)

    def size(self, size: int) -> str:
        """Return a number of bytes."""
        return write_size(size)

    def fact(self, fact: Fact) -> str:
        """Return a measured fact in its unit."""
        return self.moment(fact) if isinstance(fact, Moment) else write_fact(fact, self.zone)


def words_for(language: str, zone: ZoneInfo) -> Words:
    """Return the words of a language; English where there is no such language."""
    return Words(language, catalogue(language), report_labels(language), zone)


HOLDING = frozenset({Status.PASS, Status.WAIVED})
"""Statuses of a control that holds."""
