"""Faults of logs, archives, copies and jobs, and all twins, shown to every layer."""

import sys
from pathlib import Path

import pytest
from detection import (
    CHANGED,
    CHECKS,
    FAIL,
    LATE,
    ROTTEN,
    UNKNOWN,
    WARN,
    Row,
    assert_found,
    assert_green,
    table,
    twin_table,
)
from rich.console import Console

from nexoaudit.cli.demo import finish
from nexoaudit.cli.main import main
from nexoaudit.cli.tour import Tour, tour
from nexoaudit_demo.cloudfaults import PLANTERS
from nexoaudit_demo.faults import FAULTS
from nexoaudit_demo.site import Plan
from nexoaudit_demo.twins import TWINS

pytestmark = pytest.mark.mariadb

LOST = Row(retention=FAIL, schedule=WARN, binlog=FAIL, moment="fail")
"""A log after the newest dump is missing, or what it holds."""
EXPECTED = {
    "B1": LOST,
    "B2": LOST._replace(checksum=FAIL, problem="binlog.truncated"),
    "B2a": LOST,
    "B3": LOST._replace(checksum=FAIL, problem="binlog.checksum"),
    "B4": Row(binlog=FAIL, moment="fail"),
    "B4a": LOST._replace(copies=WARN),
    "B5": LOST._replace(offsite=FAIL),
    "B5a": Row(age=FAIL, retention=FAIL, schedule=FAIL, moment="fail"),
    "B5b": Row(offsite=FAIL, retention=FAIL),
    "B6": Row(content=WARN, binlog=UNKNOWN, moment="unverified"),
    "B8": Row(binlog=FAIL, moment="fail"),
    "F1": ROTTEN._replace(problem="stream.truncated", drill="pass", files="fail"),
    "F1a": ROTTEN._replace(problem="stream.corrupt", drill="pass", files="fail"),
    "F1b": LATE._replace(problem="tar.truncated", drill="pass", files="fail"),
    "F1c": CHANGED,
    "F2": CHANGED._replace(files="fail"),
    "F2a": CHANGED._replace(files="fail"),
    "F2b": CHANGED._replace(config="fail"),
    "F3": Row(content=WARN, noted="drill.forbidden_path"),
    "F3a": Row(content=WARN, noted="drill.forbidden_path"),
    "F4": CHANGED._replace(files="fail"),
    "F4a": CHANGED._replace(files="fail"),
    "F4b": CHANGED._replace(files="fail"),
    "F5": CHANGED._replace(files="fail"),
    "F5a": CHANGED._replace(files="fail"),
    "F5b": CHANGED._replace(files="fail"),
    "F5c": CHANGED._replace(files="fail"),
    "F6": Row(checksum=FAIL, retention=FAIL, problem="tree.nested"),
    "F7": Row(checksum=FAIL, copies=FAIL, retention=FAIL, problem="tree.altered", tree="fail"),
    "F9": Row(content=WARN),
    "F9a": Row(content=WARN),
    "F10": Row(content=WARN, noted="drill.forbidden_path"),
    "F11": CHANGED._replace(config="fail"),
    "F12": Row(content=WARN, noted="drill.layout"),
    "F13": Row(storage=WARN),
    "F14a": Row(storage=WARN),
    "O1": Row(copies=FAIL, offsite=FAIL, retention=FAIL),
    "O2": Row(checksum=FAIL, copies=WARN, retention=FAIL, problem="stream.truncated"),
    "O2a": Row(checksum=FAIL, copies=WARN, retention=FAIL, problem="stream.corrupt"),
    "R1": Row(retention=FAIL, schedule=WARN),
    "R1a": Row(age=FAIL, retention=FAIL, schedule=FAIL),
    "R1b": Row(retention=FAIL),
    "R1c": Row(
        checksum=UNKNOWN,
        copies=UNKNOWN,
        retention=UNKNOWN,
        schedule=UNKNOWN,
        binlog=UNKNOWN,
        drill="unverified",
        files="unverified",
        config="unverified",
        tree="unverified",
    ),
    "R2": Row(retention=FAIL),
    "R2a": Row(retention=WARN),
    "R2b": Row(retention=WARN),
    "R3": Row(checksum=FAIL, retention=FAIL, problem="stream.empty"),
    "R3a": Row(checksum=FAIL, retention=FAIL, problem="stream.corrupt"),
    "R3b": Row(checksum=FAIL, retention=FAIL, problem="stream.empty"),
    "O11": Row(schedule=WARN),
    "R6": Row(schedule=WARN),
    "R6a": Row(schedule=WARN),
    "R6b": Row(schedule=WARN),
    "R6c": Row(schedule=WARN),
    "R6d": Row(schedule=WARN),
    "R4": Row(schedule=WARN),
    "R4a": Row(schedule=WARN),
    "R5": Row(
        age=FAIL,
        checksum=FAIL,
        offsite=FAIL,
        retention=FAIL,
        problem="stream.nothing",
        drill="fail",
    ),
    "R7": Row(schedule=FAIL),
    "R7a": Row(schedule=WARN),
    "R7b": Row(schedule=FAIL),
    "R7c": Row(schedule=FAIL),
    "R7d": Row(schedule=FAIL),
    "R7e": Row(schedule=WARN),
    "A2": Row(binlog=FAIL, moment="fail"),
    "A7": Row(system="fail"),
    "A3": Row(*[UNKNOWN] * 10, FAIL),
}


@pytest.mark.parametrize("fault", EXPECTED)
def test_the_fault_is_found_and_reported(fault, see):
    assert_found(fault, EXPECTED[fault], see(fault))


def test_every_fault_that_can_be_planted_is_in_the_matrix():
    others = {name for name in FAULTS if name.startswith("D")} | PLANTERS.keys()
    assert EXPECTED.keys() == FAULTS.keys() - others


@pytest.mark.timeout(1800)  # alone it has everything to look at itself
def test_the_published_matrix_is_what_was_seen(published, see):
    published("Binary logs, archives, copies, jobs", table(EXPECTED, see))


@pytest.mark.parametrize("twin", ["", *TWINS])
def test_the_healthy_twin_is_green_at_every_layer(twin, see):
    assert_green(see(twin))


def test_twins_are_of_faults_that_there_are():
    assert {fault for twin in TWINS.values() for fault in twin.of.split()} <= {*FAULTS, "D16"}


@pytest.mark.timeout(1800)  # alone it has everything to look at itself
def test_the_published_twins_are_what_was_seen(published, see):
    published("Twins", twin_table(see))


def test_the_demonstration_ends_with_restores_reports_and_a_way_around(site, monkeypatch):
    plan = Plan(site.root, site.now)
    bin_directory = Path(sys.executable).parent
    monkeypatch.setattr(sys, "argv", [str(bin_directory / "nexoaudit")])
    console = Console(record=True, width=300)
    report = finish(plan, console)
    assert report.read_bytes().startswith(b"%PDF-")
    assert report.name == "nexosupport-2026-11.pdf"  # the site is younger than a month
    tour(console, Tour(site.root, site.config, report))
    said = console.export_text()
    assert "ok  database drill of database" in said
    assert "ok  files drill of uploads" in said
    assert str(report) in said
    # The checks run by the machine's clock here, years away from the site's: never green.
    assert said.count("[3] BACKUP") + said.count("[2] BACKUP") == len(CHECKS)


def test_a_fault_is_planted_by_the_command(site, capfd):
    (site.root / ".nexoaudit-demo").touch()
    assert main(["demo", "--break", "D2", str(site.root)], clock=lambda: site.now) == 0
    said = capfd.readouterr().out
    assert said.startswith("D2: nexosupport_db_20261123_020000.sql.gz now ends half-way")
    assert f"audit --config {site.config}" in said
    assert main(["demo", str(site.root)], clock=lambda: site.now) == 2
    assert "holds a demonstration already: give --fresh" in capfd.readouterr().err
