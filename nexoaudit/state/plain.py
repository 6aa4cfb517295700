"""Values of the model as JSON values."""

from typing import Any


def plain(value: Any) -> Any:
    """Return a named tuple as an object, a plain tuple as a list, all the way down."""
    if hasattr(value, "_asdict"):
        return {name: plain(item) for name, item in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
