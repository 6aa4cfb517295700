"""A whole audit of a bucket of 20,000 proven objects in which nothing is new.

The listing is canned, because its own cost is measured in `offsite`: what is left is the ledger,
the comparison and the published state. No object may be asked for.
"""

import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nexoaudit import evidence
from nexoaudit.auditor import elsewhere
from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.auditor.session import Session, open_session
from nexoaudit.locations.directory import Found
from nexoaudit.model.copy import Assurance
from nexoaudit.model.location import Location
from nexoaudit.model.sighting import Sighting
from nexoaudit.model.store import Store
from nexoaudit.model.stored import Stored
from nexoaudit.model.verification import Verification
from nexoaudit.policy.load import load

_OBJECTS = 20_000
_ROUNDS = 3
_NOW = datetime(2026, 11, 1, tzinfo=UTC)
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_CONFIG = """
[site]
name = "benchmark"
state_dir = "{root}/state"
[location.local]
path = "{root}/local"
[location.cloud]
kind = "s3"
bucket = "backups"
offsite = true
transfer = "30 4 * * *"
[component.database]
kind = "database"
schedule = "0 2 * * *"
[[component.database.series]]
pattern = "db/{{time:%Y%m%d_%H%M%S}}.sql.gz"
keep = "forever"
locations = ["local", "cloud"]
"""


class Canned:
    """A bucket that never changes, and counts what it is asked."""

    asked = 0

    def listing(self) -> Iterator[Found]:
        """Yield the objects."""
        for number in range(_OBJECTS):
            moment = _FIRST + timedelta(minutes=20 * number)
            name = f"db/{moment:%Y%m%d_%H%M%S}.sql.gz"
            yield Found(name, 1000, int(moment.timestamp()) * 1000, 0, 0, 0, 0, f"etag{number}")

    def store(self, now: datetime) -> Store:
        """Return what the bucket is."""
        return Store("cloud", int(now.timestamp()) * 1000, versioning="enabled")

    def stored(self, paths: Iterable[str]) -> Iterator[Stored]:
        """Count the objects that are asked for, and tell nothing."""
        for _ in paths:
            Canned.asked += 1
        return iter(())


@contextmanager
def canned(_location: Location, **_deadline: float) -> Iterator[Canned]:
    """Give the bucket in the place of a transport."""
    yield Canned()


def proven(session: Session) -> None:
    """Record of every object that it is proven."""
    known = evidence.newest(session.ledger, session.ledger.size).present.values()
    session.append(
        evidence.verified_draft(
            Sighting(**entry.facts),
            Verification(
                "0" * 64,
                1000,
                entry.facts["mtime_ms"],
                "copy",
                Assurance.INTACT,
                (),
                proof="crc",
                token=entry.facts["token"],
            ),
        )
        for entry in known
        if entry.facts["location"] == "cloud"
    )


def main() -> None:
    """Print what the audit takes."""
    elsewhere.open_transport = canned  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "local").mkdir()
        (root / "local/note").write_text("a directory that holds nothing is not mounted")
        (root / "site.toml").write_text(_CONFIG.format(root=root))
        with open_session(load(root / "site.toml"), lambda: _NOW) as session:
            audit(session, Unwatched())
            proven(session)
            Canned.asked = 0
            wall, processor = [], []
            for _ in range(_ROUNDS):
                began, spent = time.perf_counter(), time.process_time()
                audit(session, Unwatched())
                wall.append(time.perf_counter() - began)
                processor.append(time.process_time() - spent)
    print(
        f"audit of an unchanged bucket of {_OBJECTS} objects: {statistics.median(wall):.1f} s,"
        f" {statistics.median(processor):.1f} s of processor time, {Canned.asked} objects asked for"
        " (target: under 5 s, 0)"
    )
    assert not Canned.asked


if __name__ == "__main__":
    main()
