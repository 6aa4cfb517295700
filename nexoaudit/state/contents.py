"""Histories of content as JSON values and back: the earlier manifest as what differs."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.manifest import Acceptance, Dwindled, History, Manifest, Total
from nexoaudit.model.state import Contents


def encode_histories(histories: Mapping[Contents, History]) -> list[Any]:
    """Return the histories as JSON values."""
    return [
        [component, series, _encode(history)] for (component, series), history in histories.items()
    ]


def decode_histories(data: list[Any]) -> dict[Contents, History]:
    """Return the histories of `encode_histories`."""
    return {(component, series): _decode(item) for component, series, item in data}


def _encode(history: History) -> dict[str, Any]:
    good = history.good
    return {
        "newest": _plain(history.newest),
        "good": None if good is None else _differing(good, history.newest),
        "series": [list(total) for total in history.series],
        "unsteady": list(history.unsteady),
        "confirmed": history.confirmed,
        "accepted": None if history.accepted is None else list(history.accepted),
        "dwindled": [list(item) for item in history.dwindled],
    }


def _plain(manifest: Manifest) -> list[Any]:
    return [*manifest[:-2], dict(manifest.facts), dict(manifest.counts)]


def _differing(good: Manifest, newest: Manifest) -> list[Any]:
    return [
        *good[:-2],
        _difference(newest.facts, good.facts),
        _difference(newest.counts, good.counts),
    ]


def _difference(base: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes `other` of `base`; null for what is to be taken away."""
    changed = {name: value for name, value in other.items() if base.get(name) != value}
    return changed | {name: None for name in base if name not in other}


def _apply(base: Mapping[str, Any], difference: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**base, **difference}.items() if value is not None}


def _decode(data: Mapping[str, Any]) -> History:
    newest = Manifest._make(data["newest"])
    good = data["good"]
    if good is not None:
        *head, facts, counts = good
        facts, counts = _apply(newest.facts, facts), _apply(newest.counts, counts)
        good = Manifest._make([*head, facts, counts])
    word = data["accepted"]
    return History(
        newest,
        good,
        tuple([Total(*total) for total in data["series"]]),
        tuple(data["unsteady"]),
        data["confirmed"],
        None if word is None else Acceptance(*word),
        tuple([Dwindled(*item) for item in data["dwindled"]]),
    )
