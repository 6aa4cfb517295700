"""How many files came back below each directory, against the last good drill of the series."""

from collections.abc import Iterator, Mapping

from nexoaudit.drill.livetree import LEFT_OUT
from nexoaudit.drill.record import Record
from nexoaudit.drill.rights import few
from nexoaudit.model.collapse import FEW, is_collapsed
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Fact

FOLDER = "folder."
"""Begins the measures that are the numbers of files below directories."""
TOP = "layout.top"
"""The measure that is 1 when everything lies in one directory, else 0."""

_MOST = 200
"""So many directories are counted, the first that come."""
_LENGTH = 200
_FEW, _FEW_DEEP = 3, 2
"""A directory with fewer files may go without a word; the second is for configurations."""


class Folders:
    """Counts files by the directories at the top; of a configuration also by those in them."""

    def __init__(self, *, deep: bool) -> None:
        self._levels = (1, 2) if deep else (1,)
        self._counts: dict[str, int] = {}
        self._below: dict[str, int] = {}

    def add(self, path: str) -> None:
        """Count a file, by its path in the backup."""
        _count(self._counts, path, self._levels)
        _count(self._below, path.partition("/")[2], self._levels)

    def measures(self, top: str) -> dict[str, Fact]:
        """Return the counts as measures; where everything lies in `top`, seen from there."""
        counts = self._below if top else self._counts
        found: dict[str, Fact] = {f"{FOLDER}{name}": count for name, count in counts.items()}
        return found | {TOP: int(bool(top))}


def note_fewer(record: Record, before: Drill | None, *, deep: bool) -> None:
    """Note what was there at the last good drill, by the measures of both, and is not any more.

    Both were counted by `Folders`, with the same `deep`.
    """
    if before is None:
        return
    now, then = record.measures, dict(before.measures)
    if TOP in then and then[TOP] != now.get(TOP):
        record.problem("drill.layout", f"unlike {before.path}")
    steady = [
        (name.removeprefix(FOLDER), _number(now, name), earlier)
        for name in sorted(then)
        if name.startswith(FOLDER) and not _passing(name) and (earlier := _number(then, name))
    ]
    complete = sum(name.startswith(FOLDER) for name in now) < _MOST
    gone = [
        f"{name} had {earlier}"
        for name, count, earlier in steady
        if not count and earlier >= (_FEW_DEEP if deep else _FEW)
    ]
    if gone and complete:
        record.problem("drill.files_gone", few(gone))
    shrunk = list(_shrunk(now, then, steady))
    if shrunk:
        record.problem("drill.files_collapsed", few(shrunk))


def _shrunk(
    now: Mapping[str, Fact], then: Mapping[str, Fact], steady: list[tuple[str, int, int]]
) -> Iterator[str]:
    for name, count, earlier in steady:
        if count and is_collapsed(count, earlier):
            yield f"{name} has {count} files, had {earlier}"
    size, earlier = _number(now, "bytes"), _number(then, "bytes")
    if _number(then, "files") >= FEW and is_collapsed(size, earlier):
        yield f"all files have {size} bytes, had {earlier}"


def _count(counts: dict[str, int], path: str, levels: tuple[int, ...]) -> None:
    folders = path.split("/")[:-1]
    for level in levels:
        name = "/".join(folders[:level])[:_LENGTH]
        if len(folders) >= level and (name in counts or len(counts) < _MOST):
            counts[name] = counts.get(name, 0) + 1


def _passing(name: str) -> bool:
    return not LEFT_OUT.isdisjoint(name.removeprefix(FOLDER).split("/"))


def _number(measures: Mapping[str, Fact], name: str) -> int:
    value = measures.get(name, 0)
    return value if isinstance(value, int) else 0
