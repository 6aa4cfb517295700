"""Values as TOML writes them."""

import json
from collections.abc import Iterable


def text(value: object) -> str:
    """Return a TOML basic string: JSON's escapes are a subset of TOML's."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def texts(values: Iterable[object]) -> str:
    """Return a TOML array of strings."""
    return "[" + ", ".join(text(value) for value in values) + "]"
