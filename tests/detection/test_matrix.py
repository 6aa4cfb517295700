"""The detection matrix: each fault through every layer, each with its healthy twin.

docs/detection.md is this table as text; write it anew with `pytest tests/detection --write-docs`.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.console import Console

from nexoaudit.cli.demo import finish
from nexoaudit.cli.main import main
from nexoaudit.cli.tour import Tour, tour
from nexoaudit_demo.faults import FAULTS
from nexoaudit_demo.site import Plan

pytestmark = pytest.mark.mariadb

OK, WARN, FAIL, UNKNOWN = 0, 1, 2, 3
CHECKS = ("age", "checksum", "copies", "retention", "schedule", "content", "binlog", "auditor")
WORDS = ("ok", "warning", "critical", "unknown")


class Row(NamedTuple):
    """What each check must answer, what the verification pass records, what the drill says."""

    age: int = OK
    checksum: int = OK
    copies: int = OK
    retention: int = OK
    schedule: int = OK
    content: int = OK
    binlog: int = OK
    auditor: int = OK
    problem: str = ""
    """A problem recorded of the newest damaged copy."""
    drill: str = "pass"
    """Outcome of a test restore of the newest dump."""


ROTTEN = Row(checksum=FAIL, copies=FAIL, drill="fail")
"""The local copy rotted; its off-site twin is sound."""

EXPECTED = {
    "D1": Row(age=WARN, checksum=FAIL, problem="stream.nothing", drill="fail"),
    "D2": Row(age=WARN, checksum=FAIL, problem="dump.no_trailer", drill="fail"),
    "D3": ROTTEN._replace(problem="stream.truncated"),
    "D3a": ROTTEN._replace(problem="sidecar.mismatch"),
    "D3b": ROTTEN._replace(problem="stream.trailing_garbage", drill="pass"),
    "D5": ROTTEN._replace(problem="stream.corrupt"),
    "D5a": ROTTEN._replace(problem="sidecar.mismatch", drill="pass"),
    "D6": ROTTEN._replace(problem="sidecar.mismatch"),
    "D6a": Row(checksum=WARN, problem="sidecar.missing"),
    "D6b": ROTTEN._replace(problem="sidecar.mismatch", drill="pass"),
    "D12": Row(
        age=FAIL, checksum=FAIL, retention=FAIL, problem="time.content_before_name", drill="pass"
    ),
    "D13": Row(age=WARN, checksum=FAIL, problem="time.content_before_name"),
    "B1": Row(retention=FAIL, schedule=WARN, binlog=FAIL),
    "B2": Row(checksum=FAIL, retention=FAIL, binlog=FAIL, problem="binlog.truncated"),
    "B3": Row(checksum=FAIL, copies=WARN, retention=FAIL, binlog=FAIL, problem="binlog.checksum"),
    "B6": Row(content=WARN, binlog=UNKNOWN),
    "O1": Row(copies=FAIL, retention=FAIL),
    "R1": Row(retention=FAIL, schedule=WARN),
    "R3": Row(checksum=FAIL, retention=FAIL, problem="stream.empty"),
    "R7": Row(schedule=FAIL),
    "R7a": Row(schedule=WARN),
    "R7b": Row(schedule=FAIL),
    "R7c": Row(schedule=FAIL),
    "R7d": Row(schedule=FAIL),
    "R7e": Row(schedule=WARN),
    "A3": Row(**{**dict.fromkeys(CHECKS, UNKNOWN), "auditor": FAIL}),
}

TWINS = {
    "a gap in the binary logs older than the newest dump": "it breaks no recovery; retention tells",
    "a binary log copied while it was being written": "its last event may be cut",
    "a dump that is being written": "a large fresh file without its checksum yet",
    "an absolute path in the checksum file": "a right digest beside the file passes",
    "a retention job by `find -mtime +30`": "31 dumps are kept, not 30",
    "the off-site lag of each morning": "the newest dump is not off-site before 04:30 + grace",
    "a second, disabled cron table": "a name with a dot beside the right one is passed over",
    "the night when clocks go back": "one dump at 02:00, not two",
}


@pytest.mark.parametrize("fault", EXPECTED)
def test_the_fault_is_found(fault, site, capfd):
    expected = EXPECTED[fault]
    site.plant(fault)
    if fault != "A3":  # nobody audits when the auditor is dead
        state = site.audit()
        found = {
            problem
            for (component, _, _), copies in state.copies.items()
            if component in {"database", "binlog"}
            for copy in copies
            for problem in copy.problems
        }
        assert expected.problem in found | {""}
    answers = site.poll(capfd)
    codes = {name: answer.code for name, answer in answers.items()}
    assert codes == {name: getattr(expected, name) for name in codes}
    for answer in answers.values():
        assert WORDS[answer.code].upper() in answer.line
    assert site.drill().outcome == expected.drill


def test_the_healthy_site_is_green(site, capfd):
    site.audit()
    answers = site.poll(capfd)
    assert {name: answer.code for name, answer in answers.items()} == dict.fromkeys(answers, OK)
    assert site.drill().outcome == "pass"
    assert site.drill("files").outcome == "pass"


def test_a_dump_being_written_stays_green(site, capfd):
    newest = max((site.root / "var/backups/nexosupport/database").glob("*.sql.gz"))
    fresh = newest.with_name("nexosupport_db_20261123_082500.sql.gz")
    fresh.write_bytes(newest.read_bytes()[:1000])
    moment = site.now.timestamp()
    os.utime(fresh, (moment, moment))
    site.audit()
    assert {answer.code for answer in site.poll(capfd).values()} == {OK}


def test_every_fault_that_can_be_planted_is_in_the_matrix():
    assert set(EXPECTED) == set(FAULTS)


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


def render():
    lines = [
        "# Detection matrix",
        "",
        "Each fault is planted in a demonstration site with real backups; the site is audited, the",
        "checks are polled and the newest dump is restored. The suite fails when an answer differs",
        "from this table. Ids are those of `nexoaudit demo --break ID`.",
        "",
        "| id | fault | " + " | ".join(CHECKS) + " | verification | drill |",
        "|---" * (len(CHECKS) + 4) + "|",
    ]
    for fault, row in EXPECTED.items():
        codes = tuple(getattr(row, name) for name in CHECKS)
        cells = [f"{WORDS[code]} ({code})" if code else "ok" for code in codes]
        problem = f"`{row.problem}`" if row.problem else ""
        lines.append(
            f"| {fault} | {FAULTS[fault]} | " + " | ".join([*cells, problem, row.drill]) + " |"
        )
    lines += ["", "Healthy look-alikes that stay green:", ""]
    lines += [f"* {twin}: {why}" for twin, why in TWINS.items()]
    return "\n".join(lines) + "\n"


def test_the_published_matrix_is_this_one(document, request):
    if request.config.getoption("--write-docs"):
        document.write_text(render())
    assert document.read_text() == render()
