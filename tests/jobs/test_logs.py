"""Logs as they lie on disk, through the ledger's form, to the verdicts."""

import gzip
import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.assess import assess_components, assess_site
from nexoaudit.evidence import newest
from nexoaudit.evidence.runlogs import log_drafts, recall_runlogs
from nexoaudit.ledger import Ledger
from nexoaudit.live.logs import TAIL, observe_logs
from nexoaudit.model.policy import Jobs
from nexoaudit.model.runlog import Said
from nexoaudit.model.verdict import Status
from nexoaudit.wording.catalogue import catalogue
from nexoaudit.wording.sentence import sentence

LOG = "/var/log/backup.log"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def dated(text, days=0, hour=2, second=7):
    moment = NOW.replace(hour=hour) - timedelta(days=days)
    return f"[{moment:%Y-%m-%d %H:%M}:{second:02}] {text}\n"


def success(days=0, **at):
    moment = NOW.replace(hour=2) - timedelta(days=days)
    return dated(f"Database backup successful: db_{moment:%Y%m%d_%H%M%S}.sql.gz", days, **at)


def start(days=0, **at):
    return dated("Starting database backup...", days, **at)


def week():
    return [start(day, second=1) + success(day) for day in range(9, -1, -1)]


@pytest.fixture
def logs(tmp_path):
    class Logs:
        root = tmp_path
        jobs = Jobs(logs=(LOG,), root=str(tmp_path))

        def put(self, name, data, age_days=0):
            path = tmp_path / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
            moment = (NOW - timedelta(days=age_days)).timestamp()
            os.utime(path, (moment, moment))
            return path

        def look(self):
            (log,) = observe_logs(self.jobs, UTC, NOW)
            return log

    return Logs()


@pytest.fixture
def judged(logs, build, tmp_path):
    """Return a function that reads the log, records it, and judges what was recorded."""

    def judge(**changes):
        base = build.state(**changes)
        policy = base.policy._replace(jobs=logs.jobs)
        ledger = Ledger(tmp_path / "ledger.sqlite", version="0")
        ledger.append(log_drafts(logs.look(), UTC), ts_ms=build.now_ms)
        held = recall_runlogs(newest(ledger, ledger.size).live, policy)
        ledger.close()
        assert held[LOG].said == logs.look().said
        state = base._replace(policy=policy, runlogs=held)
        found = assess_components(state, build.now_ms, controls=["logs"])
        found += assess_site(state, build.now_ms, ["logs"])
        words = catalogue("en")
        assert all("?" not in sentence(verdict, words) for verdict in found)
        return {verdict.reason: verdict.status for verdict in found}

    return judge


def test_a_log_that_agrees_with_the_disk(logs, judged):
    logs.put(LOG, "".join(week()))
    assert judged() == {"logs.agree": Status.PASS}


def test_the_guides_undated_lines_are_dated_by_the_names_in_them(logs, judged):
    lines = [line[22:] for line in "".join(week()).splitlines(keepends=True) if "succ" in line]
    logs.put(LOG, "".join(lines))
    assert judged() == {"logs.agree": Status.PASS}


def test_a_rotated_and_compressed_log_says_the_same(logs, judged):
    days = week()
    logs.put(LOG + ".2.gz", gzip.compress("".join(days[:4]).encode()), 5)
    logs.put(LOG + "-20261118", "".join(days[4:8]), 2)
    logs.put(LOG, "".join(days[8:]))
    logs.put(LOG + ".old.txt", success(3) * 3, 3)
    assert judged() == {"logs.agree": Status.PASS}
    assert len(logs.look().said) == 2 * 9


def test_a_success_without_its_file(logs, judged, build):
    logs.put(LOG, "".join(week()))
    held = [*build.dumps("local"), *build.dumps("offsite")]
    lost = build.dump(2).path
    assert judged(copies=[copy for copy in held if copy.path != lost]) == {
        "logs.no_file": Status.WARN
    }
    # At one location is enough: other controls ask for the others.
    assert judged(copies=[c for c in held if (c.path, c.location) != (lost, "local")]) == {
        "logs.agree": Status.PASS
    }


def test_a_file_without_its_line(logs, judged):
    days = week()
    logs.put(LOG, "".join([*days[:-3], *days[-2:]]))
    assert judged() == {"logs.no_line": Status.WARN}


def test_a_dump_by_hand_needs_no_line(logs, judged, build):
    logs.put(LOG, "".join(week()))
    by_hand = build.dump(1)
    by_hand = by_hand._replace(
        time_ms=by_hand.time_ms + 8 * build.HOUR, path="db_20261119_100000.sql.gz"
    )
    copies = [*build.dumps("local"), *build.dumps("offsite"), by_hand]
    assert judged(copies=copies) == {"logs.agree": Status.PASS}


def test_what_was_made_before_the_log_begins_needs_no_line(logs, judged):
    logs.put(LOG, "".join(week()[-2:]))
    assert judged() == {"logs.agree": Status.PASS}


def test_a_run_that_never_ended(logs, judged):
    days = week()
    logs.put(LOG, "".join([*days[:-1], start(1, hour=13), success(0)]))
    assert judged() == {"logs.no_end": Status.WARN}
    logs.put(LOG, "".join([*days[:-1], start(0, hour=1), days[-1]]))
    assert judged() == {"logs.no_end": Status.WARN}


def test_a_run_at_work_is_no_fault(logs, judged):
    logs.put(LOG, "".join([*week(), start(0, hour=11)]))
    assert judged() == {"logs.agree": Status.PASS}


def test_a_failure_is_told_of_until_a_success_follows(logs, judged):
    days = week()
    failed = dated("Database backup FAILED", 1, hour=13)
    logs.put(LOG, "".join([*days[:-1], failed, days[-1]]))
    assert judged() == {"logs.agree": Status.PASS}
    logs.put(LOG, "".join([*days, dated("Database backup FAILED", 0, hour=10)]))
    assert judged() == {"logs.failed": Status.WARN}


def test_success_after_a_complaint(logs, judged):
    days = week()
    complaint = "mysqldump: Got error: 1045: Access denied for user 'x' (password=hunter2)\n"
    logs.put(LOG, "".join([*days[:-1], start(0, second=1), complaint, success(0)]))
    assert judged() == {"logs.success_after_complaint": Status.WARN}
    warned = complaint.replace("Got error: 1045: Access denied", "[Warning] Using a password")
    logs.put(LOG, "".join([*days[:-1], start(0, second=1), warned, success(0)]))
    assert judged() == {"logs.agree": Status.PASS}


def test_completed_after_failed(logs, judged):
    master = [
        dated("Starting NexoSupport master backup", 0, hour=4),
        dated("Starting off-site transfer...", 0, hour=4),
        dated("Off-site transfer FAILED", 0, hour=5),
        dated("Master backup completed successfully", 0, hour=5),
    ]
    logs.put(LOG, "".join([*week(), *master]))
    assert judged() == {
        "logs.agree": Status.PASS,
        "logs.failed": Status.WARN,
        "logs.completed_after_failure": Status.WARN,
    }
    master[2] = master[2].replace("FAILED", "completed successfully")
    logs.put(LOG, "".join([*week(), *master]))
    assert judged() == {"logs.agree": Status.PASS}


def test_a_log_that_is_not_there_is_unverified(logs, judged):
    assert judged() == {"logs.missing": Status.UNVERIFIED}


@pytest.mark.unprivileged
def test_a_log_that_may_not_be_read_is_unverified(logs, judged):
    logs.put(LOG, "".join(week())).chmod(0)
    assert judged() == {"logs.unreadable": Status.UNVERIFIED}


def test_nothing_new_is_recorded_by_looking_again(logs, tmp_path):
    logs.put(LOG, "".join(week()))
    first = list(log_drafts(logs.look(), UTC))
    logs.put(LOG, "".join([*week(), "Binary log backup completed at 20261120_110000\n"]))
    assert list(log_drafts(logs.look(), UTC)) == first
    logs.put(LOG, "".join([*week(), start(0, hour=11)]))
    again = list(log_drafts(logs.look(), UTC))
    assert [draft.subject for draft in again if draft not in first] == [f"logday:2026-11-20:{LOG}"]


def test_only_the_end_of_a_huge_log_is_read(logs):
    path = logs.put(LOG, "".join(week()))
    with path.open("r+b") as file:
        file.truncate(1 << 30)
        file.seek(0, os.SEEK_END)
        file.write(("\n" + start(1) + success(1) + start(0) + success(0)).encode())
    log = logs.look()
    assert path.stat().st_size > TAIL
    assert [said.kind for said in log.said] == ["start", "success"] * 2
    assert log.from_ms == log.said[0].at_ms


def test_hostile_logs(logs, judged):
    folder = logs.put(LOG, "".join(week())).parent
    os.mkfifo(folder / "backup.log.3")
    (folder / "backup.log.4").symlink_to("backup.log.4")
    (folder / "backup.log.5").mkdir()
    logs.put(LOG + ".6.gz", b"\x1f\x8b\x08 not gzip", 3)
    logs.put(LOG + ".7.gz", gzip.compress(b"x" * (80 << 20)), 3)
    logs.put(LOG + ".8", bytes(range(256)) * 1000 + b"\n" + b"y" * 300_000, 3)
    assert judged() == {"logs.agree": Status.PASS}


@given(st.binary(max_size=400))
def test_any_bytes_are_read(tmp_path_factory, data):
    root = tmp_path_factory.mktemp("bytes")
    (root / "x.log").write_bytes(data)
    (log,) = observe_logs(Jobs(logs=("/x.log",), root=str(root)), UTC, NOW)
    assert log.outcome == "read"
    assert all(isinstance(said, Said) for said in log.said)
