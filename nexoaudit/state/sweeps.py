"""Sweeps as JSON values and back."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.sighting import Stray, Sweep


def encode_sweep(sweep: Sweep) -> dict[str, Any]:
    """Return a sweep as a JSON object."""
    strays = [{**stray._asdict(), "names": list(stray.names)} for stray in sweep.strays]
    return {
        **sweep._asdict(),
        "strays": strays,
        "others": list(sweep.others),
        "keys": list(sweep.keys),
    }


def decode_sweep(data: Mapping[str, Any]) -> Sweep:
    """Return the sweep of `encode_sweep`; raise KeyError or TypeError for anything else."""
    strays = tuple(
        Stray(**{**item, "names": tuple(item["names"])}) for item in data.get("strays", ())
    )
    names = {name: tuple(data.get(name, ())) for name in ("others", "keys")}
    return Sweep(**{**data, "strays": strays, **names})
