"""The detection matrix: each fault through every layer, each with its healthy twin.

docs/detection.md is what was seen, as text: `pytest tests/detection --write-docs` writes it anew.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.console import Console

from nexoaudit.assess import STANDING
from nexoaudit.cli.demo import finish
from nexoaudit.cli.main import main
from nexoaudit.cli.tour import Tour, tour
from nexoaudit_demo import guide, twins
from nexoaudit_demo.faults import FAULTS
from nexoaudit_demo.site import Plan
from nexoaudit_demo.twins import TWINS

pytestmark = pytest.mark.mariadb

OK, WARN, FAIL, UNKNOWN = 0, 1, 2, 3
WORDS = ("ok", "warning", "critical", "unknown")
STATUS = {WARN: "warn", FAIL: "fail", UNKNOWN: "unverified"}


class Row(NamedTuple):
    """What each check must answer, what the verification pass records, what the drills say."""

    age: int = OK
    checksum: int = OK
    copies: int = OK
    retention: int = OK
    schedule: int = OK
    content: int = OK
    binlog: int = OK
    auditor: int = OK
    problem: str = ""
    """A problem recorded of a damaged copy."""
    drill: str = "pass"
    """Outcome of a test restore of the newest dump."""
    files: str = "pass"
    """Outcome of a test restore of the newest archive of files."""


ROTTEN = Row(checksum=FAIL, copies=FAIL, drill="fail")
"""The local copy rotted; its off-site twin is sound."""
LATE = Row(age=WARN, checksum=FAIL, drill="fail")
"""The newest dump was never a good one; the one before it is."""
CHANGED = Row(content=FAIL)
"""What was made is whole, and not what it should be."""

EXPECTED = {
    "D1": LATE._replace(problem="stream.nothing"),
    "D2": LATE._replace(problem="dump.no_trailer"),
    "D2a": LATE._replace(problem="dump.no_trailer"),
    "D3": ROTTEN._replace(problem="stream.truncated"),
    "D3a": ROTTEN._replace(problem="sidecar.mismatch"),
    "D3b": ROTTEN._replace(problem="stream.trailing_garbage", drill="pass"),
    "D3c": Row(checksum=FAIL, copies=WARN, retention=FAIL, problem="stream.truncated"),
    "D4": LATE._replace(problem="dump.broken_member", drill="pass"),
    "D4a": LATE._replace(problem="dump.two_headers"),
    "D5": ROTTEN._replace(problem="stream.corrupt"),
    "D5a": ROTTEN._replace(problem="sidecar.mismatch", drill="pass"),
    "D6": ROTTEN._replace(problem="sidecar.mismatch"),
    "D6a": Row(checksum=WARN, problem="sidecar.missing"),
    "D6b": ROTTEN._replace(problem="sidecar.mismatch", drill="pass"),
    "D7": CHANGED,
    "D7a": LATE._replace(problem="dump.no_tables"),
    "D7b": CHANGED._replace(drill="fail"),
    "D8": CHANGED,
    "D8a": CHANGED,
    "D8b": CHANGED,
    "D8c": CHANGED._replace(drill="fail"),
    "D8d": CHANGED,
    "D9": CHANGED,
    "D9a": CHANGED,
    "D10": Row(),
    "D10a": Row(drill="fail"),
    "D10b": Row(binlog=FAIL, drill="fail"),
    "D11": CHANGED,
    "D12": Row(age=FAIL, checksum=FAIL, retention=FAIL, problem="time.content_before_name"),
    "D13": LATE._replace(problem="time.content_before_name", drill="pass"),
    "D13a": Row(age=FAIL, retention=FAIL, schedule=FAIL),
    "D13b": Row(age=WARN, checksum=FAIL, schedule=WARN, problem="time.future"),
    "D14": Row(),
    "D14a": LATE._replace(problem="dump.rubbish"),
    "D14b": Row(drill="fail"),
    "D14c": Row(drill="fail"),
    "D15": Row(),
    "D18": Row(content=WARN),
    "B1": Row(retention=FAIL, schedule=WARN, binlog=FAIL),
    "B2": Row(checksum=FAIL, retention=FAIL, binlog=FAIL, problem="binlog.truncated"),
    "B2a": Row(retention=FAIL, binlog=FAIL),
    "B3": Row(checksum=FAIL, copies=WARN, retention=FAIL, binlog=FAIL, problem="binlog.checksum"),
    "B4": Row(binlog=FAIL),
    "B4a": Row(copies=WARN, retention=FAIL, schedule=WARN, binlog=FAIL),
    "B5": Row(retention=FAIL, schedule=WARN, binlog=FAIL),
    "B5a": Row(age=FAIL, retention=FAIL, schedule=FAIL),
    "B5b": Row(retention=FAIL),
    "B6": Row(content=WARN, binlog=UNKNOWN),
    "B8": Row(binlog=FAIL),
    "F1": ROTTEN._replace(problem="stream.truncated", drill="pass", files="fail"),
    "F1a": ROTTEN._replace(problem="stream.corrupt", drill="pass", files="fail"),
    "F1b": LATE._replace(problem="tar.truncated", drill="pass", files="fail"),
    "F1c": Row(),
    "F2": CHANGED._replace(files="fail"),
    "F2a": CHANGED._replace(files="fail"),
    "F2b": Row(),
    "F3": Row(content=WARN),
    "F3a": Row(content=WARN),
    "F4": CHANGED,
    "F4a": CHANGED._replace(files="fail"),
    "F4b": CHANGED,
    "F5": CHANGED._replace(files="fail"),
    "F5a": CHANGED._replace(files="fail"),
    "F5b": CHANGED._replace(files="fail"),
    "F5c": CHANGED._replace(files="fail"),
    "F9": Row(content=WARN),
    "F9a": Row(content=WARN),
    "F10": Row(content=WARN),
    "F11": CHANGED,
    "F12": Row(content=WARN),
    "O1": Row(copies=FAIL, retention=FAIL),
    "O2": Row(checksum=FAIL, copies=WARN, retention=FAIL, problem="stream.truncated"),
    "O2a": Row(checksum=FAIL, copies=WARN, retention=FAIL, problem="stream.corrupt"),
    "R1": Row(retention=FAIL, schedule=WARN),
    "R1a": Row(age=FAIL, retention=FAIL, schedule=FAIL),
    "R1b": Row(retention=FAIL),
    "R1c": Row(OK, *[UNKNOWN] * 4, OK, UNKNOWN, drill="unverified", files="unverified"),
    "R2": Row(retention=FAIL),
    "R2a": Row(retention=WARN),
    "R2b": Row(retention=WARN),
    "R3": Row(checksum=FAIL, retention=FAIL, problem="stream.empty"),
    "R3a": Row(checksum=FAIL, retention=FAIL, problem="stream.corrupt"),
    "R3b": Row(checksum=FAIL, retention=FAIL, problem="stream.empty"),
    "R4": Row(schedule=WARN),
    "R4a": Row(schedule=WARN),
    "R5": Row(age=FAIL, checksum=FAIL, retention=FAIL, problem="stream.nothing", drill="fail"),
    "R7": Row(schedule=FAIL),
    "R7a": Row(schedule=WARN),
    "R7b": Row(schedule=FAIL),
    "R7c": Row(schedule=FAIL),
    "R7d": Row(schedule=FAIL),
    "R7e": Row(schedule=WARN),
    "A3": Row(*[UNKNOWN] * 7, FAIL),
}
POLLED_WITH = {"jobs": "schedule"}
"""Controls that a check of another name polls."""
CHECKS = Row._fields[: Row._fields.index("problem")]

MISSED = {
    "D10": "no layer knows which accounts exist where the dump would be restored",
    "D14": "noted by the drill, which undoes it; no verdict comes of it",
    "D15": "the engines of tables are not looked at",
    "F1c": "the digests of members are not compared with those of the day before",
    "F2b": "the configuration made by `nexoaudit init` does not ask for certificates and keys",
}
"""Faults that no layer finds yet, and why."""

ELSEWHERE = (
    "a gap in the binary logs older than the newest dump: it breaks no recovery; retention tells",
    "a retention job by `find -mtime +30`: 31 dumps are kept, not 30",
    "the off-site lag of each morning: the newest dump is not off-site before 04:30 + grace",
    "the night when clocks go back: one dump at 02:00, not two",
)
"""Healthy look-alikes that other tests hold green: of a whole site, or of another day."""


@pytest.fixture
def see(watcher, capfd):
    """Return a function that shows a site with a fault, a twin, or neither, to all layers."""

    def look(name=""):
        if name in FAULTS:
            return watcher.see(name, capfd, lambda site: site.plant(name))
        if name:
            return watcher.see(name, capfd, lambda site: twins.make(site.root, name, now=site.now))
        return watcher.see("", capfd)

    return look


@pytest.mark.parametrize("fault", EXPECTED)
def test_the_fault_is_found(fault, see):
    expected, seen = EXPECTED[fault], see(fault)
    assert codes(seen) == {name: getattr(expected, name) for name in CHECKS}
    for answer in seen.answers.values():
        assert WORDS[answer.code].upper() in answer.line
    recorded = {problem for problems in seen.problems.values() for problem in problems}
    assert expected.problem in recorded | {""}
    assert (expected == Row()) == (fault in MISSED)
    assert {kind: said.split()[0] for kind, said in seen.drills.items()} == {
        "database": expected.drill,
        "files": expected.files,
    }


@pytest.mark.parametrize("fault", EXPECTED)
def test_the_report_names_what_the_checks_say(fault, see):
    seen = see(fault)
    alarms = {(name, STATUS[code]) for name, code in codes(seen).items() if code}
    if fault == "A3":  # the report is of two days later, when what is missing is known
        assert {name for name, _ in alarms} <= {name for name, _ in seen.exceptions}
        return
    outcomes = {said.split()[0] for said in seen.drills.values()} - {"pass"}
    failed = {("restore", outcome) for outcome in outcomes}
    named = {(POLLED_WITH.get(name, name), status) for name, status in seen.exceptions}
    assert alarms | failed == worst_of(named)


@pytest.mark.parametrize("twin", ["", *TWINS])
def test_the_healthy_twin_is_green_at_every_layer(twin, see):
    seen = see(twin)
    assert codes(seen) == dict.fromkeys(CHECKS, OK)
    assert {said.split()[0] for said in seen.drills.values()} == {"pass"}
    assert seen.exceptions == frozenset()


def test_every_fault_that_can_be_planted_is_in_the_matrix():
    assert EXPECTED.keys() == FAULTS.keys()
    assert {fault for twin in TWINS.values() for fault in twin.of.split()} <= {*FAULTS, "D16"}


@pytest.mark.timeout(1800)  # alone it has everything to look at itself
def test_the_published_matrix_is_what_was_seen(document, request, see):
    text = render(see)
    if request.config.getoption("--write-docs"):
        document.write_text(text)
    assert document.read_text() == text


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


def codes(seen):
    return {name: answer.code for name, answer in seen.answers.items()}


def worst_of(exceptions):
    """Return each control that is polled with the loudest of its statuses, as its check says."""
    order = ("warn", "unverified", "fail")
    asked = [item for item in exceptions if item[0] not in STANDING]
    return set(dict(sorted(asked, key=lambda item: order.index(item[1]))).items())


COLUMNS = (
    "id",
    "fault",
    "poll checks",
    "verification pass",
    "drill",
    "report",
    "twin",
    "guide: verify",
    "guide: monitor",
    "guide: test restore",
)
MISS = "not seen here"


def render(see):
    lines = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    lines.append(line("", "the healthy site", see(), twin=""))
    for fault in EXPECTED:
        twin = ", ".join(name for name, item in TWINS.items() if fault in item.of.split())
        lines.append(line(fault, FAULTS[fault], see(fault), twin=twin or "healthy site"))
    lines += ["", "## Not found by any layer", ""]
    lines += [f"* {fault}, {FAULTS[fault]}: {why}" for fault, why in MISSED.items()]
    lines += ["", "## Twins", ""]
    lines += ["All checks answer `ok (0)`, both restores pass, the report has no exception.", ""]
    lines += ["| twin | what it is | guide: verify | guide: monitor | guide: test restore |"]
    lines += ["|---|---|---|---|---|"]
    for name, item in TWINS.items():
        lines.append(f"| {name} | {item.text} | {' | '.join(guide_cells(see(name)))} |")
    lines += ["", "Other tests hold these green:", "", *(f"* {text}" for text in ELSEWHERE)]
    head = Path(__file__).with_name("head.md").read_text()
    return head + "\n" + "\n".join(lines) + "\n"


def line(fault, text, seen, *, twin):
    found = fault and MISS
    checks = [f"{n} {WORDS[c]} ({c})" for n, c in codes(seen).items() if c]
    problems = sorted({f"`{code}`" for codes in seen.problems.values() for code in codes})
    failed = [
        f"{kind}: {said}" for kind, said in seen.drills.items() if not said.startswith("pass")
    ]
    report = [f"{control} {status}" for control, status in sorted(worst_of(seen.exceptions))]
    cells = [", ".join(cell) or found for cell in (checks, problems, failed, report)]
    return f"| {' | '.join([fault, text, *cells, twin, *guide_cells(seen)])} |"


def guide_cells(seen):
    """Return the claims of the guide's three scripts, as they ended."""
    for script in (guide.VERIFY, guide.MONITOR, guide.RESTORE):
        said = seen.guide[script]
        words = ["complains"] if said.complaints else []
        if said.mailed:
            words.append("mails")
        words += [word for word in ("passed", "successfully") if said.claim.endswith(word)]
        if script == guide.RESTORE:
            words += seen.harm
        yield f"{', '.join(words) or 'silent'} ({said.code})"
