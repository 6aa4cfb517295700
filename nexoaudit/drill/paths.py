"""Which paths an archive must hold, and must not hold, wherever its own top directory lies."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from nexoaudit.formats.archive import Member


class Paths:
    """Matches members against patterns while they stream by; keeps none of them.

    A pattern is a path or a glob below the archive's root. When everything lies in one top
    directory, patterns may also start below that. A directory alone proves nothing: only
    what it holds matches.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(dict.fromkeys(pattern.strip("/") for pattern in patterns))
        self._at_root: dict[str, str] = {}
        self._below_top: dict[str, str] = {}
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
        for pattern in self._patterns:
            if pattern not in self._at_root and _matches(path, pattern):
                self._at_root[pattern] = path
            if below and pattern not in self._below_top and _matches(below, pattern):
                self._below_top[pattern] = path

    def found(self) -> dict[str, str]:
        """Return each pattern that matched, with the first member that it matched."""
        if len(self._tops) == 1:
            return self._below_top | self._at_root
        return dict(self._at_root)

    def missing(self) -> tuple[str, ...]:
        """Return the patterns that matched nothing."""
        found = self.found()
        return tuple(pattern for pattern in self._patterns if pattern not in found)


def normal(name: str) -> str:
    """Return a member's name without leading slashes and empty or `.` parts."""
    return "/".join(part for part in name.split("/") if part not in {"", "."})


def _matches(path: str, pattern: str) -> bool:
    return fnmatchcase(path, pattern) or fnmatchcase(path, pattern + "/*")
