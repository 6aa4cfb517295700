"""Which point of a series is the last good one: the measure of the next."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from nexoaudit.model.manifest import Acceptance, History, Manifest, Total
from nexoaudit.rules.counts import totals
from nexoaudit.rules.finding import Finding, is_loss
from nexoaudit.rules.trend import WINDOW_MS, Steadiness, shrunk

_MOST = 200
"""Points of the trend that are kept."""

Compare = Callable[[Manifest, Manifest, Collection[str]], list[Finding]]
"""Returns what the first manifest lost since the second."""


class Chain(NamedTuple):
    """The history of a series, and its points in which nothing was lost."""

    history: History
    good: frozenset[str]
    """Digests of the points that a person confirmed or that go back to such a one."""


def chain(
    manifests: Sequence[Manifest],
    accepted: Mapping[str, Acceptance],
    compare: Compare,
    *,
    seen_live: bool = False,
) -> Chain:
    """Walk from point to point, oldest first; the last of `manifests` is the newest.

    The first point is the measure of the second. One that lost something against the last good
    point is not good, so that the loss is told until it is mended or accepted by its digest.
    `seen_live`: the newest holds all that there is on the live server.
    """
    *earlier, newest = manifests
    good: Manifest | None = None
    series: list[Total] = []
    proven: set[str] = set()
    confirmed = False
    steadiness = Steadiness()
    for manifest in earlier:
        if manifest.sha256 in accepted:
            good, series, confirmed = manifest, [], True
        elif good is None or not _lost(manifest, good, series, steadiness, compare):
            good = manifest
        if good is manifest:
            series.append(Total(manifest.time_ms, manifest.total, manifest.bytes))
            proven |= {manifest.sha256} if confirmed else set()
        steadiness.add(totals(manifest), manifest.time_ms)
    word = accepted.get(newest.sha256)
    confirmed = confirmed or word is not None or seen_live
    if word or (confirmed and not (good and _lost(newest, good, series, steadiness, compare))):
        proven.add(newest.sha256)
    recent = [total for total in series if total.time_ms >= newest.time_ms - WINDOW_MS]
    history = History(
        newest=newest,
        good=good,
        series=tuple(recent[-_MOST:]),
        unsteady=steadiness.unsteady(newest.time_ms),
        confirmed=confirmed,
        accepted=word,
    )
    return Chain(history, frozenset(proven))


def _lost(
    now: Manifest,
    good: Manifest,
    series: Sequence[Total],
    steadiness: Steadiness,
    compare: Compare,
) -> bool:
    found = [
        *compare(now, good, steadiness.unsteady(now.time_ms)),
        *shrunk(now, series),
    ]
    return any(is_loss(finding) for finding in found)
