"""The file `state.json`: replaced whole by the auditor, only ever read by the checks."""

import contextlib
import json
import os
from pathlib import Path

from nexoaudit.errors import StateError
from nexoaudit.model.state import State
from nexoaudit.state.codec import encode_state
from nexoaudit.state.digest import config_digest
from nexoaudit.state.read import DEFAULT_DIRECTORY, ENVIRONMENT, NAME, chosen_path, read_state

__all__ = [
    "DEFAULT_PATH",
    "ENVIRONMENT",
    "NAME",
    "config_digest",
    "read_state",
    "state_path",
    "write_state",
]

DEFAULT_PATH = Path(DEFAULT_DIRECTORY) / NAME


def state_path(option: str | None = None) -> Path:
    """Return which state file to read: the option, else `$NEXOAUDIT_STATE`, else the default."""
    return Path(chosen_path(option))


def write_state(path: Path, state: State, gid: int | None = None) -> None:
    """Replace the file at `path` by rename: mode 0640, group `gid` if given.

    Raise StateError when that fails; the old file is then still whole.
    """
    body = json.dumps(encode_state(state), separators=(",", ":"), ensure_ascii=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="ascii") as file:
            os.fchmod(file.fileno(), 0o640)
            if gid is not None:
                os.fchown(file.fileno(), -1, gid)
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise StateError(f"{path} cannot be written: {error.strerror}") from error
