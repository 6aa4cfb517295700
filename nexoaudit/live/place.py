"""Which place a directory of this machine is, in the tokens by which locations are compared."""

from datetime import datetime
from pathlib import Path

from nexoaudit.live.here import observe_here
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.model.store import Store

_SITE = ""


def observe_site(now: datetime) -> Store:
    """Return which machine the site is on; what cannot be read is left out."""
    return Store(_SITE, millis(now), identity=observe_here())


def observe_place(location: Location, now: datetime) -> Store:
    """Return on which device of this machine a directory lies; of one that is gone nothing."""
    try:
        device = Path(location.path).stat().st_dev
    except OSError as error:
        said = error.strerror or str(error)
        return Store(location.id, millis(now), "failed", "location.unreadable", said)
    machine = next((token for token in observe_here() if token.startswith("machine:")), "machine:")
    name = machine.removeprefix("machine:")
    return Store(location.id, millis(now), identity=(f"device:{name}/{device}",))
