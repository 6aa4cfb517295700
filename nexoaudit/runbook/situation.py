"""What a runbook is written from: the site after the disaster, its parts, and the last drill."""

from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.auditor.scene import Part, Scene
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.location import Location
from nexoaudit.model.manifest import Manifest
from nexoaudit.model.state import State
from nexoaudit.outlook import Replay, replay, spares_host
from nexoaudit.runbook.fetching import Fetch
from nexoaudit.runbook.quoting import variable


class Situation(NamedTuple):
    """A scenario, what it leaves, and what is known from before."""

    known: State
    """Everything, the destroyed copies included: their digests are still true."""
    scene: Scene
    drill: Drill | None
    """The newest good one of this scenario."""

    @property
    def host_stands(self) -> bool:
        """Whether only the data is lost."""
        return spares_host(self.scene.scenario)

    @property
    def zone(self) -> ZoneInfo:
        """The site's clock."""
        return ZoneInfo(self.known.policy.site.timezone)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything there is to fetch, configuration first."""
        return self.scene.parts

    def of_kind(self, kind: str) -> tuple[Part, ...]:
        """Return the parts of a kind of component."""
        return tuple(part for part in self.parts if part.component.kind == kind)

    def fetch(self, part: Part) -> Fetch:
        """Return how a part's copy becomes a file here."""
        return self.fetch_copy(part.copy, file_name(part.name))

    def fetch_copy(self, copy: Copy, called: str) -> Fetch:
        """Return how any copy becomes a file here."""
        return Fetch(self.location(copy), copy, called, self._digest(copy))

    def location(self, copy: Copy) -> Location:
        """Return where a copy lies."""
        return self.known.policy.location(copy.location)

    def manifest(self, part: Part) -> Manifest | None:
        """Return what is inside a part's copy; None: what is known is of another point."""
        history = self.known.histories.get((part.component.id, part.series.id))
        if history is None or history.newest.time_ms != part.copy.time_ms:
            return None
        return history.newest

    def logs(self, part: Part) -> Replay | None:
        """Return the binary logs that lead on from a dump; None: it does not say from where."""
        return replay(self.known, self.scene.state, part.component, part.copy)

    @property
    def replays(self) -> tuple[Replay, ...]:
        """The runs of binary logs that lead on from the dumps."""
        found = map(self.logs, self.of_kind("database"))
        return tuple(run for run in found if run is not None and run.logs)

    @property
    def places(self) -> tuple[Location, ...]:
        """Where anything is fetched from."""
        used = {part.copy.location for part in self.parts}
        used |= {run.holding[2] for run in self.replays}
        return tuple(place for place in self.known.policy.locations if place.id in used)

    def took_ms(self, part: Part, *steps: str) -> int:
        """Return how long these steps took in the last good drill; 0: unknown.

        They are named `restore:PART` where parts were restored one by one; where all of them were
        restored as one system `restore` is of the database, `restore.files` of the files.
        """
        if self.drill is None:
            return 0
        own = "" if part.kind == "database" else f".{part.kind}"
        wanted = {name for step in steps for name in (f"{step}:{part.name}", f"{step}{own}")}
        return sum(step.duration_ms for step in self.drill.steps if step.name in wanted)

    def _digest(self, copy: Copy) -> str:
        """Return the digest of a copy's content, of it or of one that is its equal elsewhere."""
        known: Mapping[str, str] = {
            _point(other): other.sha256
            for (component, _, _), held in self.known.copies.items()
            if component == copy.component
            for other in held
            if other.sha256 and (not other.sealed or other.proof == "decrypted")
        }
        own = copy.sha256 if not copy.sealed or copy.proof == "decrypted" else ""
        return own or known.get(_point(copy), "")


def file_name(part: str) -> str:
    """Return a name for a file of ours."""
    return variable(part).lower()


def _point(copy: Copy) -> str:
    from nexoaudit.formats.names import unsealed  # noqa: PLC0415

    return copy.of or unsealed(copy.path)
