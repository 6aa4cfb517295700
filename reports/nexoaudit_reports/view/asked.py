"""What is asked of the evidence for a checklist, and what comes of it."""

from typing import NamedTuple

from nexoaudit.ledger import Entry
from nexoaudit.model.copy import Copy
from nexoaudit.model.policy import Component
from nexoaudit.model.verdict import Status
from nexoaudit_reports.view.calendar import Calendar
from nexoaudit_reports.view.cut import Cut
from nexoaudit_reports.view.proof import Proof
from nexoaudit_reports.view.words import Words


class Finding(NamedTuple):
    """What the evidence says about one item."""

    status: Status
    text: str
    entries: tuple[Entry, ...] = ()


class Asked(NamedTuple):
    """What a probe may look at."""

    cut: Cut
    words: Words
    calendar: Calendar
    proof: Proof

    @property
    def stored(self) -> list[Component]:
        """Configured components that have files of their own."""
        return [item for item in self.cut.state.policy.components if item.series]

    def held(self, component: Component | None = None) -> list[Copy]:
        """Return the copies of one component, or of all."""
        return [
            copy
            for (owner, _, _), copies in self.cut.state.copies.items()
            if component is None or owner == component.id
            for copy in copies
        ]
