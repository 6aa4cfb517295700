"""Whether the configuration is still the one that was audited."""

import hashlib
from pathlib import Path

from nexoaudit.model.state import State


def config_digest(state: State) -> str | None:
    """Return the SHA-256 of the state's configuration file as it is now; None if unreadable."""
    try:
        return hashlib.sha256(Path(state.config_path).read_bytes()).hexdigest()
    except (OSError, ValueError):
        return None
