"""The rule about what the locations lie on, each fault beside its healthy twin."""

import pytest

from nexoaudit.assess import Limits, assess_site
from nexoaudit.model.disk import Place, Raid
from nexoaudit.model.verdict import Status

GB = 10**9
MIRROR = Raid("md0", "raid1", ("sda1", "sdb1"), 0, "idle")


@pytest.fixture
def judge(build):
    """Judge a site whose local disk is changed, and return what is said of the local location."""

    def run(state=None, limits=None, location="local", **changes):
        base = state or build.state()
        disks = {**base.disks, "local": base.disks["local"]._replace(**changes)}
        found = assess_site(
            base._replace(disks=disks),
            build.now_ms,
            subjects=[location],
            limits=limits or Limits(),
        )
        assert {verdict.subject for verdict in found} == {location}
        assert {verdict.component for verdict in found} == {""}
        return {verdict.reason: verdict for verdict in found}

    return run


def large(build, size=GB, **changes):
    """A site whose dumps are of that size."""
    dumps = [*build.dumps("local"), *build.dumps("offsite")]
    return build.state([copy._replace(size=size) for copy in dumps], **changes)


def statuses(found):
    return {reason: verdict.status for reason, verdict in found.items()}


def test_a_healthy_location_passes_with_its_figures(judge):
    found = judge()
    assert statuses(found) == {"storage.room": Status.PASS}
    facts = found["storage.room"].facts
    assert (facts["free"], facts["size"], facts["percent"]) == (120 * GB, 200 * GB, 60)
    assert "days" not in facts


def test_what_was_never_looked_at_or_cannot_be_is_unverified(build, judge):
    (verdict, other) = assess_site(build.state(disks={}), build.now_ms, ["storage"])
    assert (verdict.status, verdict.reason) == (Status.UNVERIFIED, "storage.never_seen")
    assert other.subject == "offsite"
    found = judge(outcome="failed", detail="/backups: No such file or directory")
    assert statuses(found) == {"storage.not_seen": Status.UNVERIFIED}


# --- room


@pytest.mark.parametrize(
    ("percent", "status"), [(15, "pass"), (14, "warn"), (5, "warn"), (4, "fail"), (0, "fail")]
)
def test_little_room_is_told(build, judge, percent, status):
    state = large(build)
    found = judge(state, percent=percent, free=max(2, 2 * percent - 1) * GB)
    (verdict,) = found.values()
    assert verdict.status.value == status
    assert verdict.reason == ("storage.room" if status == "pass" else "storage.low")


@pytest.mark.parametrize(("percent", "status"), [(14, "pass"), (4, "warn")])
def test_a_few_hundredths_of_a_large_disk_are_plenty(build, judge, percent, status):
    # Ten dumps in ten days: 40 times what comes in a day is free.
    found = judge(large(build), percent=percent, free=40 * GB, size=4000 * GB)
    assert [verdict.status.value for verdict in found.values()] == [status]


def test_where_nothing_is_known_to_come_the_share_decides(build, judge):
    found = judge(build.state([]), percent=4, free=120 * GB)
    assert statuses(found) == {"storage.low": Status.FAIL}


@pytest.mark.parametrize(("free", "fits"), [(3 * GB, True), (3 * GB - 1, False)])
def test_one_more_point_must_fit(build, judge, free, fits):
    dumps = [copy._replace(size=GB) for copy in build.dumps("local")]
    dumps[-2] = dumps[-2]._replace(size=3 * GB)  # the last three tell how large one may be
    found = judge(build.state(dumps), free=free)
    assert ("storage.next_too_big" not in found) is fits
    if not fits:
        verdict = found["storage.next_too_big"]
        assert (verdict.status, verdict.facts["needed"]) == (Status.FAIL, 3 * GB)


@pytest.mark.parametrize(
    ("percent", "status"), [(-1, "pass"), (15, "pass"), (14, "warn"), (4, "fail")]
)
def test_a_file_system_can_run_out_of_inodes_with_room_to_spare(judge, percent, status):
    found = judge(inodes_percent=percent)
    assert ("storage.inodes" in found) is (status != "pass")
    if status != "pass":
        verdict = found["storage.inodes"]
        assert (verdict.status.value, verdict.facts["inodes"]) == (status, percent)


@pytest.mark.parametrize(
    ("growth", "days", "status"),
    [(8 * GB, 15, "pass"), (8 * GB + GB, 13, "warn"), (40 * GB, 3, "warn"), (41 * GB, 2, "fail")],
)
def test_growth_is_carried_on_until_it_is_full(build, judge, growth, days, status):
    # The dumps are pruned already: what grows is something else.
    found = judge(large(build), growth=growth)
    assert found["storage.room"].facts["days"] == days
    assert ("storage.filling" in found) is (status != "pass")
    if status != "pass":
        assert found["storage.filling"].status.value == status


def test_without_growth_there_is_no_forecast(build, judge):
    assert "days" not in judge(large(build), growth=0)["storage.room"].facts
    assert "days" not in judge(large(build), growth=120 * GB // 366)["storage.room"].facts


def young(build, keep_days):
    """A site of eleven days whose retention is not reached yet."""
    state = large(build)
    (component,) = state.policy.components
    (series,) = component.series
    kept = component._replace(series=(series._replace(keep_s=keep_days * 86400),))
    return state._replace(policy=state.policy._replace(components=(kept,)))


def test_a_young_location_fills_only_until_its_first_points_are_pruned(build, judge):
    # A dump of 1 GB a day: 19 more days to come of 30, and there is room for 22 days.
    found = judge(young(build, 30), growth=GB, free=22 * GB)
    assert "days" not in found["storage.room"].facts
    # Room for eight days is not enough for the 19 that are still to come.
    found = judge(young(build, 30), growth=GB, free=8 * GB, percent=20)
    assert found["storage.filling"].facts["days"] == 8
    # Kept for ever, it never ends.
    found = judge(young(build, 0), growth=GB, free=22 * GB)
    assert found["storage.room"].facts["days"] == 22


def test_pruning_of_something_else_is_reckoned_with(build, judge):
    # 1 GB a day comes, but by and large only a tenth of that stays.
    assert judge(young(build, 0), growth=GB // 10, free=22 * GB)["storage.room"].facts["days"] > 200


@pytest.mark.parametrize(
    ("limits", "status"),
    [((61, None), "warn"), ((60, None), "pass"), ((70, 61), "fail"), ((50, 40), "pass")],
)
def test_limits_are_hundredths_of_free_room(judge, limits, status):
    found = judge(limits=Limits(warn_count=limits[0], fail_count=limits[1]))
    assert [verdict.status.value for verdict in found.values()] == [status]


def test_limits_replace_the_share_but_not_what_does_not_fit(build, judge):
    limits = Limits(warn_count=3, fail_count=2)
    assert judge(large(build), limits, percent=4, free=8 * GB)["storage.room"].status == "pass"
    found = judge(large(build), limits, percent=4, free=GB - 1)
    assert statuses(found) == {
        "storage.room": Status.PASS,
        "storage.next_too_big": Status.FAIL,
    }


# --- the file system


@pytest.mark.parametrize(("size", "small"), [(100 * GB, False), (95 * GB, False), (94 * GB, True)])
def test_a_file_system_is_as_large_as_asked_for(build, judge, size, small):
    state = build.state()
    local, offsite = state.policy.locations
    asked = (local._replace(min_bytes=100 * GB), offsite)
    found = judge(state._replace(policy=state.policy._replace(locations=asked)), size=size)
    assert ("storage.small" in found) is small
    if small:
        assert found["storage.small"].status is Status.WARN


def test_a_file_system_that_became_read_only_takes_no_more_points(build, judge):
    assert judge(read_only=True)["storage.read_only"].status is Status.FAIL
    # Where others copy to, the auditor may well be given a view that it cannot write.
    state = build.state()
    seen = state.disks["offsite"]._replace(read_only=True)
    found = judge(state._replace(disks={**state.disks, "offsite": seen}), location="offsite")
    assert statuses(found) == {"storage.room": Status.PASS}


# --- disks of its own


def on(*disks, unseen="", path="/var/lib/mysql"):
    return Place("database", path, disks, unseen)


def test_without_a_word_about_the_data_nothing_is_claimed(judge):
    assert statuses(judge(disks=("sda",), data=())) == {"storage.room": Status.PASS}
    assert statuses(judge(disks=(), unseen="overlay of overlay")) == {"storage.room": Status.PASS}


def test_points_on_another_disk_than_the_data_pass(judge):
    found = judge(disks=("sdb", "sdc"), data=(on("sda"), on("nvme0", path="/srv/uploads")))
    verdict = found["storage.other_disk"]
    assert verdict.status is Status.PASS
    assert (verdict.facts["disks"], verdict.facts["others"]) == ("sdb, sdc", "nvme0, sda")


def test_points_on_the_disk_of_the_data_warn_while_they_are_elsewhere_as_well(judge):
    found = judge(disks=("sda", "sdb"), data=(on("sdb"), on("sdd", path="/srv/uploads")))
    verdict = found["storage.same_disk"]
    assert verdict.status is Status.WARN
    assert (verdict.facts["disks"], verdict.facts["paths"]) == ("sdb", "/var/lib/mysql")
    assert "storage.other_disk" not in found


def test_they_fail_when_the_disk_takes_every_copy_with_it(build, judge):
    state = build.state()
    local, offsite = state.policy.locations
    near = (local, offsite._replace(failure_domain=local.failure_domain))
    found = judge(state._replace(policy=state.policy._replace(locations=near)), data=(on("sdb"),))
    assert found["storage.same_disk"].status is Status.FAIL
    same = {**state.disks, "offsite": state.disks["offsite"]._replace(disks=("sdb",))}
    found = judge(state._replace(disks=same), data=(on("sdb"),))
    assert found["storage.same_disk"].status is Status.FAIL


def test_disks_that_cannot_be_told_are_never_other_disks(judge):
    found = judge(disks=(), unseen="nfs4 of nas:/backups", data=(on("sda"),))
    assert found["storage.disks_unknown"].status is Status.UNVERIFIED
    assert found["storage.disks_unknown"].facts["detail"] == "nfs4 of nas:/backups"
    found = judge(data=(on(unseen="No such file or directory"), on("sda", path="/srv/uploads")))
    assert statuses(found) == {
        "storage.room": Status.PASS,
        "storage.data_unknown": Status.UNVERIFIED,
        "storage.other_disk": Status.PASS,
    }


def test_points_in_memory_are_no_backups(judge):
    found = judge(fstype="tmpfs", disks=(), unseen="tmpfs of tmpfs", data=(on("sda"),))
    assert found["storage.in_memory"].status is Status.FAIL


def test_two_locations_on_one_disk_are_one(build, judge):
    state = build.state()
    same = {**state.disks, "offsite": state.disks["offsite"]._replace(disks=("sda", "sdb"))}
    state = state._replace(disks=same)
    found = judge(state, location="offsite", data=(on("sdz"),))
    assert found["storage.one_disk"].status is Status.FAIL
    assert found["storage.one_disk"].facts["other"] == "local"
    # Its twin lies on a disk of its own; and without data nobody asked to compare.
    assert statuses(judge(location="offsite", data=(on("sdz"),))) == {"storage.room": Status.PASS}
    assert statuses(judge(state, location="offsite")) == {"storage.room": Status.PASS}


# --- software RAID


@pytest.mark.parametrize(
    ("changes", "reason", "status"),
    [
        ({}, "storage.raid_whole", "pass"),
        ({"action": "check"}, "storage.raid_whole", "pass"),
        ({"action": "resync"}, "storage.raid_whole", "pass"),
        ({"degraded": 1, "members": ("sda1",)}, "storage.raid_degraded", "fail"),
        ({"degraded": 1, "action": "recover"}, "storage.raid_rebuilding", "warn"),
        ({"degraded": 1, "level": "raid10"}, "storage.raid_degraded", "fail"),
    ],
)
def test_a_raid_that_lacks_a_member_is_told(judge, changes, reason, status):
    found = judge(raids=(MIRROR._replace(**changes),))
    assert found[reason].status.value == status


def test_a_raid_without_redundancy_has_nothing_to_lose(judge):
    striped = MIRROR._replace(level="raid0", action="")
    assert statuses(judge(raids=(striped,))) == {"storage.room": Status.PASS}


# --- leftovers


def test_what_jobs_left_behind_warns(judge):
    found = judge(leftovers=("files/site_files_20261117_023000", "files/x.tmp"))
    verdict = found["storage.leftover"]
    assert (verdict.status, verdict.facts["count"]) == (Status.WARN, 2)
    assert verdict.facts["first"] == "files/site_files_20261117_023000"


def test_what_restores_left_behind_warns_wherever_it_lies(build):
    left = ("/tmp/site_pre_restore_20261117_101500.sql.gz", "/tmp/site_restore_test")
    verdict = assess_site(build.state(residues=left), build.now_ms, ["storage"])[-1]
    assert (verdict.status, verdict.reason, verdict.subject) == (
        Status.WARN,
        "storage.residue",
        "",
    )
    assert (verdict.facts["count"], verdict.facts["first"]) == (2, left[0])
