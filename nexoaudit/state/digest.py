"""Whether the configuration is still the one that was audited."""

import hashlib
import io

from nexoaudit.model.state import State


def config_digest(state: State) -> str | None:
    """Return the SHA-256 of the state's configuration file as it is now; None if unreadable."""
    try:
        with io.FileIO(state.config_path) as file:
            return hashlib.sha256(file.readall()).hexdigest()
    except (OSError, ValueError):
        return None
