"""Rows of tables, files of folders: what is gone, emptied or collapsed since an earlier point."""

from collections.abc import Callable, Collection, Iterator, Mapping

from nexoaudit.model.collapse import is_collapsed
from nexoaudit.model.manifest import OTHERS, Manifest
from nexoaudit.rules.finding import Finding, failed, listed

Compare = Callable[[Manifest, Manifest, Collection[str]], list[Finding]]
"""Returns what the first manifest lost since the second; the names are those of unsteady counts."""
_TOTAL = "(total)"


def fewer(now: Manifest, before: Manifest, unsteady: Collection[str], few: int) -> list[Finding]:
    """Compare counts one by one and in all; `unsteady` ones are left out.

    What had `few` or more and is not there any more is gone. A count that was never 0 and now is
    was emptied; one that fell to less than half, from more than a few, collapsed.
    """
    gone = [name for name in _gone(now, before) if before.counts[name] >= few]
    pairs = {name: pair for name, pair in _pairs(now, before) if name not in unsteady}
    emptied = [name for name, (count, _) in pairs.items() if not count]
    collapsed = {name: pair for name, pair in pairs.items() if pair[0] and is_collapsed(*pair)}
    found = []
    if gone:
        found.append(failed("content.gone", names=listed(gone), count=len(gone)))
    if emptied:
        name = max(emptied, key=lambda item: before.counts[item])
        found.append(
            failed("content.emptied", name=name, before=before.counts[name], count=len(emptied))
        )
    if collapsed:
        name = max(collapsed, key=lambda item: collapsed[item][1] - collapsed[item][0])
        after, earlier = collapsed[name]
        found.append(
            failed(
                "content.collapsed", name=name, before=earlier, after=after, count=len(collapsed)
            )
        )
    # What comes and goes is no part of the sum.
    passing = before.counts.keys() & {*unsteady}
    rest, had = (item.total - sum(item.counts.get(n, 0) for n in passing) for item in (now, before))
    if not found and _TOTAL not in unsteady and is_collapsed(rest, had):
        found.append(failed("content.fewer", before=had, after=rest))
    return found


def swung(now: Manifest, before: Manifest, unsteady: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return by name what came and went: unsteady counts that collapsed, now and before."""
    pairs = {name: (now.counts.get(name, 0), before.counts.get(name, 0)) for name in unsteady}
    return {name: pair for name, pair in pairs.items() if is_collapsed(*pair)}


def totals(manifest: Manifest) -> dict[str, int]:
    """Return every count of a manifest whose steadiness matters, the total included."""
    return {**manifest.counts, _TOTAL: manifest.total}


def _gone(now: Manifest, before: Manifest) -> Iterator[str]:
    # Beyond its bound a manifest names the largest only: what is not named may just be small.
    least = min(now.counts.values(), default=0) if OTHERS in now.counts else -1
    for name, count in before.counts.items():
        if name != OTHERS and name not in now.counts and count > 2 * least:
            yield name


def _pairs(now: Manifest, before: Manifest) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield for every name in both, with less than before, the counts now and then."""
    for name, count in now.counts.items():
        earlier = before.counts.get(name, 0)
        if name != OTHERS and count < earlier:
            yield name, (count, earlier)


def counted(counts: Mapping[str, int], name: str) -> int | None:
    """Return the count of a name, whatever database qualifies it; None when it is not there."""
    if name in counts:
        return counts[name]
    elsewhere = [count for other, count in counts.items() if other.endswith("." + name)]
    return max(elsewhere, default=None)
