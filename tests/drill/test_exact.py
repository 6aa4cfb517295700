"""What came back against what a live server held at one place of its logs, by checksums."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asked import CHANGES, LOGIN, MORE, Asked, Writer
from logged import SITE, Alone, Live, live, logs_in, position_of

from nexoaudit.drill.exact import place
from nexoaudit.drill.logs import bring, logs_from
from nexoaudit.drill.record import Record
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Expect
from nexoaudit.model.snapshot import Snapshot
from nexoaudit.sandbox.query import ask

pytestmark = pytest.mark.mariadb


@pytest.fixture(scope="module")
def server() -> Iterator[Live]:
    with live() as running:
        for statement in LOGIN:
            running.run(statement)
        yield running


@pytest.fixture
def site(server: Live, tmp_path: Path, short: Path) -> Asked:
    for statement in ("DROP DATABASE shop", *SITE, *MORE, "FLUSH BINARY LOGS"):
        server.run(statement)
    return Asked(server, tmp_path, short)


@pytest.mark.everybody
def test_under_concurrent_writes_every_table_is_equal_to_the_byte(site: Asked) -> None:
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
    assert measured["exact_tables"] == 7
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
def test_what_the_logs_do_not_hold_is_told_by_table(site: Asked, change: str) -> None:
    site.server.traffic(4)
    site.run("SET sql_log_bin = 0", change, "SET sql_log_bin = 1")
    found = site.snapshot()
    site.server.traffic(1)
    drill = site.drill(found)
    assert (drill.outcome, drill.reason) == ("fail", "drill.exact_differs")
    assert OFF_THE_LOG[change] in drill.detail
    assert dict(drill.measures)["exact_tables"] == 0


@pytest.mark.everybody
def test_the_end_of_the_logs_is_a_place_as_well(site: Asked) -> None:
    site.server.traffic(2)
    found = site.snapshot()
    drill = site.drill(found)
    assert (drill.outcome, drill.problems, drill.detail) == ("pass", (), "")
    assert dict(drill.measures)["exact_tables"] == 6
    assert "first_after" not in dict(drill.measures)


def test_where_nothing_happened_in_between_nothing_is_replayed(site: Asked) -> None:
    found = site.snapshot()
    site.server.traffic(2)
    drill = site.drill(found)
    assert (drill.outcome, drill.reason) == ("unverified", "drill.nothing_since")


def test_logs_that_were_begun_anew_since_the_server_was_asked(site: Asked) -> None:
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


def test_logs_in_which_the_server_was_not_asked(site: Asked, tmp_path: Path) -> None:
    site.server.traffic(2)
    found = site.snapshot()
    site.server.traffic(2)
    folder = site.server.copy_logs(tmp_path / "copied")
    start = position_of(site.dumped)
    logs = logs_from(logs_in(folder), start)
    chain = bring(Location("disk", str(folder)), logs, start, tmp_path / "logs", Alone(Record()))
    there = place(Record(), chain, found)
    assert there is not None
    assert chain.until(there.stop)[1] == found.offset
    for changed in (
        found._replace(log="mysql-bin.000999"),
        found._replace(gtid="0-9-1"),
        found._replace(offset=found.offset + 1),
        found._replace(offset=found.offset + 1_000_000),
    ):
        record = Record()
        assert place(record, chain, changed) is None
        assert record.problems == ("drill.exact_other_logs",)


def test_checksums_of_another_version_tell_nothing(site: Asked) -> None:
    site.server.traffic(2)
    drill = site.drill(site.snapshot()._replace(version="11.4.2-MariaDB-log"))
    assert (drill.outcome, drill.problems) == ("pass", ("drill.exact_version",))
    assert [step.outcome for step in drill.steps if step.name == "exact"] == ["unverified"]
    assert "exact_tables" not in dict(drill.measures)


def test_what_there_was_no_time_for_is_left_out(site: Asked) -> None:
    site.server.traffic(2)
    found = site.snapshot(within_s=0.5)
    assert found.sums == ()
    drill = site.drill(found)
    assert (drill.outcome, drill.problems) == ("pass", ("drill.exact_nothing",))
    assert "(no time was left)" in drill.detail


def test_tables_that_dumps_leave_out_on_purpose(site: Asked) -> None:
    site.dumped = site.server.dump("--master-data=2", "--ignore-table=shop.parents", "shop")
    site.server.traffic(2)
    found = site.snapshot()
    drill = site.drill(found)
    assert (drill.outcome, drill.reason) == ("fail", "drill.exact_differs")
    drill = site.drill(found, expect=Expect(absent=("parents",)))
    assert (drill.outcome, drill.problems) == ("pass", ())
    assert dict(drill.measures)["exact_tables"] == 5


def test_tables_that_change_while_they_are_read_are_left_out(site: Asked) -> None:
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
    assert dict(drill.measures)["exact_tables"] == 6
