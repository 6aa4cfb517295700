"""Which point of a series is the last good one: the measure of the next."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nexoaudit.model.manifest import Acceptance, History, Manifest, Total
from nexoaudit.rules.counts import Compare, swung, totals
from nexoaudit.rules.finding import is_loss
from nexoaudit.rules.steadiness import Naming, Steadiness
from nexoaudit.rules.trend import MEDIAN_OF, WINDOW_MS, dwindled, shrunk

_MOST = 200
"""Points of the trend that are kept."""


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
    naming: Naming | None = None,
    seen_live: bool = False,
) -> Chain:
    """Walk from point to point, oldest first; the last of `manifests` is the newest.

    The first point is the measure of the second. One that lost something against the last good
    point is not good, so that the loss is told until it is mended or accepted by its digest.
    `naming` knows counts that come and go by their names.
    `seen_live`: the newest holds all that there is on the live server.
    """
    *earlier, newest = manifests
    good: Manifest | None = None
    series: list[Manifest] = []
    proven: set[str] = set()
    confirmed = False
    steadiness = Steadiness(naming)
    for manifest in earlier:
        comparable = _comparable(series, manifest, steadiness)
        if manifest.sha256 in accepted:
            good, series, confirmed = manifest, [], True
        elif good is None or not _lost(manifest, good, comparable, steadiness, compare):
            good, series = manifest, comparable
        if good is manifest:
            series = [*series, manifest]
            proven |= {manifest.sha256} if confirmed else set()
        steadiness.add(totals(manifest), manifest.time_ms)
    series = _comparable(series, newest, steadiness)
    word = accepted.get(newest.sha256)
    confirmed = confirmed or word is not None or seen_live
    if word or (confirmed and not (good and _lost(newest, good, series, steadiness, compare))):
        proven.add(newest.sha256)
    recent = [item for item in series if item.time_ms >= newest.time_ms - WINDOW_MS]
    unsteady = steadiness.unsteady(newest.time_ms, totals(newest))
    history = History(
        newest=newest,
        good=good,
        series=_trend(recent[-_MOST:]),
        unsteady=unsteady,
        confirmed=confirmed,
        accepted=word,
        dwindled=dwindled([*recent, newest], unsteady),
    )
    return Chain(history, frozenset(proven))


def _comparable(series: list[Manifest], now: Manifest, steadiness: Steadiness) -> list[Manifest]:
    """Return the points whose size tells what that of `now` should be.

    None does, after something that comes and goes went: it may have been most of the bytes.
    """
    unsteady = steadiness.unsteady(now.time_ms, totals(now))
    return [] if any(swung(now, item, unsteady) for item in series[-MEDIAN_OF:]) else series


def _trend(series: Sequence[Manifest]) -> tuple[Total, ...]:
    return tuple(Total(item.time_ms, item.total, item.bytes) for item in series)


def _lost(
    now: Manifest,
    good: Manifest,
    series: Sequence[Manifest],
    steadiness: Steadiness,
    compare: Compare,
) -> bool:
    found = [
        *compare(now, good, steadiness.unsteady(now.time_ms, totals(now))),
        *shrunk(now, _trend(series[-MEDIAN_OF:])),
    ]
    return any(is_loss(finding) for finding in found)
