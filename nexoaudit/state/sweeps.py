"""Sweeps as JSON values and back."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.sighting import Grove, Stray, Sweep


def encode_sweep(sweep: Sweep) -> dict[str, Any]:
    """Return a sweep as a JSON object."""
    strays = [{**stray._asdict(), "names": list(stray.names)} for stray in sweep.strays]
    return {
        **sweep._asdict(),
        "strays": strays,
        "groves": [grove._asdict() for grove in sweep.groves],
        "others": list(sweep.others),
        "keys": list(sweep.keys),
    }


def decode_sweep(data: Mapping[str, Any]) -> Sweep:
    """Return the sweep of `encode_sweep`; raise KeyError or TypeError for anything else."""
    strays = tuple(
        Stray(**{**item, "names": tuple(item["names"])}) for item in data.get("strays", ())
    )
    groves = tuple(Grove(**item) for item in data.get("groves", ()))
    names = {name: tuple(data.get(name, ())) for name in ("others", "keys")}
    return Sweep(**{**data, "strays": strays, "groves": groves, **names})
