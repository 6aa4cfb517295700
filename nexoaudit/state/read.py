"""Reading `state.json`: all that a poll check loads of it, so neither pathlib nor hashlib."""

import io
import json
import os

from nexoaudit.errors import StateError
from nexoaudit.model.state import State
from nexoaudit.state.codec import decode_state

NAME = "state.json"
DEFAULT_DIRECTORY = "/var/lib/nexoaudit"
ENVIRONMENT = "NEXOAUDIT_STATE"


def chosen_path(option: str | None = None) -> str:
    """Return which state file to read: the option, else `$NEXOAUDIT_STATE`, else the default."""
    return option or os.environ.get(ENVIRONMENT) or f"{DEFAULT_DIRECTORY}/{NAME}"


def read_state(path: str | os.PathLike[str]) -> State:
    """Return the state at `path`; raise StateError, saying what to do, when that cannot be."""
    name = os.fspath(path)
    try:
        with io.FileIO(name) as file:
            body = file.readall()
        # The state holds whole numbers only: NaN and infinity would pass every comparison.
        data = json.loads(body, parse_float=_refuse, parse_constant=_refuse)
    except FileNotFoundError as error:
        raise StateError(f"{name} does not exist: run `nexoaudit audit`") from error
    except PermissionError as error:
        raise StateError(
            f"{name} may not be read by this user: set monitoring_group in the configuration"
        ) from error
    except OSError as error:
        raise StateError(f"{name} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise StateError(f"{name} is not a state file: run `nexoaudit audit`") from error
    try:
        return decode_state(data)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise StateError(
            f"{name} was not written by this version of nexoaudit: run `nexoaudit audit`"
        ) from error


def _refuse(number: str) -> None:
    raise ValueError(f"not a whole number: {number}")
