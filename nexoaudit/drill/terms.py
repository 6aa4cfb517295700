"""What must come back of a database, and how soon."""

from collections.abc import Collection
from typing import NamedTuple

from nexoaudit.drill.versions import Deployed
from nexoaudit.model.assertion import Assertion
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Expect


class Terms(NamedTuple):
    """What a drill holds against what came back."""

    expect: Expect = Expect()
    rto_s: int = 0
    """0: any time."""
    deployed: tuple[Deployed, ...] = ()
    """The code that must fit what comes back."""
    asserts: tuple[Assertion, ...] = ()
    """What its owner says must hold."""
    before: Drill | None = None
    """The last good drill of the series, of an earlier point; None: there is nothing to compare
    with, or somebody accepted what was lost since."""
    unsteady: Collection[str] = ()
    """Tables whose numbers of rows say nothing."""
    raw_bytes: int = 0
    """About how much SQL it is; 0: nobody knows."""
