"""Everything the rules need, at one size of the ledger."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from nexoaudit.model.binlog import LogFile, Position
from nexoaudit.model.certificate import Certificates
from nexoaudit.model.copy import Copy
from nexoaudit.model.disk import Disk
from nexoaudit.model.drill import Drill
from nexoaudit.model.fit import Fit
from nexoaudit.model.job import Job
from nexoaudit.model.loss import Loss
from nexoaudit.model.manifest import History
from nexoaudit.model.policy import Policy
from nexoaudit.model.runlog import RunLog
from nexoaudit.model.server import Server
from nexoaudit.model.sighting import Sweep
from nexoaudit.model.statement import Attestation, Waiver
from nexoaudit.model.store import Store
from nexoaudit.model.timetable import Timetable

Holding = tuple[str, str, str]
"""(component, series, location): the key of one set of copies."""


Contents = tuple[str, str]
"""(component, series): the key of what is inside its points."""
NO_HISTORIES: Mapping[Contents, History] = MappingProxyType({})


class Change(NamedTuple):
    """The newest change of what an `on-change` component protects, as last observed."""

    component: str
    observed_ms: int
    changed_ms: int
    outcome: str = "complete"
    """`complete`, or `failed` when some watched path could not be read."""
    detail: str = ""
    saved: bool = False
    """For code: the deployed commit lies in the repository."""
    differing: int = 0
    """For code: deployed files that are not as they were committed."""
    first: str = ""
    """Name of the first of them."""


class State(NamedTuple):
    """Policy and current observations: the input of every rule, together with `now`."""

    policy: Policy
    copies: Mapping[Holding, tuple[Copy, ...]]
    """Each ordered by time, oldest first."""
    slots: Mapping[str, tuple[int, ...]]
    """Per component, the due moments of the past and the next two days, in order."""
    transfers: Mapping[str, tuple[int, ...]]
    """Per location, the moments of its transfer job, in order."""
    sweeps: Mapping[str, Sweep]
    """Per location, the newest complete sweep, or the newest failed one if none was complete."""
    failures: Mapping[str, Sweep]
    """Per location, a failed sweep that is newer than the newest complete one."""
    drills: tuple[Drill, ...]
    """The newest of each kind, component and scenario, and the newest good one, oldest first."""
    changes: Mapping[str, Change]
    jobs: Mapping[str, Job]
    """Per name, the newest run."""
    started_ms: int
    """When the ledger's first entry was seen: nothing before it can be asked of the auditor."""
    heartbeat_ms: int
    config_path: str
    config_sha256: str
    """Digest of the TOML that was audited."""
    ledger_size: int
    ledger_root: str
    version: str
    windows: Mapping[str, tuple[int, ...]] = MappingProxyType({})
    """Per component with a window, its opening and closing moments in turn, in order."""
    turned_back: tuple[tuple[int, int], ...] = ()
    """When clocks went back in the time of the slots, and by how many milliseconds."""
    histories: Mapping[Contents, History] = NO_HISTORIES
    """What the newest points hold; none for series of which no point was read."""
    certificates: Mapping[str, Certificates] = MappingProxyType({})
    """Per component, what its watched web server configuration names."""
    logs: Mapping[Holding, tuple[LogFile, ...]] = MappingProxyType({})
    """Binary logs that were read, ordered by number."""
    positions: Mapping[Holding, tuple[Position, ...]] = MappingProxyType({})
    """Where in the binary logs each dump that was read was made."""
    residues: tuple[str, ...] = ()
    """Paths of what restores left behind on the live system."""
    disks: Mapping[str, Disk] = MappingProxyType({})
    """Per location, what it lies on."""
    runlogs: Mapping[str, RunLog] = MappingProxyType({})
    """By path, what the logs of the site's own jobs say."""
    timetable: Timetable | None = None
    """What the live system runs for the backups; None: never looked at, or not to be."""
    servers: Mapping[str, Server] = MappingProxyType({})
    """Per component with a read-only login, the live server as last seen."""
    losses: Mapping[Holding, Loss] = MappingProxyType({})
    """What vanished lately before its time."""
    fits: Mapping[str, Fit] = MappingProxyType({})
    """Per component whose policy says where, the versions of the deployed code and its database."""
    stores: Mapping[str, Store] = MappingProxyType({})
    """Per location, which place it really is and how well it keeps what it holds."""
    attestations: tuple[Attestation, ...] = ()
    """What people stated and have not taken back, in the ledger's order; of what an acceptance is
    about the histories tell."""
    waivers: tuple[Waiver, ...] = ()
    """Those that nobody has taken back and that did not end long ago."""
