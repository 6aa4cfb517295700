"""The words of each kind of statement: what it must say for anybody to act on it."""

import json
from collections.abc import Mapping
from typing import Any

_HEAD = {"about": str, "by": str, "site": str, "stated_ms": int}
_MEDIUM = {"barcode": str, "event": str, "place": str, "written_ms": int}
_READ = {"at_ms": int, "outcome": str, "digests": list}
_HELD = (str, str, str, int, str, int, int, str, str)

_WORDS: Mapping[str, Mapping[str, type]] = {
    "content": {"component": str, "sha256": str, "reason": str},
    "medium": {
        "location": str,
        "medium": dict,
        "holds": list,
        "unknown": int,
        "first_unknown": str,
        "read_test": dict,
        "until_ms": int,
        "note": str,
    },
    "escrow": {"location": str, "until_ms": int, "note": str},
    "review": {"item": str, "until_ms": int, "note": str},
    "revocation": {"revokes": str, "reason": str},
    "waiver": {
        "control": str,
        "component": str,
        "subject": str,
        "reasons": list,
        "status": str,
        "until_ms": int,
        "reason": str,
        "owner": str,
    },
}
"""By what a statement is about."""
_STATUSES = frozenset({"warn", "unverified", "fail"})


def read_words(text: str) -> dict[str, Any]:
    """Return the words of a statement from its JSON; raise ValueError for what is none."""
    try:
        words = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(words, dict) or not _has(words, _HEAD):
        raise ValueError("it does not say who stated what, and when")
    about = words["about"]
    if about not in _WORDS or not _has(words, _WORDS[about]):
        raise ValueError(f"it says too little about {about!r}")
    if about == "medium" and not _medium(words):
        raise ValueError("it does not say what lies where")
    if about == "waiver" and words["status"] not in _STATUSES:
        raise ValueError("it waives nothing")
    return words


def _has(words: Mapping[str, Any], wanted: Mapping[str, type]) -> bool:
    return all(_is(words.get(name), kind) for name, kind in wanted.items())


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _medium(words: Mapping[str, Any]) -> bool:
    read = words["read_test"]
    return (
        _has(words["medium"], _MEDIUM)
        and (not read or _has(read, _READ))
        and all(_row(row) for row in words["holds"])
    )


def _row(row: Any) -> bool:
    return isinstance(row, list) and len(row) == len(_HELD) and all(map(_is, row, _HELD))
