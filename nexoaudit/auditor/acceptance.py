"""People's statements about what is inside recovery points, recorded."""

from collections.abc import Sequence
from pathlib import Path

from nexoaudit import evidence
from nexoaudit.assess import assess_components
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.statements import NAMELESS, Pen, record_all
from nexoaudit.errors import ConfigError
from nexoaudit.evidence.histories import accepted_words
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Verdict

CONTROL = "content"


def accept(
    session: Session, components: Sequence[str], by: str, reason: str, key: Path | None = None
) -> tuple[Verdict, ...]:
    """Record that what the newest read copies of these components hold is as it should be.

    The statement names the digest: it is about those bytes only. `by` and `key` are those of
    `statements.Pen`. Publish, and return the verdicts
    on content that follow. Raise ConfigError for a component that does not exist or of which
    nothing was read, and for a statement without a name or a reason, SignatureError as
    `statements.record`; nothing is recorded then.
    """
    if not reason.strip():
        raise ConfigError((NAMELESS,))
    state = session.recall()
    words = []
    for name in components:
        newest = [known.newest for (owner, _), known in state.histories.items() if owner == name]
        if not newest:
            there = ", ".join(dict.fromkeys(owner for owner, _ in state.histories)) or "none"
            raise ConfigError((f"nothing was read of {name!r}; there are: {there}",))
        words += [accepted_words(name, manifest, reason.strip()) for manifest in newest]
    record_all(session, Pen(by, key), words)
    now_ms = evidence.millis(session.clock())
    return assess_components(
        session.publish(), now_ms, controls=(CONTROL,), components=tuple(components)
    )


def unconfirmed(state: State) -> tuple[str, ...]:
    """Return the components of whose content nobody has said yet that it is complete."""
    return tuple(
        dict.fromkeys(owner for (owner, _), known in state.histories.items() if not known.confirmed)
    )
