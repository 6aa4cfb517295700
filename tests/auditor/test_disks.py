"""What the locations lie on, from the machine through the ledger to the state."""

from datetime import timedelta
from itertools import pairwise

import pytest

from nexoaudit.state.file import read_state


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


@pytest.fixture
def grow(site):
    """Return the bytes a day that are told after `days` in which a file got so large."""

    def after(days, size):
        site.now += timedelta(days=days)
        (site.root / "local/more").write_bytes(b"x" * size)
        return site.audit().state.disks["local"].growth

    return after


def test_growth_is_told_once_there_is_a_week(site, grow):
    site.audit()
    assert [grow(1, 7000 * day) for day in range(1, 10)] == [0] * 6 + [7000] * 3


def test_one_large_file_is_no_growth_of_weeks(site, grow):
    site.audit()
    slow = [grow(1, 1400 * day) for day in range(1, 15)]
    assert slow[-1] == 1400
    assert grow(1, 1400 * 15 + 1_500_000) == 101_400
    assert grow(7, 1400 * 22 + 1_500_000) == 1400


def test_growth_that_has_ended_is_over(site, grow):
    site.audit()
    filling = [grow(1, 5000 * min(day, 12)) for day in range(1, 21)]
    assert filling[11] == 5000
    assert filling[-1] == 0


def test_a_location_that_is_gone_is_a_failed_look_and_no_error(site):
    site.audit()
    (site.root / "offsite").rename(site.root / "away")
    state = site.audit().state
    assert state.disks["offsite"].outcome == "failed"
    assert "No such file" in state.disks["offsite"].detail
    assert state.disks["local"].outcome == "complete"


def test_what_restores_left_behind_is_recorded_and_gone_when_it_is_tidied_up(site):
    config = site.config.read_text()
    pattern = f'residues = ["{site.root}/tmp/*_restore_test"]'
    site.config.write_text(config.replace('timezone = "UTC"', f'timezone = "UTC"\n{pattern}'))
    tree = site.root / "tmp/site_restore_test"
    tree.mkdir(parents=True)
    site.date(tree, site.now - timedelta(days=2))
    state = site.audit().state
    assert state.residues == (str(tree),)
    assert read_state(site.root / "state/state.json").residues == state.residues
    tree.rmdir()
    assert site.audit().state.residues == ()
