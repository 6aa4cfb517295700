"""Which dump and which logs a point-in-time drill takes, on a site with real ones."""

import gzip
import shutil
from datetime import timedelta

import pytest
from logged import BINLOGS, live

from nexoaudit.assess import assess_components
from nexoaudit.auditor.drills import drill
from nexoaudit.auditor.targets import Choice, targets
from nexoaudit.model.copy import Assurance
from nexoaudit.model.fact import Moment
from nexoaudit.model.verdict import Status

pytestmark = pytest.mark.mariadb

MOMENT = Choice(("point-in-time",))
HOURS = 8
DUMPS = (1, 5)
"""After so many hours the site was dumped."""


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Eight hours of a live server: two dumps, a log for each hour, and one that is open."""
    folder = tmp_path_factory.mktemp("history")
    with live() as server:
        begin = server.moment
        for hour in range(HOURS):
            if hour in DUMPS:
                (folder / f"{hour}.sql").write_bytes(server.dump("--master-data=2", "shop"))
            server.traffic(2)
            server.moment = begin + timedelta(hours=hour + 1)
            server.run()
            server.flush()
        server.copy_logs(folder / "logs")
    return begin, folder


@pytest.fixture
def logged(site, history):
    """That server's backups at a site; nothing else is there."""
    begin, folder = history
    for path in (*site.root.glob("local/*"), *site.root.glob("offsite/*")):
        path.unlink()
    for hour in DUMPS:
        # The dump is made while the hour begins, and named by that second.
        moment = begin + timedelta(hours=hour)
        path = site.root / f"local/db_{moment:%Y%m%d_%H%M%S}.sql.gz"
        text = (folder / f"{hour}.sql").read_text().partition("-- Dump completed")[0]
        text += f"-- Dump completed on {moment + timedelta(seconds=4):%Y-%m-%d %H:%M:%S}\n"
        path.write_bytes(gzip.compress(text.encode()))
        site.date(path, moment + timedelta(seconds=5))
        site.sidecar(path)
    logs = site.root / "local/binlog"
    shutil.copytree(folder / "logs", logs)
    for number, path in enumerate(sorted(logs.iterdir()), 1):
        site.date(path, begin + timedelta(hours=number, seconds=2))
    max(logs.iterdir()).unlink()
    with site.config.open("a") as file:
        file.write(BINLOGS)
    site.begin = begin
    site.now = begin + timedelta(hours=HOURS, minutes=20)
    return site


def run(site, until=None):
    """Audit the site and drill it to a moment; return the result and the state after it."""
    state = site.audit().state
    with site.session() as session:
        (target,) = targets(state, MOMENT)
        until_ms = 0 if until is None else round(until.timestamp() * 1000)
        return drill(session, target, until_ms=until_ms), session.recall()


def dump_of(site, hour):
    return f"db_{site.begin + timedelta(hours=hour):%Y%m%d_%H%M%S}.sql.gz"


def log(site, number):
    return site.root / f"local/binlog/mysql-bin.{number:06}"


def test_the_newest_dump_is_taken_and_the_result_recorded(logged):
    found, state = run(logged)
    assert (found.outcome, found.problems, found.path) == ("pass", (), dump_of(logged, 5))
    assert (found.component, found.series, found.of) == ("binlog", "full", "database")
    assert found in state.drills
    now_ms = round(logged.now.timestamp() * 1000)
    (verdict,) = assess_components(state, now_ms, components=["binlog"], controls=["restore"])
    assert (verdict.status, verdict.reason) == (Status.PASS, "restore.proven")
    held = state.copies["database", "full", "local"]
    assert [copy.assurance == Assurance.RESTORED for copy in held] == [False, True]


def test_to_an_earlier_moment_an_earlier_dump_is_taken(logged):
    until = logged.begin + timedelta(hours=4)
    found, _ = run(logged, until)
    assert (found.outcome, found.path) == ("pass", dump_of(logged, 1))
    assert dict(found.measures)["until_ms"] == Moment(round(until.timestamp() * 1000))
    assert dict(found.measures)["transactions"] == 6


def test_a_moment_before_every_dump_has_none(logged):
    found, _ = run(logged, logged.begin)
    assert (found.outcome, found.reason) == ("fail", "drill.no_copy")


def test_what_follows_the_newest_dump_need_not_be_there_at_once(logged):
    logged.now = logged.begin + timedelta(hours=5, minutes=20)
    for number in range(6, HOURS + 1):
        log(logged, number).unlink()
    found, _ = run(logged)
    assert (found.outcome, found.path, found.detail) == ("pass", dump_of(logged, 1), "")
    logged.now = logged.begin + timedelta(hours=7, minutes=20)
    found, _ = run(logged)
    assert (found.outcome, found.reason) == ("fail", "drill.log_missing")
    assert found.path == dump_of(logged, 5)


def test_a_dump_that_cannot_be_used_is_passed_over(logged):
    (logged.root / "local" / dump_of(logged, 5)).write_bytes(b"rotten")
    found, _ = run(logged)
    assert (found.outcome, found.path) == ("pass", dump_of(logged, 1))


def test_the_newest_dump_decides_whether_anything_can_be_proven(logged):
    path = logged.root / "local" / dump_of(logged, 5)
    text = gzip.decompress(path.read_bytes()).replace(b"CHANGE MASTER", b"CHANGED")
    path.write_bytes(gzip.compress(text))
    logged.sidecar(path)
    found, _ = run(logged)
    assert (found.outcome, found.reason) == ("unverified", "drill.pitr_unprovable")
    assert found.path == dump_of(logged, 5)


def test_dumps_that_may_still_be_written_are_not_called_lost(logged):
    for hour in (1, 5):
        path = logged.root / "local" / dump_of(logged, hour)
        path.with_name(f"{path.name}.sha256").unlink()
        logged.date(path, logged.now)
    found, _ = run(logged)
    assert (found.outcome, found.reason) == ("unverified", "drill.unfinished")


def test_logs_of_an_earlier_numbering_lie_about(logged):
    shutil.copy2(log(logged, 1), log(logged, 70))
    shutil.copy2(log(logged, 2), log(logged, 71))
    found, _ = run(logged)
    assert (found.outcome, found.problems) == ("pass", ())
    shutil.copy2(log(logged, 8), log(logged, 72))
    found, _ = run(logged)
    assert (found.outcome, found.reason) == ("fail", "drill.log_missing")


def test_where_nothing_is_logged_no_moment_is_asked_for(site):
    assert list(targets(site.audit().state, MOMENT)) == []


@pytest.mark.unprivileged
def test_dumps_that_could_not_be_read_are_not_called_lost(logged):
    for hour in (1, 5):
        (logged.root / "local" / dump_of(logged, hour)).chmod(0)
    found, _ = run(logged)
    assert (found.outcome, found.reason) == ("unverified", "drill.no_access")
