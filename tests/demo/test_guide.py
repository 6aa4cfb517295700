"""The guide's own jobs, on the night when clocks go back: what they leave, and what they claim."""

import gzip
import hashlib
import tarfile
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nexoaudit_demo.site import Plan, build

pytestmark = pytest.mark.mariadb

NOW = datetime(2026, 10, 26, 8, 21, tzinfo=ZoneInfo("Europe/Madrid"))


@pytest.fixture(scope="module")
def backups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("guide") / "site"
    build(Plan(root, NOW, rows=1000, as_guide=True, first_day=date(2026, 10, 22)))
    return root / "var/backups/nexosupport"


def test_no_dump_is_complete_and_all_are_called_successful(backups: Path) -> None:
    dumps = sorted((backups / "database").glob("*.sql.gz"))
    log = backups.parent.parent / "log/nexosupport-backup.log"
    said = log.read_text()
    assert len(dumps) == 5
    for path in dumps:
        text = gzip.decompress(path.read_bytes())
        assert b"CREATE TABLE `users`" in text
        assert b"-- Dump completed" not in text
        assert b"CHANGE MASTER" not in text
        assert b" TRIGGER " not in text
        sidecar = path.with_name(path.name + ".sha256").read_text()
        assert sidecar.split()[0] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert f"\nDatabase backup successful: {path.name}\n" in said
    assert "Access denied for user 'nexosupport_backup'" in said


def test_the_long_night_has_one_dump(backups: Path) -> None:
    found = [path.name for path in (backups / "database").glob("*_20261025_*.sql.gz")]
    assert found == ["nexosupport_db_20261025_020000.sql.gz"]
    when = datetime(2026, 10, 25, 2, 0, 7, tzinfo=NOW.tzinfo).timestamp()
    assert (backups / "database" / found[0]).stat().st_mtime == when


def test_the_binary_logs_are_all_from_now_and_one_is_being_written(backups: Path) -> None:
    logs = sorted((backups / "binlog").glob("mysql-bin.[0-9]*"))
    # Five days of 24 hours, one more at night, and the hours of the last morning but one.
    assert len(logs) == 4 * 24 + 1 + 9 + 1
    assert {path.stat().st_mtime for path in logs} == {NOW.replace(minute=0).timestamp()}


def test_everybody_can_read_everything(backups: Path) -> None:
    for path in backups.glob("*/*.gz*"):
        assert path.stat().st_mode & 0o777 == 0o644


def test_the_file_archive_keeps_sessions_and_loses_uploads(backups: Path) -> None:
    with tarfile.open(max((backups / "files").glob("*.tar.gz"))) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"sessions/sess_00", "vendor/acme/library00/autoload.php", "uploads/2026/logs"} <= inside
    assert "uploads/2026/logs/lectura del contador.txt" not in inside
    assert "modules/informes/cache/plantilla.html" not in inside
    assert "cache/page_00.html" not in inside


def test_the_configuration_lacks_what_cannot_be_regained(backups: Path) -> None:
    with tarfile.open(max((backups / "config").glob("*.tar.gz"))) as archive:
        names = archive.getnames()
    assert "var/www/nexosupport/lib/config.php" in names
    assert not [name for name in names if "ssl" in name or "php.ini" in name or "tool" in name]


def test_the_incremental_history_is_frozen_inside_itself(backups: Path) -> None:
    current, previous = backups / "incremental/current", backups / "incremental/previous"
    assert (previous / "current/index.php").is_file()
    first_days, last_day = previous / "current/uploads/2026/10", current / "uploads/2026/10"
    assert len(list(first_days.iterdir())) + 6 == len(list(last_day.iterdir()))


def test_hard_links_are_doubled_offsite(backups: Path) -> None:
    there = backups.parents[2] / "offsite/nexosupport/incremental"
    assert not (there / "current/index.php").samefile(there / "previous/index.php")
