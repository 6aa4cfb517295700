"""People's statements about what is inside recovery points, recorded."""

import os
import pwd
from collections.abc import Sequence

from nexoaudit import evidence
from nexoaudit.assess import assess_components
from nexoaudit.auditor.session import Session
from nexoaudit.errors import ConfigError
from nexoaudit.evidence.histories import acceptance_draft
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Verdict

CONTROL = "content"


def accept(
    session: Session, components: Sequence[str], by: str, reason: str
) -> tuple[Verdict, ...]:
    """Record that what the newest read copies of these components hold is as it should be.

    The statement names the digest: it is about those bytes only. Publish, and return the verdicts
    on content that follow. Raise ConfigError for a component that does not exist or of which
    nothing was read, and for a statement without a name or a reason; nothing is recorded then.
    """
    if not by.strip() or not reason.strip():
        raise ConfigError(("a statement needs a name and a reason",))
    state = session.recall()
    drafts = []
    for name in components:
        newest = [known.newest for (owner, _), known in state.histories.items() if owner == name]
        if not newest:
            there = ", ".join(dict.fromkeys(owner for owner, _ in state.histories)) or "none"
            raise ConfigError((f"nothing was read of {name!r}; there are: {there}",))
        drafts += [
            acceptance_draft(name, manifest, by.strip(), reason.strip(), _account())
            for manifest in newest
        ]
    session.append(drafts)
    now_ms = evidence.millis(session.clock())
    return assess_components(
        session.publish(), now_ms, controls=(CONTROL,), components=tuple(components)
    )


def _account() -> str:
    """Return who is at the keyboard: before `sudo`, too."""
    before_sudo = os.environ.get("SUDO_USER", "")
    try:
        return before_sudo or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def unconfirmed(state: State) -> tuple[str, ...]:
    """Return the components of whose content nobody has said yet that it is complete."""
    return tuple(
        dict.fromkeys(owner for (owner, _), known in state.histories.items() if not known.confirmed)
    )
