import pytest

from nexoaudit.assess import assess_components
from nexoaudit.model.drill import Drill
from nexoaudit.model.verdict import Status


def judged(build, *drills):
    (verdict,) = assess_components(build.state(drills=drills), build.now_ms, controls=["restore"])
    return verdict


def drill(build, **changes):
    base = Drill("database", "database", build.now_ms - 10 * build.DAY, 60_000, "pass")
    return base._replace(**changes)


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({}, Status.PASS, "restore.proven"),
        ({"outcome": "fail"}, Status.FAIL, "restore.failed"),
        ({"outcome": "unverified"}, Status.UNVERIFIED, "restore.not_run"),
        ({"outcome": "nonsense"}, Status.UNVERIFIED, "restore.not_run"),
        ({"duration_ms": 5 * 3_600_000}, Status.FAIL, "restore.too_slow"),
        ({"kind": "files"}, Status.UNVERIFIED, "restore.never"),
    ],
)
def test_the_newest_drill_decides(build, changes, status, reason):
    verdict = judged(build, drill(build, **changes))
    assert (verdict.status, verdict.reason) == (status, reason)


def test_an_old_success_goes_yellow_then_red(build):
    for days, status in ((34, Status.PASS), (36, Status.WARN), (71, Status.FAIL)):
        old = drill(build, started_ms=build.now_ms - days * build.DAY)
        assert judged(build, old).status is status


def test_never_restored_is_not_green(build):
    assert judged(build).status is Status.UNVERIFIED
