"""`check_backup_storage`, whole lines."""

import pytest

from nexoaudit.model.disk import Place, Raid

GB = 10**9


@pytest.fixture
def state(build):
    """Return a function that gives a site whose local disk is changed."""

    def changed(**changes):
        base = build.state()
        local = base.disks["local"]._replace(**changes)
        return base._replace(disks={**base.disks, "local": local})

    return changed


def test_a_site_with_room_is_one_line(check, state):
    said = check("storage", state())
    assert (said.code, said.line) == (
        0,
        "BACKUP STORAGE OK - 2 locations with room, least local 60 % | "
        "free=120000000000B free_percent=60% local_free=120000000000B local_free_percent=60% "
        "locations=2 offsite_free=800000000000B offsite_free_percent=80% problems=0",
    )


def test_one_location_says_what_it_has(check, state):
    said = check("storage", state(), "--location", "offsite")
    assert (said.code, said.line) == (
        0,
        "BACKUP STORAGE OK - offsite: 800 GB of 1 TB free (80 %) | "
        "free=800000000000B free_percent=80% locations=1 offsite_free=800000000000B "
        "offsite_free_percent=80% problems=0",
    )


def test_a_location_that_fills_up_leads(check, state):
    said = check("storage", state(free=10 * GB, percent=5, growth=4 * GB))
    assert said.code == 2
    assert said.line.startswith(
        "BACKUP STORAGE CRITICAL - local: full in 2 days as it fills now, 10 GB of 200 GB free. "
        "1 of 2 well | days=2 free=10000000000B free_percent=5% local_days=2 "
    )


def test_every_finding_has_its_line(check, state):
    raids = (Raid("md0", "raid1", ("sdb1",), 1, "idle"),)
    data = (Place("database", "/var/lib/mysql", ("sdb",), ""),)
    left = ("files/site_files_20261117_023000",)
    said = check("storage", state(raids=raids, data=data, leftovers=left), "-v")
    first, *rest = said.text.splitlines()
    assert said.code == 2
    assert first.startswith(
        "BACKUP STORAGE CRITICAL - local: md0 (raid1) has lost members: 1; what is left: sdb1, "
        "and 2 more. 1 of 2 well | "
    )
    assert rest == [
        "[failed] local: md0 (raid1) has lost members: 1; what is left: sdb1",
        "[warning] local: on the same disk (sdb) as the data in /var/lib/mysql",
        "[warning] local: left behind by jobs, unfinished: files/site_files_20261117_023000 "
        "(all of them: 1)",
        "[ok] local: 120 GB of 200 GB free (60 %)",
        "[ok] offsite: 800 GB of 1 TB free (80 %)",
    ]


def test_disks_that_cannot_be_told_are_unknown(check, state):
    data = (Place("database", "/var/lib/mysql", ("sda",), ""),)
    said = check("storage", state(disks=(), unseen="overlay of overlay", data=data))
    assert said.code == 3
    assert said.line.startswith(
        "BACKUP STORAGE UNKNOWN - local: its disks cannot be told (overlay of overlay). 1 of 2 well"
    )


def test_a_location_that_was_not_looked_at_has_no_numbers(check, state):
    said = check("storage", state()._replace(disks={}))
    assert (said.code, said.line) == (
        3,
        "BACKUP STORAGE UNKNOWN - local: what it lies on has not been looked at yet, and 1 more"
        " | locations=2 problems=2",
    )


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("-w", "70"), 1, "WARNING - local: only 120 GB of 200 GB free (60 %). 1 of 2 well"),
        (("-w", "90", "-c", "70"), 2, "CRITICAL - local: only 120 GB of 200 GB free (60 %), and 1"),
        (("-w", "60", "-c", "30"), 0, "OK - 2 locations with room"),
        (("--location", "nas"), 3, "UNKNOWN - there is no location nas; there are: local, offsite"),
        (("--component", "database"), 3, "UNKNOWN - unrecognized arguments: --component database"),
        (("-w", "0"), 3, "UNKNOWN - 0 is always enough: a limit starts at 1"),
        (("-w", "10", "-c", "20"), 3, "UNKNOWN - -w 10 would never come before -c 20"),
    ],
)
def test_limits_are_free_room_in_hundredths(check, state, argv, code, words):
    said = check("storage", state(), *argv)
    assert said.code == code
    assert said.line.startswith(f"BACKUP STORAGE {words}")


def test_a_dead_auditor_is_never_green(check, state, build):
    said = check("storage", state()._replace(heartbeat_ms=build.now_ms - 2 * build.HOUR))
    assert said.code == 3
    assert said.line.startswith("BACKUP STORAGE UNKNOWN - the auditor last ran 2h ago")


def test_what_restores_left_behind_is_told_without_a_location(check, state):
    said = check("storage", state()._replace(residues=("/tmp/site_restore_test",)))
    assert said.code == 1
    assert said.line.startswith(
        "BACKUP STORAGE WARNING - left behind by restores: /tmp/site_restore_test "
        "(all of them: 1). 2 of 2 well | free=120000000000B "
    )
