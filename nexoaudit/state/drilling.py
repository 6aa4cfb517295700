"""How a restored system is asked, as JSON."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.drilling import Drilling, Reconcile


def decode_drilling(data: Mapping[str, Any]) -> Drilling:
    """Return what an encoded policy says of it; the defaults where it says nothing."""
    return Drilling(
        **{
            **data,
            "health": tuple(data.get("health", ())),
            "reconcile": tuple(Reconcile(**item) for item in data.get("reconcile", ())),
        }
    )
