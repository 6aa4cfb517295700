"""What a test tells of a recovery point beside all else, taken apart."""

from typing import Any

from nexoaudit.verification.inside import About


def told(**arguments: Any) -> tuple[About, dict[str, Any]]:
    """Return what the arguments say of a recovery point, and the other ones."""
    about = {name: value for name, value in arguments.items() if name in About._fields}
    rest = {name: value for name, value in arguments.items() if name not in about}
    return About(**about), rest
