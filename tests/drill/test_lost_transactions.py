"""A log that lacks a transaction and fits together without it, and logs with numbers left out."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from logged import Live, live, logs_in, position_of, start_of

from nexoaudit.drill.point_in_time import Wish, drill_point_in_time
from nexoaudit.drill.terms import Terms
from nexoaudit.model.drill import Drill
from nexoaudit.model.location import Location
from nexoaudit_demo.logfaults import without_one

pytestmark = pytest.mark.mariadb


@pytest.fixture
def site() -> Iterator[Live]:
    with live() as running:
        yield running


def drilled(site: Live, folder: Path, dump: bytes, *, lost: bool) -> Drill:
    logs = site.copy_logs(folder)
    if lost:
        path = max(logs.iterdir())
        path.write_bytes(without_one(path.read_bytes()))
    (folder / "d.sql").write_bytes(dump)
    return drill_point_in_time(
        start_of(folder / "d.sql", position_of(dump)),
        Location("disk", str(folder)),
        logs_in(folder),
        Terms(),
        component="binlog",
        wish=Wish(pick=lambda count: count - 1),
        now=site.moment + timedelta(hours=1),
    )


def test_a_transaction_that_was_taken_out_of_a_log_fails(site: Live, short: Path) -> None:
    dump = site.dump("--master-data=2", "shop")
    site.traffic()
    assert drilled(site, short / "whole", dump, lost=False).outcome == "pass"
    drill = drilled(site, short / "lost", dump, lost=True)
    assert (drill.outcome, drill.reason) == ("fail", "drill.transaction_missing")
    assert drill.detail.startswith("mysql-bin.000001 lacks 0-7-")


def test_numbers_of_other_servers_and_domains_may_have_gaps(site: Live, short: Path) -> None:
    dump = site.dump("--master-data=2", "shop")
    site.traffic(2)
    site.run("SET gtid_domain_id = 4")
    site.traffic(2)
    site.run("SET gtid_domain_id = 0")
    site.run("SET server_id = 9", "SET gtid_seq_no = 500")  # as a replica logs it
    site.traffic(1)
    site.run("SET server_id = 7")
    site.traffic(2)
    assert drilled(site, short / "logs", dump, lost=False).problems == ()
