"""The moment of a point-in-time restore: what must be there after it, and what must not."""

from bisect import bisect_left
from collections.abc import Callable, Collection
from typing import NamedTuple

from nexoaudit.formats.transactions import Content, Mark, Transactions

_DATA = frozenset({"rows", "ddl", "change"})


class Boundary(NamedTuple):
    """A moment, and the transaction that is the first not to be replayed."""

    until_s: int
    """Seconds since 1970: what was committed in this second or later is left out."""
    stop: int
    """Index of the first transaction that is left out."""


def is_data(content: Collection[Mark], databases: Collection[str] = ()) -> bool:
    """Tell whether a transaction changes one of these databases (none named: any)."""
    return any(
        mark.kind in _DATA and (not databases or mark.database in databases) for mark in content
    )


def makes_another(content: Content) -> bool:
    """Tell whether a replay makes two transactions of this one, as of CREATE TABLE ... SELECT."""
    kinds = {mark.kind for mark in content}
    return {"ddl", "rows"} <= kinds


def choose(
    found: Transactions, first: int, databases: Collection[str], pick: Callable[[int], int]
) -> Boundary | None:
    """Return a boundary between two transactions from `first` on; None: there is none.

    The later of them is of a later second than all that lies before it, so that a moment tells
    them apart; both change `databases` where there are such. `pick` is asked for a number
    below the one it is given.
    """
    sharp, blunt = list[int](), list[int]()
    data = [is_data(content, databases) for content in found.contents]
    split = [makes_another(content) for content in found.contents]
    seen = False
    for index in range(first, len(found)):
        before = found.content_number(index - 1) if index > first else 0
        if seen and found.moment[index] > found.through[index - 1]:
            exact = data[before] and data[found.content_number(index)] and not split[before]
            (sharp if exact else blunt).append(index)
        seen = seen or data[found.content_number(index)]
    stops = sharp or blunt
    if not stops:
        return None
    stop = stops[pick(len(stops))]
    return Boundary(found.moment[stop], stop)


def at(found: Transactions, first: int, until_s: int) -> Boundary:
    """Return the boundary of a given moment: the first transaction of that second or later."""
    stop = bisect_left(found.through, until_s, lo=first)
    return Boundary(until_s, stop)


def last(found: Transactions, first: int) -> Boundary:
    """Return the boundary behind everything from `first` on.

    The newest transaction is left out while its end is not there yet: its log was copied meanwhile.
    """
    stop = max(first, len(found) if found.complete else len(found) - 1)
    return Boundary(found.through[stop - 1] + 1 if stop else 0, stop)
