"""The waivers in force at the end of the period: what is accepted, by whom, until when."""

from typing import NamedTuple

from nexoaudit.model.statement import Waiver, counts
from nexoaudit_reports.view.cut import Cut
from nexoaudit_reports.view.proof import Proof, Refs
from nexoaudit_reports.view.words import Words


class Waived(NamedTuple):
    """One waiver."""

    about: str
    """Component and control, or the site's."""
    codes: str
    """The reasons that it covers."""
    owner: str
    reason: str
    by: str
    """Who recorded it."""
    until: str
    applied: bool
    """Some verdict is waived by it."""
    refs: Refs


def waivers(cut: Cut, words: Words, proof: Proof) -> tuple[Waived, ...]:
    """Return the waivers that had not ended, those that end first before the others."""
    current = [
        item
        for item in cut.state.waivers
        if counts(item) and item.stated_ms <= cut.moment_ms < item.until_ms
    ]
    current.sort(key=lambda item: item.until_ms)
    return tuple(_waived(cut, words, proof, item) for item in current)


def _waived(cut: Cut, words: Words, proof: Proof, item: Waiver) -> Waived:
    owner = item.component or words.label("site")
    return Waived(
        about=f"{owner}: {words.control(item.control)}",
        codes=", ".join(item.reasons),
        owner=item.owner,
        reason=item.reason,
        by=item.by,
        until=words.moment(item.until_ms),
        applied=any(verdict.facts.get("waiver") == item.id for verdict in cut.verdicts),
        refs=proof.cite(proof.numbered(item.entry)),
    )
