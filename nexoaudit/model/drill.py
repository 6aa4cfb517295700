"""The result of one test restore."""

from typing import NamedTuple

from nexoaudit.model.fact import Fact

CONTENTS = "contents"
"""The kind of a drill that proves what a database backup holds, and nothing of how long it takes to
recover: its rows came into the tables on a way that nobody recovers by."""

INTERNAL = ("checksum.", "folder.", "layout.", "names.", "text.")
"""Begin the measures that only the next drill compares itself with."""


class Step(NamedTuple):
    """One timed part of a drill."""

    name: str
    """A code that `wording` knows: `fetch`, `sandbox`, `restore`, `count`, `check`, ..."""
    duration_ms: int
    outcome: str = "pass"
    detail: str = ""


class Used(NamedTuple):
    """One of several copies that were restored together."""

    part: str
    """`database`, `config` or `files`."""
    component: str
    location: str
    path: str
    sha256: str
    """Of the content."""
    point_ms: int


class Drill(NamedTuple):
    """One test restore of one recovery point, as recorded."""

    kind: str
    """`database`, `files`, ..., `point-in-time`, `contents`, `system` or `scenario`."""
    component: str
    """Empty for what restores more than one component."""
    started_ms: int
    duration_ms: int
    outcome: str
    """`pass`, `fail` or `unverified` (it could not be run)."""
    reason: str = ""
    """Reason code of the first thing that was wrong."""
    detail: str = ""
    location: str = ""
    path: str = ""
    point_ms: int = 0
    sha256: str = ""
    steps: tuple[Step, ...] = ()
    measures: tuple[tuple[str, Fact], ...] = ()
    """Counts found after the restore: sorted pairs such as `("tables", 15)`."""
    problems: tuple[str, ...] = ()
    series: str = ""
    scenario: str = ""
    """Id of the scenario that was played; for kind `scenario` only."""
    used: tuple[Used, ...] = ()
    """Of a system: the copies that came back."""
    of: str = ""
    """The component whose data came back, where that is another one: the database of a
    point-in-time drill, whose component is that of the binary logs."""

    def measure(self, name: str) -> int:
        """Return a measured number; 0 for one that was not measured."""
        value = dict(self.measures).get(name, 0)
        return value if isinstance(value, int) else 0
