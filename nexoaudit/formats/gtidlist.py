"""Ids of many transactions in little memory."""

from array import array
from collections.abc import Sequence
from typing import Generic, TypeVar, overload

T = TypeVar("T")
Gtid = tuple[int, int, int]
"""Domain, server, number."""


class Numbered(Generic[T]):
    """Different things, each with a number: counted from 0, in order of their first coming."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, item: T) -> int:
        """Return the number of a thing, a new one when it was never seen."""
        found = self._numbers.get(item)
        if found is None:
            found = self._numbers[item] = len(self.items)
            self.items.append(item)
        return found


class GtidList(Sequence[Gtid]):
    """A list of ids that grows at its end: 12 bytes for each."""

    def __init__(self) -> None:
        self._sources = Numbered[tuple[int, int]]()
        self._source, self._number = array("I"), array("Q")

    def __len__(self) -> int:
        return len(self._number)

    @overload
    def __getitem__(self, index: int) -> Gtid: ...
    @overload
    def __getitem__(self, index: slice) -> list[Gtid]: ...
    def __getitem__(self, index: int | slice) -> Gtid | list[Gtid]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        domain, server = self._sources.items[self._source[index]]
        return domain, server, self._number[index]

    def append(self, gtid: Gtid) -> None:
        """Add an id; ValueError when its number is none."""
        domain, server, number = gtid
        try:
            self._number.append(number)
        except OverflowError as error:
            raise ValueError(f"{number} is no number of a transaction") from error
        self._source.append(self._sources.number((domain, server)))


def write_gtid(gtid: Gtid) -> str:
    """Return an id as MariaDB writes it: `0-1-621`."""
    return "-".join(map(str, gtid))
