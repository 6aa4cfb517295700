"""Drills as JSON values and back."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.drill import Drill, Step, Used
from nexoaudit.model.fact import Fact, Moment, Size, Span
from nexoaudit.state.plain import plain

_UNITS: Mapping[str, type[Moment | Span | Size]] = {
    "moment": Moment,
    "span": Span,
    "size": Size,
}
"""How a measure's unit is written beside its number."""


def encode_drill(drill: Drill) -> dict[str, Any]:
    """Return a drill as a JSON object."""
    measures = [[name, value, _unit(value)] for name, value in drill.measures]
    return {**plain(drill), "measures": measures}


def decode_drill(data: Mapping[str, Any]) -> Drill:
    """Return the drill of `encode_drill`."""
    return Drill(
        **{
            **data,
            "steps": tuple(Step(**step) for step in data["steps"]),
            "measures": tuple(
                (name, _UNITS[unit](value) if unit else value)
                for name, value, unit in data["measures"]
            ),
            "problems": tuple(data["problems"]),
            "used": tuple(Used(**item) for item in data.get("used", ())),
        }
    )


def _unit(value: Fact) -> str:
    return next((name for name, unit in _UNITS.items() if isinstance(value, unit)), "")
