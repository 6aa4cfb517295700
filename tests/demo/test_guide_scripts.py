"""The guide's own scripts, run for real: what they say, and what they do not look at."""

import gzip
import hashlib
import os
import re
from datetime import datetime
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nexoaudit_demo import guide
from nexoaudit_demo.places import Places

pytestmark = pytest.mark.mariadb

NOW = datetime(2026, 11, 23, 8, 21, tzinfo=ZoneInfo("Europe/Madrid"))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "site")


@pytest.fixture
def newest(places: Places) -> Path:
    path = places.backups / "database/nexosupport_db_20261123_020000.sql.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b"SELECT 1;\n"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(path.name + ".sha256").write_text(f"{digest}  {path}\n")
    return path


def test_a_sound_file_passes(places: Places, newest: Path) -> None:
    said = guide.run(places, guide.VERIFY, now=NOW)
    assert (said.code, said.complaints) == (0, ())
    assert said.lines == (f"{newest}: OK", "Database backup verification passed")


def test_a_damaged_file_passes_too(places: Places, newest: Path) -> None:
    newest.write_bytes(newest.read_bytes()[:-4])
    said = guide.run(places, guide.VERIFY, now=NOW)
    assert said.code == 0
    assert said.claim == "Database backup verification passed"
    assert said.complaints == ("gzip", "sha256sum")


def test_the_job_that_cannot_log_in_is_successful(places: Places) -> None:
    places.root.mkdir()
    said = guide.run(places, guide.DUMP, now=NOW)
    assert said.code == 0
    assert said.claim == "Database backup successful: nexosupport_db_20261123_082100.sql.gz"
    assert said.complaints == ("mysqldump",)
    (made,) = (places.backups / "database").glob("*.sql.gz")
    assert gzip.decompress(made.read_bytes()) == b""
    assert len(made.read_bytes()) == 20


def test_the_restore_of_nothing_is_successful(places: Places) -> None:
    places.root.mkdir()
    said = guide.run(places, guide.RESTORE, now=NOW)
    assert said.code == 0
    assert said.claim == "Backup test completed successfully"
    assert {"mysql", "tar"} <= set(said.complaints)
    assert not list((places.root / "tmp").iterdir())


def test_the_monitor_mails_about_old_files(places: Places, newest: Path) -> None:
    archive = places.backups / "files/nexosupport_files_20261123_023000.tar.gz"
    archive.parent.mkdir()
    archive.write_bytes(b"anything")
    os.utime(newest, (NOW.timestamp() - 100_000, NOW.timestamp() - 100_000))
    os.utime(archive, (NOW.timestamp() - 3600, NOW.timestamp() - 3600))
    said = guide.run(places, guide.MONITOR, now=NOW)
    assert (said.code, said.complaints, said.mailed) == (0, (), True)
    os.utime(newest, (NOW.timestamp() - 3600, NOW.timestamp() - 3600))
    assert not guide.run(places, guide.MONITOR, now=NOW).mailed


@pytest.mark.parametrize("name", [guide.VERIFY, guide.MONITOR, guide.RESTORE, guide.DUMP])
def test_no_path_of_the_machine_is_left_in_a_script(name: str) -> None:
    text = resources.files("nexoaudit_demo").joinpath("scripts", name).read_text("utf-8")
    moved = guide.moved(text, Path("/elsewhere"))
    assert re.search(r"/(?:var|tmp|etc)/", text)
    assert not re.search(r"(?<!/elsewhere)(?<![\w.$}])/(?:var|tmp|etc|usr)/", moved)
