"""The configuration's JSON Schema, made from the same specification as the loader."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.policy import drillspec, spec


def json_schema() -> dict[str, Any]:
    """Return a JSON Schema (draft 2020-12) of the configuration file."""
    component = _table(spec.COMPONENT)
    component["properties"] |= {
        "series": {"type": "array", "items": _table(spec.SERIES)},
        "expect": _table(spec.EXPECT),
        "copies": _table(spec.COPIES),
        "live": _table(spec.LIVE),
        "schema": _table(spec.VERSIONS),
        "assert": {"type": "array", "items": _table(spec.ASSERT)},
    }
    drill = _table(drillspec.DRILL)
    reconcile = {"type": "array", "items": _table(drillspec.RECONCILE)}
    drill["properties"]["reconcile"] = reconcile
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nexoaudit configuration",
        "type": "object",
        "additionalProperties": False,
        "required": ["site", "component"],
        "properties": {
            "site": _table(spec.SITE),
            "location": _named(_location()),
            "component": _named(component),
            "scenario": _named(_table(spec.SCENARIO)),
            "auditor": _table(spec.AUDITOR),
            "jobs": _table(spec.JOBS),
            "mail": _table(spec.MAIL),
            "drill": drill,
        },
    }


def _table(keys: Mapping[str, spec.Key]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": sorted(name for name, key in keys.items() if key.required),
        "properties": {
            name: {**key.schema, "description": key.expected} for name, key in keys.items()
        },
    }


def _location() -> dict[str, Any]:
    """Return the keys of every kind of location; the loader knows which go together."""
    own = {**spec.BUCKET, **spec.HOST, **spec.ATTESTED}
    return _table({**spec.LOCATION, **_optional(own)})


def _optional(keys: Mapping[str, spec.Key]) -> dict[str, spec.Key]:
    return {name: key._replace(required=False) for name, key in keys.items()}


def _named(table: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z0-9_-]+$"},
        "additionalProperties": table,
    }
