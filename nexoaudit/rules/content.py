"""Content: does the newest copy hold what policy expects and what the last good one held?"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from nexoaudit.model.copy import Assurance, Copy
from nexoaudit.model.fact import Moment, Size
from nexoaudit.model.manifest import Acceptance, History, Manifest
from nexoaudit.model.policy import Component, Series
from nexoaudit.model.server import Server
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict, alarm
from nexoaudit.rules import archives, certificates, dumps, points, presence, volatile
from nexoaudit.rules.chain import Chain, chain
from nexoaudit.rules.counts import Compare
from nexoaudit.rules.finding import Finding, failed, is_loss, listed, noted, warned
from nexoaudit.rules.fits import fitting
from nexoaudit.rules.leftout import left_out
from nexoaudit.rules.presence import Presence
from nexoaudit.rules.trend import declined, dwindling, shrunk

CONTROL = "content"
OPEN_TO_ALL = 0o004
"""The right to read of everybody."""


def judge(state: State, component: Component, now_ms: int) -> tuple[Verdict, ...]:
    """Return a verdict for each finding, worst first, or one per series that holds all it should.

    Of a binary log only its mode is judged here: what is in it is the business of another control.
    Of code in a repository it is judged whether the deployed version fits its database.
    """
    found = [
        Verdict(CONTROL, component.id, item.status, item.reason, item.facts, "schema")
        for item in fitting(state, component, now_ms)
    ]
    if not component.repository:
        for series in component.series if component.kind != "binlog" else ():
            found += _series(state, component, series, now_ms)
        found += _open(state, component)
    found.sort(key=lambda verdict: alarm(verdict.status), reverse=True)
    bad = sum(1 for verdict in found if verdict.status is Status.FAIL)
    facts = {"found": bad, "complete": _complete(state, component)}
    return tuple(verdict._replace(facts={**verdict.facts, **facts}) for verdict in found)


def history(
    component: Component,
    manifests: Sequence[Manifest],
    accepted: Mapping[str, Acceptance],
    server: Server | None = None,
) -> Chain:
    """Return what the newest of a series' manifests is to be judged by; oldest come first.

    A live server that holds nothing more confirms the newest, as a person would.
    """
    if component.kind != "database":
        return chain(manifests, accepted, _comparing(component))
    newest = manifests[-1]
    live = presence.compare(newest, server, component.expect)
    database = str(newest.facts.get("database", ""))

    def passing(names: Collection[str]) -> dict[str, bool]:
        spared = left_out(names, component.expect, database)
        return {**volatile.named(names), **dict.fromkeys(spared, True)}

    found = chain(
        manifests,
        accepted,
        _comparing(component),
        naming=passing,
        seen_live=live.settled and not live.missing,
    )
    if any(_absent(newest, live)):
        return found._replace(good=found.good - {newest.sha256})
    return found


def measure(component: Component, known: History) -> Manifest:
    """Return what the next point of a series is to be compared with: the last good one so far."""
    if known.good is None or known.accepted or not any(map(is_loss, _lost(component, known))):
        return known.newest
    return known.good


def _strangers(newest: Manifest, server: Server | None) -> Iterator[Finding]:
    """Find definers that the live server does not know: what has their rights cannot run."""
    if server is None or server.accounts is None:
        return
    definers = str(newest.facts.get("definers", ""))
    gone = set(definers.split(", ") if definers else ()) - set(server.accounts)
    if gone:
        yield warned("content.definer_gone", names=listed(gone), count=len(gone))


def _absent(newest: Manifest, live: Presence) -> Iterator[Finding]:
    """Find what was on the live server already when the dump was made, and is not in it."""
    if live.missing and live.since_ms <= newest.time_ms <= live.seen_ms:
        kinds = sorted({kind for kind, _ in live.missing})
        names = listed(name for _, name in live.missing)
        yield failed(
            "content.live_missing", kinds=", ".join(kinds), names=names, count=len(live.missing)
        )


def is_complete(component: Component, manifest: Manifest) -> bool:
    """Return whether a manifest holds all that policy expects, and nothing it forbids."""
    return not any(map(is_loss, _lacks(component, manifest)))


def _series(state: State, component: Component, series: Series, now_ms: int) -> list[Verdict]:
    known = state.histories.get((component.id, series.id))
    digests = {copy.sha256 for copy in points.copies(state, component) if copy.series == series.id}
    if known is None or known.newest.sha256 not in digests:
        unread = {"series": series.id}
        return [Verdict(CONTROL, component.id, Status.UNVERIFIED, "content.unread", unread)]
    newest = known.newest
    facts = _facts(component, newest)
    subject = f"{newest.location}:{newest.path}"
    live = state.certificates.get(component.id)
    found = [*_lacks(component, newest), *_changes(component, known)]
    if component.kind == "database":
        server = state.servers.get(component.id)
        found += _absent(newest, presence.compare(newest, server, component.expect))
        found += _strangers(newest, server)
        found += dumps.harm(newest, component)
    found += certificates.saved(newest, live, component, now_ms)
    verdict = _verdict_of(known)
    # A warning must not stand in for the word that the first point still needs.
    worse = {Status.FAIL} if verdict.status is Status.UNVERIFIED else set(Status) - {Status.PASS}
    if not any(item.status in worse for item in found):
        found.append(verdict)
    return [
        Verdict(CONTROL, component.id, item.status, item.reason, {**facts, **item.facts}, subject)
        for item in found
    ]


def _facts(component: Component, newest: Manifest) -> dict[str, str | int]:
    facts: dict[str, str | int] = {
        "component": component.id,
        "path": newest.path,
        "location": newest.location,
        "point": Moment(newest.time_ms),
        "total": newest.total,
        "unit": "rows" if component.kind == "database" else "files",
        "bytes": Size(newest.bytes),
    }
    return facts


def _lacks(component: Component, newest: Manifest) -> list[Finding]:
    lacks = dumps.lacks if component.kind == "database" else archives.lacks
    return lacks(newest, component)


def _changes(component: Component, known: History) -> list[Finding]:
    """Return what was lost since the last good point, unless a person accepted that."""
    if known.good is None or known.accepted:
        return []
    found = _lost(component, known)
    if component.kind != "logs" and not any(map(is_loss, found)):
        found += declined(known.newest, known.series) or _dwindling(component, known)
    good = Moment(known.good.time_ms)
    return [item._replace(facts={**item.facts, "good": good}) for item in found]


def _dwindling(component: Component, known: History) -> list[Finding]:
    """Return which table shrinks; folders of an archive are moved and emptied as people like."""
    return dwindling(known.newest, known.dwindled) if component.kind == "database" else []


def _lost(component: Component, known: History) -> list[Finding]:
    if known.good is None:
        return []
    found = _comparing(component)(known.newest, known.good, known.unsteady)
    if component.kind != "logs" and not any(map(is_loss, found)):
        found += shrunk(known.newest, known.series)
    return found


def _comparing(component: Component) -> Compare:
    """Return what tells what one of two points lost."""
    if component.kind == "database":
        return dumps.losses(component.expect)
    return archives.losses(component.kind)


def _verdict_of(known: History) -> Finding:
    if known.accepted:
        facts: dict[str, str | int] = {
            "by": known.accepted.by,
            "why": known.accepted.reason,
            "accepted": Moment(known.accepted.ts_ms),
        }
        return noted("content.accepted", **facts)
    if not known.confirmed:
        return Finding(Status.UNVERIFIED, "content.unconfirmed")
    good = known.good or known.newest
    return noted("content.complete", good=Moment(good.time_ms))


def _open(state: State, component: Component) -> list[Verdict]:
    """Find the newest copy of each location that everybody on its machine may read."""
    held = [
        copy
        for copy in points.copies(state, component)
        if copy.finished and copy.mode & OPEN_TO_ALL
    ]
    if not held:
        return []
    newest = max(held, key=lambda copy: copy.time_ms)
    facts: dict[str, str | int] = {
        "path": newest.path,
        "location": newest.location,
        "count": len(held),
    }
    subject = f"{newest.location}:{newest.path}"
    return [Verdict(CONTROL, component.id, Status.WARN, "content.open", facts, subject)]


def _complete(state: State, component: Component) -> int:
    return sum(1 for copy in points.copies(state, component) if is_assured(copy))


def is_assured(copy: Copy) -> bool:
    """Return whether a copy is known to hold all that it should."""
    return copy.assurance >= Assurance.COMPLETE


def raised(copy: Copy, complete: Collection[str]) -> Copy:
    """Return the copy, `complete` when it is readable and its digest is among those."""
    if copy.assurance == Assurance.READABLE and copy.sha256 in complete:
        return copy._replace(assurance=int(Assurance.COMPLETE))
    return copy
