"""Exact drills of a site: the live server is asked, its logs are backed up, then it is compared."""

import gzip
import shutil
from datetime import timedelta

import pytest
from logged import BINLOGS, SITE, live

from nexoaudit.assess import assess_components
from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.auditor.drills import drill
from nexoaudit.auditor.targets import Choice, targets
from nexoaudit.cli.main import main
from nexoaudit.model.verdict import Status
from nexoaudit.sandbox.query import ask

pytestmark = pytest.mark.mariadb

LIVE = """
[component.database.live]
socket = "{socket}"
user = "{user}"
databases = ["shop"]
exact = "5m"
[auditor]
drill = "0 {hour} * * *"
"""
MOMENT = Choice(("point-in-time",))
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def production():
    with live() as server:
        server.run("CREATE USER auditor@localhost", "GRANT SELECT ON shop.* TO auditor@localhost")
        server.run("CREATE USER blind@localhost", "GRANT TRIGGER ON *.* TO blind@localhost")
        yield server


class Logged:
    """A site whose server is alive: it is dumped once, and its logs are copied when asked."""

    def __init__(self, site, server, user="auditor"):
        self.site, self.server = site, server
        for path in (*site.root.glob("local/*"), *site.root.glob("offsite/*")):
            path.unlink()
        for statement in ("DROP DATABASE shop", *SITE, "FLUSH BINARY LOGS"):
            server.run(statement)
        begin = server.moment.replace(minute=0, second=0)
        self.begin = server.moment = begin + 2 * HOUR
        path = site.root / f"local/db_{self.begin:%Y%m%d_%H%M%S}.sql.gz"
        text = server.dump("--master-data=2", "shop").decode().partition("-- Dump completed")[0]
        text += f"-- Dump completed on {self.begin + timedelta(seconds=4):%Y-%m-%d %H:%M:%S}\n"
        path.write_bytes(gzip.compress(text.encode()))
        site.date(path, self.begin + timedelta(seconds=5))
        site.sidecar(path)
        (site.root / "local/binlog").mkdir()
        socket = server.running.socket
        more = LIVE.format(socket=socket, user=user, hour=(self.begin + HOUR).hour)
        with site.config.open("a") as file:
            file.write(BINLOGS + more)
        server.traffic(3)
        self.at(timedelta(minutes=20))

    def at(self, after):
        self.site.now = self.begin + after

    def copy(self):
        """Close the log and copy all but the one that is open, as of now."""
        self.server.flush()
        closed = sorted(self.server.running.data.glob("mysql-bin.0*"))[:-1]
        for path in closed:
            copied = self.site.root / "local/binlog" / path.name
            shutil.copy(path, copied)
            self.site.date(copied, self.site.now - timedelta(minutes=15))

    def drill(self, **options):
        """Audit and drill to a moment; return the result and the state after it."""
        self.site.audit()
        with self.site.session() as session:
            (target,) = targets(session.recall(), MOMENT)
            return drill(session, target, **options), session.recall()

    def drills(self):
        with self.site.session() as session:
            return session.recall().drills

    def run_due(self):
        return main(
            ["run", "--due", "--config", str(self.site.config)], clock=lambda: self.site.now
        )


@pytest.fixture
def logged(site, production):
    return Logged(site, production)


def test_the_proof_has_two_halves(logged):
    logged.copy()
    logged.server.traffic(1)
    found, state = logged.drill(exact=True)
    assert (found.outcome, found.reason) == ("unverified", "drill.exact_pending")
    assert "2 tables with 59 rows" in found.detail
    assert "run it again when the next one was copied" in found.detail
    assert state.drills == ()
    logged.server.traffic(2)
    again, _ = logged.drill(exact=True)
    assert again.detail == found.detail
    logged.at(HOUR)
    logged.copy()
    found, state = logged.drill(exact=True)
    assert (found.outcome, found.problems, found.detail) == ("pass", (), "")
    assert dict(found.measures)["exact_rows"] == 59
    assert found in state.drills
    now_ms = round(logged.site.now.timestamp() * 1000)
    (verdict,) = assess_components(state, now_ms, components=["binlog"], controls=["restore"])
    assert (verdict.status, verdict.reason) == (Status.PASS, "restore.exact")
    assert verdict.facts["exact"] == 2
    found, _ = logged.drill()
    assert (found.outcome, "exact_tables" in dict(found.measures)) == ("pass", False)


def test_the_command_says_what_to_do_next(logged, capsys):
    logged.copy()
    logged.server.traffic(1)
    logged.site.audit()
    words = ["drill", "point-in-time", "--exact", "--config", str(logged.site.config)]
    assert main(words, clock=lambda: logged.site.now) == 3
    said = " ".join(capsys.readouterr().out.split())
    assert "the live server was asked; the logs do not reach that moment yet" in said
    assert "run it again when the next one was copied and audited" in said
    assert "1970" not in said
    logged.copy()
    logged.at(HOUR)
    logged.site.audit()
    assert main(words, clock=lambda: logged.site.now) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "tables equal to the live server's 2" in said


def test_a_drill_without_a_wish_takes_the_snapshot_that_waits(logged):
    ask(logged.server._session, "SET sql_log_bin = 0")
    ask(logged.server._session, "UPDATE shop.hits SET n = 99 WHERE id = 1")
    ask(logged.server._session, "SET sql_log_bin = 1")
    found, _ = logged.drill(exact=True)
    assert found.reason == "drill.exact_pending"
    logged.copy()
    logged.at(HOUR)
    found, state = logged.drill()
    assert (found.outcome, found.reason) == ("fail", "drill.exact_differs")
    assert "shop.hits has 5 rows live, other content" in found.detail
    now_ms = round(logged.site.now.timestamp() * 1000)
    (verdict,) = assess_components(state, now_ms, components=["binlog"], controls=["restore"])
    assert (verdict.status, verdict.reason) == (Status.FAIL, "restore.failed")


def test_a_snapshot_that_no_log_reaches_is_given_up(logged):
    first, _ = logged.drill(exact=True)
    logged.at(30 * HOUR)
    second, _ = logged.drill(exact=True)
    assert first.reason == second.reason == "drill.exact_pending"
    assert first.detail != second.detail


def test_where_the_server_cannot_be_asked_the_reason_is_told(site, production):
    logged = Logged(site, production, user="blind")
    logged.copy()
    found, state = logged.drill(exact=True)
    assert (found.outcome, found.reason) == ("unverified", "drill.exact_unseen")
    assert found.detail.endswith("; it needs SELECT on the database: docs/live.md")
    assert state.drills == ()
    found, _ = logged.drill()
    assert (found.outcome, found.reason) == ("pass", "drill.exact_unseen")
    assert "denied" in found.detail


def test_without_a_login_the_reason_is_told(logged):
    text = logged.site.config.read_text()
    logged.site.config.write_text(text[: text.index("[component.database.live]")])
    found, _ = logged.drill(exact=True)
    assert (found.outcome, found.reason) == ("unverified", "drill.exact_unseen")
    assert found.detail == "there is no [component.database.live] to ask the server through"


def test_by_the_clock_the_server_is_asked_first_and_the_logs_are_awaited(logged):
    logged.copy()
    with logged.site.session() as session:
        audit(session, Unwatched())
    logged.at(HOUR + timedelta(minutes=1))
    logged.server.traffic(2)
    assert logged.run_due() == 0
    drilled = [drill.kind for drill in logged.drills()]
    assert drilled == ["database"]
    logged.at(HOUR + timedelta(minutes=6))
    logged.server.traffic(2)
    assert logged.run_due() == 0
    assert [drill.kind for drill in logged.drills()] == ["database"]
    logged.at(2 * HOUR)
    logged.copy()
    logged.at(2 * HOUR + timedelta(minutes=20))
    assert logged.run_due() == 0
    found = {drill.kind: drill for drill in logged.drills()}["point-in-time"]
    assert (found.outcome, found.problems) == ("pass", ())
    assert dict(found.measures)["exact_rows"] == 50 + 3 + 2 + 5


def test_by_the_clock_logs_that_do_not_come_are_not_awaited_for_ever(logged):
    logged.copy()
    with logged.site.session() as session:
        audit(session, Unwatched())
    logged.at(HOUR + timedelta(minutes=1))
    logged.server.traffic(2)
    logged.run_due()
    logged.at(4 * HOUR)
    logged.run_due()
    found = {drill.kind: drill for drill in logged.drills()}["point-in-time"]
    assert (found.outcome, found.reason) == ("fail", "drill.logs_late")


@pytest.mark.parametrize("words", [["database", "--exact"], ["--exact"]])
def test_it_is_a_drill_to_a_moment_alone(site, capsys, words):
    assert main(["drill", *words, "--config", str(site.config)], clock=lambda: site.now) == 2
    assert "--exact is for `nexoaudit drill point-in-time`" in capsys.readouterr().err
