"""Which paths an archive holds, wherever its own top directory lies."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from typing import NamedTuple

from nexoaudit.formats.archive import Member


class Paths:
    """Matches members against patterns while they stream by; keeps none of them.

    A pattern is a path or a glob below the archive's root. When everything lies in one top
    directory, patterns may also start below that. A directory alone proves nothing: only
    what it holds matches.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(dict.fromkeys(pattern.strip("/") for pattern in patterns))
        self._matching = {pattern: _compiled([pattern]) for pattern in self._patterns}
        self._any = _compiled(self._patterns)
        self._at_root: dict[str, _Matched] = {}
        self._below_top: dict[str, _Matched] = {}
        self._tops: set[str] = set()

    def add(self, member: Member) -> None:
        """Look at one member."""
        path = normal(member.name)
        if not path:
            return
        top, _, below = path.partition("/")
        if len(self._tops) < 2:
            self._tops.add(top if below or member.kind == "directory" else path + "/")
        if member.kind == "directory":
            return
        for place, found in ((path, self._at_root), (below, self._below_top)):
            if place and self._any.match(place):
                for pattern, matching in self._matching.items():
                    if matching.match(place):
                        _note(found, pattern, path)

    @property
    def top(self) -> str:
        """The name of the one directory that everything lies in; empty when there is none."""
        only = next(iter(self._tops)) if len(self._tops) == 1 else ""
        return "" if only.endswith("/") else only

    def found(self) -> dict[str, str]:
        """Return each pattern that matched, with the first member that it matched."""
        return {pattern: matched.first for pattern, matched in self._matched().items()}

    def counts(self) -> dict[str, int]:
        """Return for each pattern how many members it matched."""
        matched = self._matched()
        return {
            pattern: matched[pattern].members if pattern in matched else 0
            for pattern in self._patterns
        }

    def missing(self) -> tuple[str, ...]:
        """Return the patterns that matched nothing."""
        found = self._matched()
        return tuple(pattern for pattern in self._patterns if pattern not in found)

    def _matched(self) -> "dict[str, _Matched]":
        return self._below_top | self._at_root if len(self._tops) == 1 else self._at_root


class _Matched(NamedTuple):
    """What one pattern matched."""

    first: str
    members: int


def _note(found: dict[str, _Matched], pattern: str, path: str) -> None:
    known = found.get(pattern)
    found[pattern] = known._replace(members=known.members + 1) if known else _Matched(path, 1)


def normal(name: str) -> str:
    """Return a member's name without leading slashes and empty or `.` parts."""
    if name[:1] not in "/." and name[-1] != "/" and "//" not in name and "/." not in name:
        return name
    return "/".join(part for part in name.split("/") if part not in {"", "."})


def _compiled(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return what matches a path that is, or lies below, what one of the globs means."""
    globs = [glob for pattern in patterns for glob in (pattern, f"{pattern}/*")]
    return re.compile("|".join(map(translate, globs)) or r"(?!)")
