from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.formats.joblog import Line, read_line

AT = datetime(2026, 11, 23, 2, 0, 7)  # noqa: DTZ001 - as a log writes it
STAMP = "[2026-11-23 02:00:07] "


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (STAMP + "Starting database backup...", Line(AT, "start", "database backup")),
        (
            STAMP + "Starting NexoSupport master backup",
            Line(AT, "start", "nexosupport master backup"),
        ),
        (
            STAMP + "Database backup completed successfully",
            Line(AT, "success", "database backup"),
        ),
        (STAMP + "Off-site transfer FAILED", Line(AT, "failure", "off-site transfer")),
        ("Database backup failed!", Line(None, "failure", "database backup")),
        (
            "Database backup successful: nexosupport_db_20261123_020007.sql.gz",
            Line(AT, "success", "database backup", "nexosupport_db_20261123_020007.sql.gz"),
        ),
        (
            "Binary log backup completed at 20261123_020007",
            Line(AT, "success", "binary log backup", "20261123_020007"),
        ),
        ("Off-site rsync completed", Line(None, "success", "off-site rsync")),
        (
            "Database backup verification passed",
            Line(None, "success", "database backup verification"),
        ),
    ],
)
def test_what_the_guides_jobs_say(text, found):
    assert read_line(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "mysqldump: Got error: 1045: \"Access denied for user 'x'\" when trying to connect",
        "tar: /etc/php/8.0/apache2/php.ini: Cannot stat: No such file or directory",
        "gzip: stdout: No space left on device",
        "rsync error: some files could not be transferred (code 23) at main.c(1338)",
        "sha256sum: WARNING: 1 computed checksum did NOT match",
        "/var/backups/x.sql.gz: FAILED",
        "/usr/local/bin/x.sh: line 12: mysqldump: command not found",
        "ERROR 1045 (28000): Access denied for user 'root'@'localhost'",
    ],
)
def test_complaints_of_programs(text):
    line = read_line(text)
    assert line is not None
    assert line.kind == "error"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mysqldump: [Warning] Using a password on the command line interface can be insecure.",
        "tar: Removing leading `/' from member names",
        "tar: /var/www: file changed as we read it",
        "sending incremental file list",
        "uploads/2026/backup failed.pdf",
        "Informe failed.pdf",
        "total size is 1,234  speedup is 1.00",
        "Restored 12 tables",
        "/var/backups/x.sql.gz: OK",
        "Verifying database backup: /var/backups/x_20261123_020000.sql.gz",
    ],
)
def test_what_says_nothing_about_a_job(text):
    assert read_line(text) is None


@given(st.text())
def test_any_line_is_read(text):
    read_line(text)
    read_line(STAMP + text)


@pytest.mark.parametrize(
    "piece", ["a ", "completed ", "starting ", "20261123_020000", "mysqldump: "]
)
def test_a_line_without_end_is_bounded(piece):
    read_line(piece * 200_000)
