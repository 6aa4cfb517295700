"""Certificates in use, from JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

from nexoaudit.model.certificate import Certificates, KeyFile


def decode_certificates(data: Iterable[Mapping[str, Any]]) -> dict[str, Certificates]:
    """Return by component what JSON objects of their fields say."""
    return {
        item["component"]: Certificates(
            item["component"], tuple(KeyFile(**file) for file in item["files"])
        )
        for item in data
    }
