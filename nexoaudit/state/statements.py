"""People's statements as JSON values and back."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.statement import Attestation, Medium, Waiver


def encode_attestation(statement: Attestation) -> dict[str, Any]:
    """Return an attestation as a JSON object of its fields."""
    medium = statement.medium
    return {**statement._asdict(), "medium": None if medium is None else medium._asdict()}


def decode_attestation(data: Mapping[str, Any]) -> Attestation:
    """Return the attestation of `encode_attestation`."""
    medium = data["medium"]
    return Attestation(**{**data, "medium": None if medium is None else Medium(**medium)})


def encode_waiver(waiver: Waiver) -> dict[str, Any]:
    """Return a waiver as a JSON object of its fields."""
    return {**waiver._asdict(), "reasons": list(waiver.reasons)}


def decode_waiver(data: Mapping[str, Any]) -> Waiver:
    """Return the waiver of `encode_waiver`."""
    return Waiver(**{**data, "reasons": tuple(data["reasons"])})
