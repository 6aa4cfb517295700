"""What the locations lie on, from the machine through the ledger to the state."""

from datetime import timedelta
from itertools import pairwise

from nexoaudit.state.file import read_state

WEEK = 7 * 86_400_000


def live(site):
    with site.session() as session:
        ledger = session.ledger
        everything = ledger.between(0, 1 << 60, size=ledger.size, kinds=("live",))
        return [entry for entry in everything if entry.subject.startswith("disk:")]


def test_every_location_is_looked_at_and_published(site):
    state = site.audit().state
    assert set(state.disks) == {"local", "offsite"}
    disk = state.disks["local"]
    assert (disk.outcome, disk.location) == ("complete", "local")
    assert disk.size > 0
    assert read_state(site.root / "state/state.json").disks == state.disks


def test_only_a_change_is_recorded(site):
    site.audit()
    before = len(live(site))
    (site.root / "local/db_20261118_020000").mkdir()
    (site.root / "local/db_20261118_020000/rows").write_bytes(b"x")
    site.audit()
    site.audit()
    told = [entry.facts for entry in live(site) if entry.subject == "disk:local"]
    assert before == 2
    assert [facts["leftovers"] for facts in told[:2]] == [[], ["db_20261118_020000"]]
    # Others write to this disk as well: a look that is recorded differs from the one before it.
    assert all(facts != earlier for earlier, facts in pairwise(told))
    assert site.audit().state.disks["local"].leftovers == ("db_20261118_020000",)


def test_growth_is_measured_over_four_weeks_once_there_is_a_week(site):
    site.audit()
    assert site.audit().state.disks["local"].grown_ms == 0
    for day, size in ((6, 500), (8, 1000), (30, 6000)):
        site.now += timedelta(days=day)
        (site.root / "local/more").write_bytes(b"x" * size)
        disk = site.audit().state.disks["local"]
        if day == 6:
            assert disk.grown_ms == 0
        if day == 8:
            assert (disk.grown, disk.grown_ms) == (1000, 2 * WEEK)
    # The listings of the first two weeks are too old now, and there was none since.
    assert disk.grown_ms == 0
    site.now += timedelta(days=27)
    (site.root / "local/more").write_bytes(b"x")
    disk = site.audit().state.disks["local"]
    assert (disk.grown, disk.grown_ms) == (-5999, 27 * 86_400_000)


def test_a_location_that_is_gone_is_a_failed_look_and_no_error(site):
    site.audit()
    (site.root / "offsite").rename(site.root / "away")
    state = site.audit().state
    assert state.disks["offsite"].outcome == "failed"
    assert "No such file" in state.disks["offsite"].detail
    assert state.disks["local"].outcome == "complete"
