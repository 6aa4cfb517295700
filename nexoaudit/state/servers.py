"""Live servers as JSON values and back."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.grant import Grant
from nexoaudit.model.server import Logging, Schema, Server
from nexoaudit.state.plain import plain

_LOOK = ("component", "since_ms", "seen_ms", "failed_ms", "reason", "detail")
"""The fields that are not facts of the server itself."""


def encode_server(server: Server) -> dict[str, Any]:
    """Return a server as a JSON object."""
    return {name: plain(value) for name, value in server._asdict().items()}


def encode_facts(server: Server) -> dict[str, Any]:
    """Return what is known of the server itself as a JSON object, without when and by whom."""
    return {name: value for name, value in encode_server(server).items() if name not in _LOOK}


def decode_server(data: Mapping[str, Any]) -> Server:
    """Return the server of `encode_server`, or of `encode_facts` and the fields it lacks.

    Raise KeyError or TypeError for anything else.
    """
    logging, grants = data["logging"], data["grants"]
    values = {name: _tuples(value) for name, value in data.items()}
    return Server(
        **{
            **values,
            "logging": None if logging is None else _made(Logging, logging),
            "schemas": tuple(_made(Schema, schema) for schema in data["schemas"]),
            "grants": None if grants is None else tuple(_made(Grant, item) for item in grants),
        }
    )


def _made(kind: Any, data: Mapping[str, Any]) -> Any:
    return kind(**{name: _tuples(value) for name, value in data.items()})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
