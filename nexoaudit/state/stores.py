"""What a location presents itself as, as JSON values and back."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.store import Expiry, Store


def encode_store(store: Store) -> dict[str, Any]:
    """Return one look at a location as a JSON object."""
    expiries = [expiry._asdict() for expiry in store.expiries]
    return {
        **store._asdict(),
        "identity": list(store.identity),
        "expiries": expiries,
        "lax": list(store.lax),
    }


def decode_store(data: Mapping[str, Any]) -> Store:
    """Return the look of `encode_store`."""
    return Store(
        **{
            **data,
            "identity": tuple(data["identity"]),
            "expiries": tuple(Expiry(**item) for item in data["expiries"]),
            "lax": tuple(data["lax"]),
        }
    )
