"""The timetable of the live system and its scripts as JSON values, and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from nexoaudit.model.timetable import Fault, Scheduled, Script, Timetable


def encode_timetable(table: Timetable | None) -> Any:
    """Return a timetable as a JSON value."""
    if table is None:
        return None
    return _plain(table)


def decode_timetable(data: Mapping[str, Any] | None) -> Timetable | None:
    """Return the timetable of `encode_timetable`; raise KeyError or TypeError for anything else."""
    if data is None:
        return None
    lists = ("programs", "through", "faults")
    return Timetable(
        tuple(
            Scheduled(**{**job, **{name: tuple(job[name]) for name in lists}})
            for job in data["scheduled"]
        ),
        tuple(data["paths"]),
        tuple((path, reason) for path, reason in data["failures"]),
        data["zone"],
        tuple(decode_script(script) for script in data["scripts"]),
    )


def encode_script(script: Script) -> dict[str, Any]:
    """Return a script as a JSON value."""
    return dict(_plain(script))


def decode_script(data: Mapping[str, Any]) -> Script:
    """Return the script of `encode_script`; raise KeyError or TypeError for anything else."""
    return Script(**{**data, "faults": tuple(Fault(**fault) for fault in data["faults"])})


def remembered(looks: Iterable[tuple[int, Mapping[str, Any]]]) -> Script:
    """Return a script as it is, with what it was before, from every look at it (ms, facts).

    The looks are in order, and there is at least one.
    """
    versions: list[Script] = []
    for ts, facts in looks:
        script = decode_script(facts)._replace(seen_ms=ts)
        if versions and versions[-1].sha256 == script.sha256:
            versions[-1] = script._replace(seen_ms=versions[-1].seen_ms)
        else:
            versions.append(script)
    if len(versions) < 2:
        return versions[-1]
    before = versions[-2]
    return versions[-1]._replace(before=before.sha256, before_ms=before.seen_ms)


def _plain(value: Any) -> Any:
    """Return a value as the ledger gives it back: lists, and text that UTF-8 can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
