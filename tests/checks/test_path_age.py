"""`check_backup_age --path`: real files, neither state nor configuration."""

import gzip
import lzma
import os
from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = 3600


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def make(tmp_path):
    """Return a function that makes a file of a time: its name's, its mtime's or both."""

    def build(name, hours=None, *, mtime=None, data=b"-- MariaDB dump", sidecar=False):
        if hours is not None:
            name = name.format((NOW - timedelta(hours=hours)).strftime("%Y%m%d_%H%M%S"))
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        age = mtime if mtime is not None else hours
        moment = NOW.timestamp() - age * HOUR
        os.utime(path, (moment, moment))
        if sidecar:
            path.with_name(path.name + ".sha256").touch()
        return path

    return build


@pytest.fixture
def age(check, tmp_path):
    def run(*argv, pattern="*.sql.gz"):
        return check("age", None, "--path", f"{tmp_path}/{pattern}", *argv)

    return run


@pytest.mark.parametrize(
    ("hours", "code", "text"),
    [
        (10, 0, "OK - newest {name}, 10h old by its name"),
        (25, 0, "OK - newest {name}, 25h old by its name"),
        (26, 1, "WARNING - newest {name}, 26h old by its name, over the limit of 25h"),
        (49, 1, "WARNING - newest {name}, 2d 1h old by its name, over the limit of 25h"),
        (50, 2, "CRITICAL - newest {name}, 2d 2h old by its name, over the limit of 2d 1h"),
    ],
)
def test_the_age_is_that_of_the_newest(age, make, hours, code, text):
    make("db_{}.sql.gz", 200)
    name = make("db_{}.sql.gz", hours).name
    make("db_{}.sql.gz", 100)
    said = age()
    assert (said.code, said.line) == (
        code,
        f"BACKUP AGE {text.format(name=name)} | age={hours * HOUR}s;90000;176400 files=3",
    )


@pytest.mark.parametrize(
    ("argv", "code"),
    [((), 0), (("-w", "9h"), 1), (("-w", "9h", "-c", "9h"), 2), (("-w", "8h", "-c", "11h"), 1)],
)
def test_limits(age, make, argv, code):
    make("db_{}.sql.gz", 10)
    assert age(*argv).code == code


def test_a_touched_old_backup_is_old(age, make):
    make("db_{}.sql.gz", 60, mtime=1)
    assert age().line == (
        "BACKUP AGE CRITICAL - newest db_20261118_000000.sql.gz, 2d 12h old by its name,"
        " over the limit of 2d 1h | age=216000s;90000;176400 files=1"
    )


def test_a_fresh_backup_with_an_old_mtime_is_fresh(age, make):
    make("db_{}.sql.gz", 10, mtime=500)
    assert age().code == 0


def test_a_name_without_a_time_counts_by_mtime(age, make):
    make("dump.sql.gz", mtime=3)
    said = age()
    assert (said.code, said.line) == (
        0,
        "BACKUP AGE OK - newest dump.sql.gz, 3h old by its time of modification"
        " | age=10800s;90000;176400 files=1",
    )
    make("dump.sql.gz", mtime=30)
    assert age().line.startswith(
        "BACKUP AGE WARNING - newest dump.sql.gz, 30h old by its time of modification,"
        " over the limit of 25h | "
    )


def test_a_day_in_the_name_takes_the_clock_time_of_that_day_from_mtime(age, make):
    # Daily at 02:00: this evening's newest is of 2026-11-20, 10 hours old and not 12.
    make("db-2026-11-20.sql.gz", mtime=10)
    assert "newest db-2026-11-20.sql.gz, 10h old by its name" in age().line
    make("db-2026-11-20.sql.gz", mtime=36)
    assert "newest db-2026-11-20.sql.gz, 12h old by its name" in age().line


def test_times_in_names_are_local_or_of_the_zone_given(age, make, monkeypatch):
    import time

    make("db_20261120_020000.sql.gz", mtime=1)
    assert "10h old" in age().line
    assert "5h old" in age("--timezone", "America/Lima").line
    monkeypatch.setenv("TZ", "America/Lima")
    time.tzset()
    assert "5h old" in age().line
    assert "10h old" in age("--timezone", "UTC").line


def test_summer_time_is_that_of_the_backup_not_of_today(age, make, monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    make("db_20260720_020000.sql.gz", mtime=1)  # 00:00 UTC
    assert "| age=10670400s;" in age().line  # 123 days and 12 hours


EMPTY = {
    "no byte": b"",
    "gzip": gzip.compress(b"", mtime=0),
    "gzip with a name": b"\x1f\x8b\x08\x08" + bytes(6) + b"db.sql\x00\x03\x00" + bytes(8),
    "xz": lzma.compress(b""),
}


@pytest.mark.parametrize("kind", EMPTY)
def test_empty_files_do_not_count(age, make, kind):
    make("db_{}.sql.gz", 10, data=EMPTY[kind])
    said = age()
    assert (said.code, said.line) == (
        2,
        "BACKUP AGE CRITICAL - no backup among the files that match: 1;"
        " empty files do not count: 1 | files=0",
    )
    make("db_{}.sql.gz", 34)
    said = age()
    assert (said.code, said.line) == (
        1,
        "BACKUP AGE WARNING - newest db_20261119_020000.sql.gz, 34h old by its name,"
        " over the limit of 25h; empty files do not count: 1 | age=122400s;90000;176400 files=1",
    )


@pytest.mark.parametrize("data", [b"x", gzip.compress(b"x", mtime=0), b"\x1f\x8bnot gzip"])
def test_small_files_count(age, make, data):
    make("db_{}.sql.gz", 10, data=data)
    assert age().code == 0


def test_a_time_in_the_future_is_a_finding(age, make):
    make("db_{}.sql.gz", -3, mtime=1)
    said = age()
    future = "db_20261120_150000.sql.gz has a time in the future, 2026-11-20 15:00"
    assert (said.code, said.line) == (
        3,
        f"BACKUP AGE UNKNOWN - {future}: check the clock and --timezone",
    )
    make("db_{}.sql.gz", 10)
    said = age()
    assert (said.code, said.line) == (
        1,
        f"BACKUP AGE WARNING - {future}: check the clock and --timezone"
        " | age=36000s;90000;176400 files=1",
    )


def test_a_time_that_no_calendar_holds_is_in_the_future(age, make):
    path = make("db.sql.gz", mtime=1)
    os.utime(path, (2**40, 2**40))
    said = age()
    assert said.code == 3
    # What a file system cannot hold it cuts: ext4 ends in 2446.
    kept = "9999-12-31" if path.stat().st_mtime > 2**38 else "2446-05-10"
    assert f"db.sql.gz has a time in the future, {kept} " in said.line


def test_clocks_need_not_be_exact(age, make):
    make("db_{}.sql.gz", -1 / 60, mtime=1)
    assert age().line == (
        "BACKUP AGE OK - newest db_20261120_120100.sql.gz, 0 s old by its name"
        " | age=0s;90000;176400 files=1"
    )


def test_a_file_being_written_does_not_count_yet(age, make):
    make("db_{}.sql.gz", 30)
    growing = make("db_{}.sql.gz", 0.1)
    said = age()
    assert (said.code, said.line) == (
        1,
        "BACKUP AGE WARNING - newest db_20261119_060000.sql.gz, 30h old by its name,"
        f" over the limit of 25h; {growing.name} is still being written and does not count yet"
        " | age=108000s;90000;176400 files=1",
    )
    make("db_{}.sql.gz", 0.1, sidecar=True)
    assert age().code == 0


def test_the_only_file_may_be_fresh(age, make):
    make("db_{}.sql.gz", 0.1)
    assert age().code == 0


def test_sidecars_and_directories_are_no_backups(age, make, tmp_path):
    make("db_{}.sql.gz", 10, sidecar=True)
    (tmp_path / "db_20261120_110000").mkdir()
    assert age(pattern="*").line.endswith(" files=1")


def test_nothing_matches(age, make, tmp_path):
    said = age()
    assert (said.code, said.line) == (
        3,
        f"BACKUP AGE UNKNOWN - no file matches {tmp_path}/*.sql.gz",
    )
    said = age(pattern="gone/*.sql.gz")
    assert (said.code, said.line) == (
        3,
        f"BACKUP AGE UNKNOWN - no file matches {tmp_path}/gone/*.sql.gz:"
        f" {tmp_path}/gone: No such file or directory",
    )


@pytest.mark.unprivileged
def test_a_directory_that_may_not_be_read_is_told(command, tmp_path, make):
    make("closed/db_{}.sql.gz", 10)
    (tmp_path / "closed").chmod(0)
    said = command("age", "--path", f"{tmp_path}/closed/*")
    (tmp_path / "closed").chmod(0o700)
    assert (said.code, said.line) == (
        3,
        f"BACKUP AGE UNKNOWN - no file matches {tmp_path}/closed/*:"
        f" {tmp_path}/closed: Permission denied",
    )


def test_names_are_shown_from_the_first_wildcard_on(age, make):
    make("daily/db_{}.sql.gz", 10)
    assert "newest daily/db_20261120_020000.sql.gz," in age(pattern="*/db_*").line
    assert "newest db_20261120_020000.sql.gz," in age(pattern="daily/db_*").line
    assert "newest daily/db_20261120_020000.sql.gz," in age(pattern="**").line
    assert (
        "newest db_20261120_020000.sql.gz," in age(pattern="daily/db_20261120_020000.sql.gz").line
    )


def test_ugly_names(age, tmp_path):
    path = tmp_path / os.fsdecode(b"db|\n\xff_20261120_020000.sql.gz")
    path.write_bytes(b"x")
    os.utime(path, (0, 0))
    assert age().line == (
        "BACKUP AGE OK - newest db???_20261120_020000.sql.gz, 10h old by its name"
        " | age=36000s;90000;176400 files=1"
    )


def test_a_pipe_is_no_backup_and_does_not_hang(age, make, tmp_path):
    os.mkfifo(tmp_path / "db_20261120_110000.sql.gz")
    said = age()
    path = tmp_path / "db_20261120_110000.sql.gz"
    assert (said.code, said.line) == (3, f"BACKUP AGE UNKNOWN - {path} is not a regular file")
    make("db_{}.sql.gz", 10)
    assert age().line.endswith(" files=1")


def test_links_lead_to_their_files(age, make, tmp_path):
    (tmp_path / "latest.sql.gz").symlink_to(make("store/db_{}.sql.gz", 3))
    (tmp_path / "broken.sql.gz").symlink_to("nowhere")
    assert age().line.startswith("BACKUP AGE OK - newest latest.sql.gz, 3h old by its time")


def test_details(age, make):
    make("db_{}.sql.gz", 10)
    assert age("-vv").text.splitlines()[1:] == [
        "[ok] newest db_20261120_020000.sql.gz, 10h old by its name"
    ]


def test_the_command(command, make):
    path = make("db.sql.gz", mtime=0)
    os.utime(path)
    said = command("age", "--path", str(path), "-w", "1h", "-c", "2h")
    assert (said.code, said.errors) == (0, "")
    assert said.line.startswith("BACKUP AGE OK - newest db.sql.gz, ")
