"""Scenarios with binary logs: what a disaster leaves of them is replayed, up to its end."""

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from recovering import FAILURE, Backups, book, write_config
from whole_site import php

from nexoaudit.auditor.leading import NO_POSITION
from nexoaudit.model.moments import millis

pytestmark = pytest.mark.mariadb


def logs_of(site, place="offsite"):
    return sorted((site.root / place / "binlog").iterdir())


def reach_ms(backups):
    """When the logs were last written to: nothing that happened later can be in them."""
    return millis(backups.made)


@pytest.fixture
def site(alone, backups):
    """The site with binary logs, the copies at both places."""
    alone.config.write_text(alone.config.read_text() + FAILURE)
    backups.put(alone)
    return alone


def played(site, name):
    site.audit()
    drill = site.play(name)
    return drill, [step.name for step in drill.steps]


def outcome(drill):
    return drill.outcome, drill.reason, drill.detail


def lost(site, drill):
    """Return up to when the database came back, by what the drill says was lost."""
    return millis(site.now) - drill.measure("loses.database")


def test_damaged_data_is_replayed_to_the_last_moment_before_something(site, backups):
    drill, steps = played(site, "data-corruption")
    assert outcome(drill) == ("pass", "", "")
    restored = ["logs:database", "restore:database", "replay:database", "compare:database"]
    assert [name for name in steps if name in restored] == restored
    assert drill.measure("extrapolated_ms") == 0
    assert drill.measure("measured_ms") == sum(step.duration_ms for step in drill.steps)
    assert abs(lost(site, drill) - reach_ms(backups)) < 5_000
    assert dict(drill.measures)["locations"] == "local"


def test_a_lost_server_is_replayed_to_the_end_of_what_is_left(site, backups):
    for path in logs_of(site, "local"):
        path.unlink()
    drill, steps = played(site, "server-failure")
    assert outcome(drill) == ("pass", "", "")
    assert "replay:database" in steps
    assert abs(lost(site, drill) - reach_ms(backups)) < 5_000
    assert dict(drill.measures)["locations"] == "offsite"


def test_logs_are_fetched_from_where_they_reach_furthest(hit, backups):
    site = hit
    site.config.write_text(site.config.read_text() + FAILURE)
    backups.put(site)
    site.with_vault()
    logs_of(site)[-1].unlink()
    drill, steps = played(site, "server-failure")
    assert outcome(drill) == ("pass", "", "")
    assert dict(drill.measures)["locations"] == "offsite, vault"
    assert "logs:database" in steps
    assert abs(lost(site, drill) - reach_ms(backups)) < 5_000


@pytest.mark.parametrize(
    ("harm", "reason"),
    [("gap", "drill.log_missing"), ("start", "drill.log_missing"), ("byte", "drill.log_broken")],
)
def test_logs_that_lose_something_fail_it(site, backups, harm, reason):
    logs = logs_of(site)
    if harm == "byte":
        data = bytearray(logs[-1].read_bytes())
        data[len(data) // 2] ^= 1
        logs[-1].write_bytes(data)
    else:
        logs[1 if harm == "gap" else 0].unlink()
    drill, _ = played(site, "server-failure")
    assert (drill.outcome, drill.reason) == ("fail", reason)
    assert drill.detail.startswith("database: ")


def test_a_dump_without_a_position_comes_back_alone_and_that_is_said(alone, backups):
    alone.config.write_text(alone.config.read_text() + FAILURE)
    plain = backups.dumps["plain"]
    without = b"".join(
        line for line in plain.splitlines(keepends=True) if b"CHANGE MASTER" not in line
    )
    Backups({"plain": without}, backups.logs, backups.made).put(alone)
    drill, steps = played(alone, "server-failure")
    assert (drill.outcome, drill.reason) == ("pass", "drill.not_replayed")
    assert drill.detail == NO_POSITION
    assert "replay:database" not in steps
    assert 0 < reach_ms(backups) - lost(alone, drill) <= 60_000 + 1000  # as of the dump


def test_where_no_logs_are_left_the_dump_comes_back_alone_and_that_is_said(site, backups):
    for path in logs_of(site):
        path.unlink()
    drill, steps = played(site, "server-failure")
    assert (drill.outcome, drill.reason) == ("pass", "drill.not_replayed")
    assert drill.detail.startswith("no binary log from mysql-bin.000001 on is left")
    assert "replay:database" not in steps
    assert outcome(site.play("data-corruption")) == ("pass", "", "")


def test_logs_with_nothing_after_the_dump_are_no_fault(alone, backups):
    """The job ran right after the dump: there is nothing to replay, and that is known."""
    alone.config.write_text(alone.config.read_text() + FAILURE)
    first = dict(list(backups.logs.items())[:1])
    position = int(backups.dumps["plain"].split(b"MASTER_LOG_POS=")[1].split(b";")[0])
    idle = {name: data[:position] for name, data in first.items()}
    backups._replace(logs={name: in_use(data) for name, data in idle.items()}).put(alone)
    drill, _ = played(alone, "server-failure")
    assert outcome(drill) == ("pass", "", "")


def in_use(log):
    """Return a log as it is copied while it is written to: its first event says so."""
    flags = 4 + 17
    return log[:flags] + bytes([log[flags] | 1]) + log[flags + 1 :]


def test_half_a_transaction_at_the_end_is_left_out(alone, backups):
    """The log was copied while a transaction was being written."""
    alone.config.write_text(alone.config.read_text() + FAILURE)
    *_, (name, data) = backups.logs.items()
    cut = data.rindex(b"Last")  # in the rows of the newest one
    logs = backups.logs | {name: in_use(data[: cut + 20])}
    backups._replace(logs=logs).put(alone)
    drill, _ = played(alone, "server-failure")
    assert outcome(drill) == ("pass", "", "")


def test_a_site_without_binary_logs_is_asked_for_none(alone):
    alone.audit()
    assert outcome(alone.play("data-corruption")) == ("pass", "", "")


HEALTH = """<?php
$db = new PDO(
    'mysql:unix_socket=' . getenv('NEXOAUDIT_SOCKET') . ';dbname=' . getenv('NEXOAUDIT_DATABASE'),
    getenv('NEXOAUDIT_USER')
);
$db->query("SELECT 1 FROM users WHERE name = 'Last'")->fetchColumn() or exit(3);
echo $db->query('SELECT name FROM users WHERE id = 1')->fetchColumn();
"""
ASKED = """
[drill]
health = ["{php}", "{script}"]
plant = "UPDATE users SET name = :nonce WHERE id = 1"
"""
SERVER = {"etc/mysql/a.cnf": "[mysqld]\ncharacter-set-server = utf8mb4\n"}
SCRIPT = {"etc/accounts.sql": "CREATE USER app@localhost;\n"}


def test_a_system_serves_what_was_replayed(site, backups):
    folder = Path(tempfile.mkdtemp(prefix="nx"))
    try:
        folder.chmod(0o755)
        script = folder / "health.php"
        script.write_text(HEALTH)
        asked = ASKED.format(php=php(), script=script)
        site.config.write_text(site.config.read_text() + asked)
        write_config(site, **SERVER, **SCRIPT)
        drill, steps = played(site, "server-failure")
    finally:
        shutil.rmtree(folder)
    assert drill.outcome == "pass"
    assert drill.measure("serving") == 1
    assert {"logs", "restore", "replay", "compare", "serve"} <= set(steps)
    assert abs(lost(site, drill) - reach_ms(backups)) < 5_000
    text = book(site, "server-failure")
    assert re.search(r"# \d+ binary logs .*\n(# .*\n)*# .*Expected: ", text)  # as long as it took
    assert "They come from a backup." in text
