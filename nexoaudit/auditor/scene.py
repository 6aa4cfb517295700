"""What a scenario leaves to recover from: the copies outside everything that it destroys."""

from typing import NamedTuple

from nexoaudit.assess import assess_site, drill_of
from nexoaudit.auditor.targets import Target, is_arriving
from nexoaudit.formats.names import SEALED
from nexoaudit.model.copy import Copy
from nexoaudit.model.policy import Component, Scenario, Series
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status
from nexoaudit.outlook import left_by, recoverable_ms, spares_host, survivors
from nexoaudit.points import is_usable

CONFIG = "config"
"""The kind of component that only a new server needs."""
_ORDER = (CONFIG, "files", "database")
"""Configuration comes first, and the data of which one asks how fast it is back comes last."""
_VOUCHED = frozenset({Status.PASS, Status.WARN, Status.WAIVED})


class Part(NamedTuple):
    """One series of one component, and the copy it is restored from."""

    kind: str
    """The kind of drill that restores it."""
    component: Component
    series: Series
    copy: Copy

    @property
    def name(self) -> str:
        """The component's id, with that of the series where it has several."""
        several = len(self.component.series) > 1
        return f"{self.component.id}/{self.series.id}" if several else self.component.id

    def target(self, state: State, rto_s: int) -> Target:
        """Return what a drill is to restore, within the recovery time of a scenario."""
        history = state.histories.get((self.component.id, self.series.id))
        component = self.component._replace(rto_s=rto_s)
        newest = None if history is None else history.newest
        return Target(self.kind, component, self.series, self.copy, self.copy.location, newest)


class Scene(NamedTuple):
    """A site just after the disaster."""

    scenario: Scenario
    state: State
    """With nothing but what outlives it."""
    parts: tuple[Part, ...]
    """What is restored, in the order of restoring it."""
    missing: tuple[str, ...]
    """Components of which nothing is left, each with where it is kept."""
    arriving: tuple[str, ...]
    """Those of which copies are left, and none of them is known to be finished yet."""
    unvouched: tuple[str, ...]
    """Locations of encrypted copies whose passphrase, for all one knows, is lost as well."""

    def loses_ms(self, now_ms: int) -> dict[str, int]:
        """Return by component how much of it would be lost, in ms."""
        newest: dict[str, int] = {}
        for part in self.parts:
            name = part.component.id
            known_ms = newest.get(name) or recoverable_ms(self.state, part.component, now_ms)
            newest[name] = max(known_ms, part.copy.time_ms)
        return {name: max(0, now_ms - time_ms) for name, time_ms in newest.items()}


def scene(known: State, scenario: Scenario, now_ms: int) -> Scene:
    """Return what a scenario would leave at that moment, as far as the evidence goes."""
    state = left_by(known, scenario)
    parts: list[Part] = []
    missing: list[str] = []
    arriving: list[str] = []
    for component in state.policy.components:
        kind = drill_of(component)
        spared = kind == CONFIG and spares_host(scenario)
        if kind not in _ORDER or spared or not component.configured:
            continue
        for series in _needed(state, component):
            copy = newest(state, component, series)
            if copy is not None:
                parts.append(Part(kind, component, series, copy))
            elif is_arriving(state, component, series):
                arriving.append(_kept_at(component, series))
            else:
                missing.append(_kept_at(component, series))
    return Scene(
        scenario,
        state,
        tuple(sorted(parts, key=lambda part: _ORDER.index(part.kind))),
        tuple(missing),
        tuple(arriving),
        () if spares_host(scenario) else _unvouched(known, parts, now_ms),
    )


def newest(state: State, component: Component, series: Series) -> Copy | None:
    """Return the newest finished copy there is, where several are the one that is nearest.

    A tree cannot be fetched as one file can: only one that lies open on this machine counts.
    """
    held = [
        copy
        for place in series.locations
        for copy in state.copies.get((component.id, series.id, place), ())
        if copy.finished and not (series.tree and state.policy.location(place).remote)
    ]
    return max(held, key=lambda copy: (copy.time_ms, *_nearness(state, copy)), default=None)


def _needed(state: State, component: Component) -> list[Series]:
    """Return the series to restore: trees only where nothing of that kind is archived."""
    archived = any(
        not series.tree
        for other in state.policy.components
        if other.kind == component.kind
        for series in other.series
    )
    return [series for series in component.series if not (series.tree and archived)]


def _nearness(state: State, copy: Copy) -> tuple[bool, bool, bool]:
    """Sort what is sound first, of that what needs no fetching, of that what needs no key."""
    near = not state.policy.location(copy.location).remote
    return is_usable(copy), near, not is_sealed(copy)


def is_sealed(copy: Copy) -> bool:
    """Return whether a passphrase is needed to read a copy, as far as one can tell."""
    return bool(copy.sealed) or copy.path.endswith(SEALED)


def _kept_at(component: Component, series: Series) -> str:
    places = ", ".join((*series.locations, *series.attested)) or "no location"
    return f"{component.id} (kept at {places})"


def _unvouched(state: State, parts: list[Part], now_ms: int) -> tuple[str, ...]:
    """Return the locations whose passphrase nobody vouches for; see `rules.escrow`."""
    sealed = {part.copy.location for part in parts if is_sealed(part.copy)}
    said = {
        verdict.subject: verdict.status
        for verdict in assess_site(state, now_ms, ["offsite"], subjects=sealed)
        if verdict.reason.startswith("escrow.")
    }
    return tuple(sorted(name for name in sealed if said.get(name) not in _VOUCHED))


def outliving(state: State, scenario: Scenario) -> str:
    """Return the ids of the locations that a scenario spares, as a list in words."""
    return ", ".join(location.id for location in survivors(state, scenario)) or "none"
