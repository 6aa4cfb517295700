"""Faults of database dumps, shown to every layer: the first part of docs/detection.md."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from detection import CHANGED, FAIL, LATE, ROTTEN, WARN, Row, assert_found, table

from nexoaudit.verification.inside import About
from nexoaudit.verification.verify import verify
from nexoaudit_demo import dump, guide
from nexoaudit_demo.faults import FAULTS
from nexoaudit_demo.growth import Growth
from nexoaudit_demo.live import live
from nexoaudit_demo.places import Places

pytestmark = pytest.mark.mariadb

LOST = CHANGED._replace(drill="fail")
"""Seen in the dump, and against the last good test restore."""
EXPECTED = {
    "D1": LATE._replace(problem="stream.nothing"),
    "D2": LATE._replace(problem="dump.no_trailer"),
    "D2a": LATE._replace(problem="dump.no_trailer"),
    "D3": ROTTEN._replace(problem="stream.truncated"),
    "D3a": ROTTEN._replace(problem="sidecar.mismatch"),
    "D3b": ROTTEN._replace(
        problem="stream.trailing_garbage", drill="pass", noted="drill.trailing_garbage"
    ),
    "D3c": Row(checksum=FAIL, copies=WARN, retention=FAIL, problem="stream.truncated"),
    "D4": LATE._replace(problem="dump.broken_member"),
    "D4a": LATE._replace(problem="dump.two_headers"),
    "D5": ROTTEN._replace(problem="stream.corrupt"),
    "D5a": ROTTEN._replace(problem="sidecar.mismatch", drill="pass"),
    "D6": ROTTEN._replace(problem="sidecar.mismatch"),
    "D6a": Row(checksum=WARN, problem="sidecar.missing"),
    "D6b": ROTTEN._replace(problem="sidecar.mismatch", drill="pass"),
    "D7": LOST,
    "D7a": LATE._replace(problem="dump.no_tables"),
    "D7b": LOST,
    "D8": LOST,
    "D8a": LOST,
    "D8b": LOST,
    "D8c": LOST,
    "D8d": LOST,
    "D9": LOST,
    "D9a": LOST,
    "D10": Row(noted="drill.definers_new"),
    "D10a": Row(drill="unverified"),
    "D10b": Row(binlog=FAIL, drill="unverified"),
    "D11": LOST,
    "D12": LATE._replace(age=FAIL, retention=FAIL, problem="time.content_before_name"),
    "D13": LATE._replace(problem="time.content_before_name"),
    "D13a": Row(age=FAIL, retention=FAIL, schedule=FAIL),
    "D13b": LATE._replace(schedule=WARN, problem="time.future"),
    "D14": Row(content=WARN, noted="drill.names_schema"),
    "D14a": LATE._replace(problem="dump.rubbish"),
    "D14b": Row(drill="fail"),
    "D14c": Row(drill="fail"),
    "D15": Row(content=WARN, noted="drill.schema_changed"),
    "D17": Row(system="fail"),
    "D18": Row(content=WARN, drill="fail"),
}


@pytest.mark.parametrize("fault", EXPECTED)
def test_the_fault_is_found_and_reported(fault, see):
    assert_found(fault, EXPECTED[fault], see(fault))


def test_every_fault_that_can_be_planted_is_in_the_matrix():
    assert EXPECTED.keys() == {name for name in FAULTS if name.startswith("D")}


@pytest.mark.timeout(1800)  # alone it has everything to look at itself
def test_the_published_matrix_is_what_was_seen(published, see):
    published("Database dumps", table(EXPECTED, see))


NOW = datetime(2026, 11, 23, 2, 0, tzinfo=ZoneInfo("Europe/Madrid"))


def test_the_published_words_of_the_guides_job_are_its_own(published, tmp_path):
    growth = Growth(rows=1000, opening=1760860800, first=1760864400, before=0.5, by_hour=())
    lines = [
        "| what happens | the job says | it wrote to the log | what it made |",
        "|---|---|---|---|",
    ]
    lines.append(job_line("nobody listens", tmp_path / "down", None))
    with live(growth, dump.PASSWORD, as_guide=True) as database:
        lines.append(job_line("the guide's own GRANT", tmp_path / "up", database.socket))
    published("The guide's own dump job, run for real", "\n".join(lines) + "\n")


def job_line(what, root, socket):
    """Run the job and return what it said of its dump, and what we say of it."""
    root.mkdir()
    places = Places(root)
    said = guide.run(places, guide.DUMP, now=NOW, socket=socket)
    (made,) = (places.backups / "database").glob("*.sql.gz")
    found = verify(
        made,
        About("database", round(NOW.timestamp() * 1000), "name", NOW.tzinfo, NOW),
        sidecar=made.with_name(f"{made.name}.sha256"),
        expects_sidecar=True,
    )
    complaints = ", ".join(said.complaints)
    problems = ", ".join(f"`{code}`" for code in found.problems)
    return f"| {what} | {said.claim} ({said.code}) | an error of {complaints} | {problems} |"
