"""Which members of an archive a test restore puts on disk: the same ones each time."""

import hashlib
import heapq
import re
from collections.abc import Iterator
from typing import NamedTuple

CONFIGURATION_SIZE = 64 * 1024
CONFIGURATIONS = 500
SPREAD = 200
LARGEST = 3

_CONFIGURATION = re.compile(
    r"(?:.*/)?(?:[^/]*config[^/]*\.php|\.env[^/]*|\.htaccess|crontab|[^/]*"
    r"\.(?:conf|cnf|ini|env|pem|crt|key|ya?ml|toml))",
    re.IGNORECASE,
)


class Chosen(NamedTuple):
    """A member to restore."""

    path: str
    size: int
    sha256: str


class _Top:
    """The members of the highest rank, one for each path."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[int, str]] = []
        self._members: dict[str, Chosen] = {}

    def __iter__(self) -> Iterator[Chosen]:
        """Yield the members, the highest rank first."""
        for _, path in sorted(self._heap, reverse=True):
            yield self._members[path]

    def add(self, rank: int, member: Chosen) -> None:
        """Consider a member; it replaces an earlier one of the same path."""
        if member.path in self._members:
            self._heap = [item for item in self._heap if item[1] != member.path]
            heapq.heapify(self._heap)
        self._members[member.path] = member
        heapq.heappush(self._heap, (rank, member.path))
        if len(self._heap) > self._most:
            del self._members[heapq.heappop(self._heap)[1]]


class Sample:
    """Chooses while members stream by, in bounded memory.

    Small files that look like configuration, the largest ones, and others spread evenly: those
    whose names have the smallest digests.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._configurations = _Top(CONFIGURATIONS)
        self._largest = _Top(LARGEST)
        self._spread = _Top(SPREAD)

    def offer(self, member: Chosen) -> None:
        """Consider one regular file; of several with one path the last counts, as for tar."""
        if member.size > self._budget:
            return
        rank = -int.from_bytes(
            hashlib.sha256(member.path.encode("utf-8", "surrogateescape")).digest()[:8], "big"
        )
        if member.size <= CONFIGURATION_SIZE and _CONFIGURATION.fullmatch(member.path):
            self._configurations.add(rank, member)
        self._spread.add(rank, member)
        self._largest.add(member.size, member)

    def chosen(self) -> dict[str, Chosen]:
        """Return the members to restore by path, as many as the budget allows."""
        left, chosen = self._budget, dict[str, Chosen]()
        for member in (*self._configurations, *self._largest, *self._spread):
            if member.path in chosen or member.size > left:
                continue
            chosen[member.path] = member
            left -= member.size
        return chosen
