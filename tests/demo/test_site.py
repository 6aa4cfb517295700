"""A mended site is what the guide describes: every name, count, time, digest and byte."""

import gzip
import hashlib
import re
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from demo_site import DAYS, NOW, ROWS, STAMP, ZONE, Audit, moment_of

from nexoaudit.sandbox.server import Server, server

pytestmark = pytest.mark.mariadb


def names(directory: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in directory.glob(pattern))


def text_of(dump: Path) -> str:
    return gzip.decompress(dump.read_bytes()).decode(errors="surrogateescape")


def test_the_caller_sees_each_day_as_it_was(audit: Audit) -> None:
    mornings = [datetime(d.year, d.month, d.day, 5, 15, tzinfo=ZONE) for d in DAYS[:-1]]
    assert audit.moments == [*mornings, NOW]
    assert audit.too_new == []


def test_each_component_has_the_points_its_retention_leaves(backups: Path) -> None:
    def stamps(directory: str, suffix: str) -> list[str]:
        return [STAMP.findall(name)[0] for name in names(backups / directory, f"*{suffix}")]

    def expected(hour: str, days: list[int]) -> list[str]:
        return sorted(f"{NOW.date() - timedelta(days=ago):%Y%m%d}_{hour}" for ago in days)

    assert stamps("database", ".sql.gz") == expected("020000", list(range(9)))
    assert stamps("files", ".tar.gz") == expected("023000", list(range(91)))
    assert stamps("logs", ".tar.gz") == expected("033000", list(range(1, 91, 7)))
    assert stamps("system", ".tar.gz") == expected("050000", [1, 8, 15, 22, 29])
    assert len(stamps("config", ".tar.gz")) == 10
    assert len(names(backups / "logs", "*.tar.gz")) == 13
    assert len(names(backups / "binlog", "mysql-bin.[0-9]*")) == 168


def test_the_names_are_those_of_the_guide(backups: Path) -> None:
    assert names(backups, "*") == [
        *("binlog", "config", "database", "files", "incremental", "logs", "system")
    ]
    at = r"\d{8}_\d{6}"
    for directory, pattern in {
        "database": rf"nexosupport_db_{at}\.sql\.gz(\.sha256)?",
        "binlog": r"mysql-bin\.(\d{6}|index)",
        "files": rf"nexosupport_files_{at}\.tar\.gz(\.sha256)?",
        "config": rf"config_{at}\.tar\.gz(\.sha256)?",
        "logs": rf"nexosupport_logs_{at}\.tar\.gz(\.sha256)?",
        "system": rf"nexosupport_system_{at}\.tar\.gz(\.sha256)?",
        "incremental": "current|previous",
    }.items():
        for name in names(backups / directory, "*"):
            assert re.fullmatch(pattern, name), name


def test_every_archive_is_whole_and_has_a_true_digest_beside_it(backups: Path) -> None:
    archives = sorted(backups.rglob("*.gz"))
    assert subprocess.run(["gzip", "-t", *archives], check=False).returncode == 0
    assert {path.name + ".sha256" for path in archives} == {p.name for p in backups.rglob("*.sha*")}
    for path in archives:
        digest, named = path.with_name(path.name + ".sha256").read_text().rstrip("\n").split("  ")
        assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
        is_absolute = path.parent.name in {"database", "config"}
        assert named == (str(path) if is_absolute else path.name)
        late = path.stat().st_mtime - moment_of(path.name).timestamp()
        assert 0 < late < 60


def test_every_dump_is_complete_and_says_when_and_where(backups: Path) -> None:
    logs = set(names(backups / "binlog", "mysql-bin.[0-9]*"))
    for path in sorted((backups / "database").glob("*.sql.gz")):
        text = text_of(path)
        last = text.rstrip("\n").rpartition("\n")[2]
        ended = re.fullmatch(r"-- Dump completed on (\S+) +(\S+)", last)
        assert ended
        end = datetime.fromisoformat(f"{ended[1]} {ended[2]:0>8}").replace(tzinfo=ZONE)
        assert end - moment_of(path.name) == timedelta(seconds=7)
        position = re.search(r"^-- CHANGE MASTER TO MASTER_LOG_FILE='([^']+)'", text, re.MULTILINE)
        assert position
        assert position[1] in logs or moment_of(path.name).date() <= date(2026, 11, 16)


def test_the_newest_dump_holds_the_whole_schema(backups: Path) -> None:
    text = text_of(max((backups / "database").glob("*.sql.gz")))
    assert len(re.findall("^CREATE TABLE", text, re.MULTILINE)) == 16
    assert len(re.findall("VIEW `", text)) >= 2
    assert len(re.findall(" TRIGGER ", text)) == 2
    assert len(re.findall(" (FUNCTION|PROCEDURE) `", text)) >= 2
    assert "EVENT `purge_old_sessions`" in text
    assert text.count("FOREIGN KEY") == 15
    assert "pingüino" in text
    assert "🎉" in text


def rows_of(running: Server, database: str) -> dict[str, int]:
    with running.connect(database).cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = %s AND table_type = 'BASE TABLE'",
            (database,),
        )
        tables = [str(row[0]) for row in cursor.fetchall()]
        counted = {}
        for table in tables:
            cursor.execute(f"SELECT COUNT(*) FROM `{table}`")
            counted[table] = int(cursor.fetchall()[0][0])
        return counted


def plain(dump: str) -> list[str]:
    return [line for line in dump.split("\n") if line and not line.startswith("--")]


def test_a_dump_and_its_binary_logs_lead_to_the_next_dump(backups: Path) -> None:
    older, newer = sorted((backups / "database").glob("*.sql.gz"))[-2:]
    positions = [
        re.search(r"LOG_FILE='([^']+)', MASTER_LOG_POS=(\d+)", text_of(path))
        for path in (older, newer)
    ]
    assert positions[0]
    assert positions[1]
    logs = [
        path
        for path in sorted((backups / "binlog").glob("mysql-bin.[0-9]*"))
        if positions[0][1] <= path.name < positions[1][1]
    ]
    assert len(logs) == 24
    events = subprocess.run(
        [
            *("mariadb-binlog", "--no-defaults", "--verify-binlog-checksum"),
            *(f"--start-position={positions[0][2]}", *logs),
        ],
        capture_output=True,
        check=True,
    ).stdout
    with server() as running:
        client = ["mariadb", "--no-defaults", f"--socket={running.socket}", "--user=root"]
        script = b"CREATE DATABASE nexosupport COLLATE utf8mb4_unicode_ci; USE nexosupport;\n"
        script += gzip.decompress(older.read_bytes())
        subprocess.run([*client, "--binary-mode"], input=script, check=True)
        subprocess.run([*client, "--binary-mode"], input=events, check=True)
        again = subprocess.run(
            [
                *("mariadb-dump", "--no-defaults", f"--socket={running.socket}", "--user=root"),
                *("--single-transaction", "--default-character-set=utf8mb4"),
                *("--routines", "--triggers", "--events", "nexosupport"),
            ],
            capture_output=True,
            check=True,
        ).stdout.decode(errors="surrogateescape")
        held = rows_of(running, "nexosupport")
    assert plain(again) == plain(text_of(newer))
    assert 0.95 * ROWS <= sum(held.values()) - held["stored_files"] <= 1.01 * ROWS
    assert all(held.values())


def test_the_binary_logs_are_an_unbroken_chain_of_hours(backups: Path) -> None:
    logs = sorted((backups / "binlog").glob("mysql-bin.[0-9]*"))
    numbers = [int(path.name[-6:]) for path in logs]
    assert numbers == list(range(numbers[0], numbers[0] + 168))
    last_hour = NOW.replace(minute=0)
    for distance, path in enumerate(reversed(logs)):
        assert path.stat().st_mtime == (last_hour - timedelta(hours=distance)).timestamp()
    read = subprocess.run(
        ["mariadb-binlog", "--no-defaults", str(logs[-1])],
        env={"TZ": "Europe/Madrid", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    ).stdout.decode(errors="replace")
    times = re.findall(r"^#(\d{6} +\d+:\d+:\d+) server id 1 ", read, re.MULTILINE)
    assert times[0] == "261123  7:00:00"
    assert times[-1] == "261123  8:00:00"
    assert times == sorted(times)
    assert f"Rotate to mysql-bin.{numbers[-1] + 1:06}" in read
    listed = (backups / "binlog/mysql-bin.index").read_text().split()
    assert [Path(name).name for name in listed[:-1]] == [path.name for path in logs]
