"""Whoever waits for a drill hears of it while no byte is read."""

import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Expect

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
EXPECT = Expect()


@pytest.mark.mariadb
def test_it_beats_while_tables_are_counted_and_checked(
    whole: bytes, tmp_path: Path, drilled: Callable[..., Drill]
) -> None:
    dump = tmp_path / "d.sql"
    dump.write_bytes(whole)
    told: list[int] = []
    drill = drilled(dump, progress=told.append)
    assert drill.outcome == "pass"
    assert sum(told) == len(whole)
    steps, tables, views, references = 2 * len(drill.steps), 2, 2, 1
    assert told.count(0) >= steps + tables + views + references


def test_it_beats_while_it_reads_the_archive_again(
    tmp_path: Path, drilled_files: Callable[..., Drill], short: Path
) -> None:
    (tmp_path / "one").write_bytes(b"x" * 1000)
    archive = tmp_path / "f.tar"
    with tarfile.open(archive, "w") as made:
        made.add(tmp_path / "one", "one")
    told: list[int] = []
    drill = drilled_files(archive, progress=told.append)
    assert drill.outcome == "pass"
    assert sum(told) == archive.stat().st_size
    beats_of_steps = 2 * len(drill.steps)
    assert told.count(0) > beats_of_steps
