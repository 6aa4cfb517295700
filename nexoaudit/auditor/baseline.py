"""What the last good drill of a series brought back: the measure of the next."""

from nexoaudit import evidence
from nexoaudit.auditor.session import Session
from nexoaudit.evidence.histories import ACCEPTED
from nexoaudit.evidence.statements import Said, all_said, in_force
from nexoaudit.formats.names import compile_pattern
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import CONTENTS, Drill
from nexoaudit.model.policy import Series
from nexoaudit.state.drills import decode_drill


def baseline(session: Session, kind: str, series: Series, copy: Copy) -> Drill | None:
    """Return the last good drill of this kind and series, if `copy` is to be compared with it.

    It is not when it was of a later point, and when somebody accepted since what a point of the
    series holds: whatever was lost before, is accepted with it.
    """
    ledger, size = session.ledger, session.ledger.size
    kinds = (kind, CONTENTS) if kind == "database" else (kind,)
    subjects = [evidence.drill_subject(each, copy.component, series.id) for each in kinds]
    found = [ledger.last_where("drill", each, "outcome", "pass", size=size) for each in subjects]
    entry = max(filter(None, found), key=lambda entry: entry.idx, default=None)
    if entry is None:
        return None
    before = decode_drill(entry.facts)
    if before.point_ms > copy.time_ms:
        return None
    live = {entry.subject: entry for entry in ledger.latest(("live",), size=size)}
    said = in_force(all_said(ledger, size, live, session.policy))
    if any(_accepts(item, series, copy.component, before.started_ms) for item in said):
        return None
    return before


def _accepts(said: Said, series: Series, component: str, since_ms: int) -> bool:
    words = said.words
    if not (said.about == ACCEPTED and said.counts and said.stated_ms > since_ms):
        return False
    if words.get("component") != component:
        return False
    pattern = compile_pattern(series.pattern_at(str(words.get("location", ""))))
    return pattern.regex.fullmatch(str(words.get("path", ""))) is not None
