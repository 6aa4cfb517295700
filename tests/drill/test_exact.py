"""What came back against what a live server held at one place of its logs, to the byte."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from logged import SITE, Live, live, logs_in, position_of, start_of

from nexoaudit.drill.point_in_time import Wish, drill_point_in_time
from nexoaudit.drill.terms import Terms
from nexoaudit.live.snapshot import observe_snapshot
from nexoaudit.model.drill import Drill
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Expect, Login
from nexoaudit.model.snapshot import Snapshot
from nexoaudit.sandbox.query import ask

pytestmark = pytest.mark.mariadb

NOTHING = Expect()
LOGIN = ("CREATE USER auditor@localhost", "GRANT SELECT ON shop.* TO auditor@localhost")
MORE = (
    "CREATE TABLE shop.old (id INT PRIMARY KEY) ENGINE=MyISAM",
    "CREATE TABLE shop.rates (id INT PRIMARY KEY, rate FLOAT)",
    "CREATE TABLE shop.past (id INT PRIMARY KEY) WITH SYSTEM VERSIONING",
    "CREATE TABLE shop.`odd ``%s` (id INT PRIMARY KEY)",
    "CREATE TABLE shop.parents (id INT PRIMARY KEY, x TEXT)",
    "CREATE TABLE shop.children (id INT PRIMARY KEY AUTO_INCREMENT, parent INT,"
    " twice INT AS (parent * 2), price DOUBLE, seen TIMESTAMP(6), kind ENUM('a', 'ñ'), j JSON,"
    " FOREIGN KEY (parent) REFERENCES shop.parents (id) ON DELETE CASCADE ON UPDATE CASCADE)",
    "CREATE VIEW shop.all_users AS SELECT * FROM shop.users",
    "CREATE SEQUENCE shop.numbers",
    "INSERT INTO shop.old VALUES (1)",
    "INSERT INTO shop.rates VALUES (1, 0.1234567)",
    "INSERT INTO shop.past VALUES (1)",
    "INSERT INTO shop.`odd ``%s` VALUES (1)",
    "INSERT INTO shop.parents SELECT seq, REPEAT('é', seq) FROM seq_1_to_20",
    "INSERT INTO shop.children (parent, price, seen, kind, j) SELECT seq, RAND(), NOW(6), 'ñ',"
    " '{\"a\": [1]}' FROM seq_1_to_20",
)
CHANGES = (
    "DELETE FROM shop.parents WHERE id = 3",
    "UPDATE shop.parents SET id = 100 WHERE id = 4",
    "ALTER TABLE shop.hits ADD extra VARCHAR(20) DEFAULT 'x' AFTER id",
    "UPDATE shop.hits SET extra = 'ñandú' WHERE id = 2",
    "CREATE TABLE shop.made (id INT PRIMARY KEY) AS SELECT id FROM shop.users",
    "CREATE TABLE shop.gone (id INT PRIMARY KEY)",
    "DROP TABLE shop.gone",
    "UPDATE shop.children SET price = price / 3, seen = NOW(6)",
    "INSERT INTO shop.rates VALUES (2, 0.7654321)",
)


class Site:
    """A live server, a dump of it, and drills to the places where it was asked."""

    def __init__(self, server: Live, folder: Path, parent: Path) -> None:
        self.server = server
        self._folder = folder
        self._parent = parent
        self._number = 0
        self.dump()

    def dump(self) -> None:
        self.dumped = self.server.dump("--master-data=2", "shop")

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.server.run(statement)

    def snapshot(self, within_s: float = 60, user: str = "auditor") -> Snapshot:
        login = Login(user, str(self.server.running.socket))
        now = self.server.moment
        return observe_snapshot("database", login, ("shop",), now, within_s=within_s)

    def drill(
        self,
        snapshot: Snapshot,
        expect: Expect = NOTHING,
    ) -> Drill:
        self._number += 1
        folder = self.server.copy_logs(self._folder / f"logs{self._number}")
        dump = self._folder / "d.sql"
        dump.write_bytes(self.dumped)
        found = drill_point_in_time(
            start_of(dump, position_of(self.dumped)),
            Location("disk", str(folder)),
            logs_in(folder),
            Terms(expect, rto_s=3600),
            component="binlog",
            wish=Wish(snapshot=snapshot, pick=lambda count: count - 1),
            now=self.server.moment,
            parent=self._parent,
        )
        assert list(self._parent.iterdir()) == []
        return found


@pytest.fixture(scope="module")
def server() -> Iterator[Live]:
    with live() as running:
        for statement in LOGIN:
            running.run(statement)
        yield running


@pytest.fixture
def site(server: Live, tmp_path: Path, short: Path) -> Site:
    for statement in ("DROP DATABASE shop", *SITE, *MORE, "FLUSH BINARY LOGS"):
        server.run(statement)
    return Site(server, tmp_path, short)


class Writer(threading.Thread):
    """Changes the site as fast as it can, until it is told to stop."""

    def __init__(self, server: Live) -> None:
        super().__init__()
        self._server = server
        self._over = threading.Event()
        self.loops = 0

    def __enter__(self) -> "Writer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        with self._server.running.connect() as session:
            while not self._over.is_set():
                for statement in (
                    "INSERT INTO shop.users (name, timecreated) VALUES ('w', 1)",
                    "UPDATE shop.hits SET n = n + 1",
                    "INSERT INTO shop.`odd ``%%s` SELECT MAX(id) + 1 FROM shop.`odd ``%%s`",
                ):
                    ask(session, statement.replace("%%", "%"))
                self.loops += 1

    def wait(self, more: int) -> None:
        until = self.loops + more
        while self.loops < until:
            assert self.is_alive()


@pytest.mark.everybody
def test_under_concurrent_writes_every_table_is_equal_to_the_byte(site: Site) -> None:
    with Writer(site.server) as writer:
        writer.wait(20)
        site.run(*CHANGES)
        writer.wait(20)
        before = writer.loops
        found = site.snapshot()
        writer.wait(20)
        site.server.flush()
        writer.wait(5)
    drill = site.drill(found)
    assert drill.detail == ""
    assert (drill.outcome, drill.problems) == ("pass", ())
    measured: dict[str, Any] = dict(drill.measures)
    assert measured["exact_tables"] == 6
    assert measured["exact_rows"] == sum(held.rows for held in found.sums)
    assert "shop.old (MyISAM" in measured["exact_left_out"]
    assert "shop.rates" in measured["exact_left_out"]
    assert "shop.past" in measured["exact_left_out"]
    assert measured["snapshot_at"] == found.where
    assert before
    assert [step.name for step in drill.steps][-2:] == ["exact", "count"]


OFF_THE_LOG = {
    "UPDATE shop.hits SET n = n + 7 WHERE id = 3": "shop.hits has 5 rows live, other content",
    "DELETE FROM shop.users WHERE id = 3": "shop.users has 53 rows live, 54 came back",
    "CREATE TABLE shop.secret AS SELECT 1 AS id": "shop.secret has 1 rows live and did not come",
    "DROP TABLE shop.children": "shop.children came back and is not live",
}


@pytest.mark.parametrize("change", OFF_THE_LOG)
def test_what_the_logs_do_not_hold_is_told_by_table(site: Site, change: str) -> None:
    site.server.traffic(4)
    site.run("SET sql_log_bin = 0", change, "SET sql_log_bin = 1")
    found = site.snapshot()
    site.server.traffic(1)
    drill = site.drill(found)
    assert (drill.outcome, drill.reason) == ("fail", "drill.exact_differs")
    assert OFF_THE_LOG[change] in drill.detail
    assert dict(drill.measures)["exact_tables"] == 0


@pytest.mark.everybody
def test_the_end_of_the_logs_is_a_place_as_well(site: Site) -> None:
    site.server.traffic(2)
    found = site.snapshot()
    drill = site.drill(found)
    assert (drill.outcome, drill.problems, drill.detail) == ("pass", (), "")
    assert dict(drill.measures)["exact_tables"] == 5
    assert "first_after" not in dict(drill.measures)


def test_where_nothing_happened_in_between_nothing_is_replayed(site: Site) -> None:
    found = site.snapshot()
    site.server.traffic(2)
    drill = site.drill(found)
    assert (drill.outcome, drill.reason) == ("unverified", "drill.nothing_since")


def test_logs_that_were_begun_anew_since_the_server_was_asked(site: Site) -> None:
    site.server.flush()
    site.server.traffic(2)
    found = site.snapshot()
    site.run("RESET MASTER")
    site.dump()
    site.server.traffic(2)
    drill = site.drill(found)
    assert (drill.outcome, drill.problems) == ("pass", ("drill.exact_other_logs",))
    assert "exact_tables" not in dict(drill.measures)
    assert dict(drill.measures)["transactions"] == 1


def test_logs_in_which_the_server_was_not_asked(site: Site) -> None:
    site.server.traffic(2)
    found = site.snapshot()
    site.server.traffic(2)
    for changed in (
        found._replace(log="mysql-bin.000999"),
        found._replace(gtid="0-9-1"),
        found._replace(offset=found.offset + 1),
        found._replace(offset=found.offset + 1_000_000),
    ):
        drill = site.drill(changed)
        assert (drill.outcome, drill.problems) == ("pass", ("drill.exact_other_logs",))
        assert "exact_tables" not in dict(drill.measures)
    assert site.drill(found).problems == ()


def test_checksums_of_another_version_tell_nothing(site: Site) -> None:
    site.server.traffic(2)
    drill = site.drill(site.snapshot()._replace(version="11.4.2-MariaDB-log"))
    assert (drill.outcome, drill.problems) == ("pass", ("drill.exact_version",))
    assert [step.outcome for step in drill.steps if step.name == "exact"] == ["unverified"]
    assert "exact_tables" not in dict(drill.measures)


def test_what_there_was_no_time_for_is_left_out(site: Site) -> None:
    site.server.traffic(2)
    found = site.snapshot(within_s=0.5)
    assert found.sums == ()
    drill = site.drill(found)
    assert (drill.outcome, drill.problems) == ("pass", ("drill.exact_nothing",))
    assert "(no time was left)" in drill.detail


def test_tables_that_dumps_leave_out_on_purpose(site: Site) -> None:
    site.dumped = site.server.dump("--master-data=2", "--ignore-table=shop.parents", "shop")
    site.server.traffic(2)
    found = site.snapshot()
    drill = site.drill(found)
    assert (drill.outcome, drill.reason) == ("fail", "drill.exact_differs")
    drill = site.drill(found, expect=Expect(absent=("parents",)))
    assert (drill.outcome, drill.problems) == ("pass", ())
    assert dict(drill.measures)["exact_tables"] == 4


def test_tables_that_change_while_they_are_read_are_left_out(site: Site) -> None:
    site.run(
        "CREATE TABLE shop.a_first (id INT PRIMARY KEY)", "CREATE TABLE shop.z (id INT PRIMARY KEY)"
    )
    site.server.traffic(1)
    with site.server.running.connect() as holder, site.server.running.connect() as other:
        ask(holder, "LOCK TABLE shop.a_first WRITE")
        found: list[Snapshot] = []
        asking = threading.Thread(target=lambda: found.append(site.snapshot()))
        asking.start()
        waiting = "SELECT 1 FROM information_schema.processlist WHERE state LIKE '%metadata lock%'"
        while not ask(other, waiting):
            assert asking.is_alive()
        for statement in (
            "ALTER TABLE shop.hits ADD late INT",
            "DROP TABLE shop.z",
            "CREATE TABLE shop.y AS SELECT 1 AS id",
            "INSERT INTO shop.parents VALUES (500, 'after')",
        ):
            ask(other, statement)
        ask(holder, "UNLOCK TABLES")
        asking.join()
    left_out = dict(found[0].left_out)
    assert left_out["shop.hits"] == "changed meanwhile"
    assert "shop.z" in left_out
    assert "shop.y" in left_out
    drill = site.drill(found[0])
    assert (drill.outcome, drill.problems, drill.detail) == ("pass", (), "")
    assert dict(drill.measures)["exact_tables"] == 5
