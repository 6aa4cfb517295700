import os
import shutil
import signal
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexoaudit import process
from nexoaudit.drill import box
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Expect
from nexoaudit.sandbox import server

pytestmark = pytest.mark.mariadb

Restore = Callable[..., Drill]
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
EXPECT = Expect(tables=("users", "tickets"))


def test_without_mariadb_it_is_unverified_with_the_apt_line(
    restore: Restore, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process.shutil, "which", lambda *_, **__: None)
    drill = restore(whole)
    assert (drill.outcome, drill.reason) == ("unverified", "drill.tool_missing")
    assert drill.detail.endswith("run `apt-get install mariadb-server-core mariadb-client`")


def test_a_server_that_does_not_start_is_unverified_in_its_own_words(
    restore: Restore, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "THROWAWAY", (*server.THROWAWAY, "--no-such-option"))
    drill = restore(whole)
    assert (drill.outcome, drill.reason) == ("unverified", "drill.sandbox_failed")
    assert "the private server did not start" in drill.detail
    assert "no-such-option" in drill.detail
    assert [(step.name, step.outcome) for step in drill.steps] == [("sandbox", "unverified")]


def test_a_full_disk_is_unverified(
    restore: Restore, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage("/")._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    drill = restore(whole)
    assert (drill.outcome, drill.reason) == ("unverified", "drill.no_space")


def test_an_unreadable_dump_is_unverified(
    tmp_path: Path, drilled: Callable[..., Drill], short: Path
) -> None:
    absent = tmp_path / "absent.sql.gz"
    drill = drilled(absent, EXPECT)
    assert (drill.outcome, drill.reason) == ("unverified", "drill.no_access")
    assert "absent.sql.gz" in drill.detail
    assert drill.sha256 == ""
    assert list(short.iterdir()) == []


def test_a_place_that_is_not_there_is_unverified(
    tmp_path: Path, drilled_files: Callable[..., Drill], short: Path
) -> None:
    (tmp_path / "one").write_bytes(b"x")
    archive = tmp_path / "f.tar"
    with tarfile.open(archive, "w") as made:
        made.add(tmp_path / "one", "one")
    drill = drilled_files(archive, parent=short / "absent")
    assert (drill.outcome, drill.reason) == ("unverified", "drill.no_access")


def test_an_interruption_leaves_nothing(
    whole: bytes, tmp_path: Path, drilled: Callable[..., Drill], short: Path
) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    dump = tmp_path / "d.sql"
    dump.write_bytes(whole)
    with pytest.raises(KeyboardInterrupt):
        drilled(dump, EXPECT, progress=interrupt)
    assert list(short.iterdir()) == []


def test_a_server_that_dies_makes_it_unverified(
    whole: bytes, tmp_path: Path, drilled: Callable[..., Drill], short: Path
) -> None:
    def kill(_: int) -> None:
        for pid in short.glob("*/room/pid"):
            os.kill(int(pid.read_text()), signal.SIGKILL)

    dump = tmp_path / "d.sql"
    dump.write_bytes(whole)
    drill = drilled(dump, EXPECT, progress=kill)
    assert (drill.outcome, drill.reason) == ("unverified", "drill.sandbox_failed")
    assert list(short.iterdir()) == []


def test_a_drill_without_end_is_stopped(
    restore: Restore, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "MOST_RTOS", 0)
    monkeypatch.setattr(box, "LEAST_DEADLINE_S", 0.001)
    drill = restore(whole)
    assert (drill.outcome, drill.reason) == ("fail", "drill.rto_exceeded")
    assert drill.steps[-1].outcome == "fail"
