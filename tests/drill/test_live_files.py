"""A backup of files against the live ones that are older than it."""

import gzip
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tarred import MTIME, SITE, Entry, tar

from nexoaudit.drill import files
from nexoaudit.drill.livetree import Live
from nexoaudit.model.drill import Drill

Restore = Callable[..., Drill]


def found(drill: Drill) -> dict[str, Any]:
    return dict(drill.measures)


class LiveSite:
    """A live tree, and an archive of it that was made a moment ago."""

    def __init__(self, root: Path) -> None:
        self.root = root / "var/www/site"
        for name in ("uploads/a.pdf", "uploads/2024/logs/b.txt", "cache/page", "lib/c.php"):
            self.put(name, f"{name}\n")
        time.sleep(0.01)
        self.made_ms = int(time.time() * 1000) + 1
        time.sleep(0.01)

    def put(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def entries(self, *left_out: str, top: str = "") -> list[Entry]:
        return [
            Entry(f"{top}{path.relative_to(self.root)}", path.read_bytes())
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and str(path.relative_to(self.root)) not in left_out
        ]

    def live(self, *paths: str, **more: Any) -> Live:
        return Live(tuple(str(self.root / path) for path in paths), self.made_ms, **more)


@pytest.fixture
def alive(tmp_path: Path) -> LiveSite:
    return LiveSite(tmp_path / "live")


@pytest.mark.parametrize("top", ["", "site_20261120/", "var/www/site/"])
@pytest.mark.parametrize("paths", [("uploads",), (".",), ("uploads/*.pdf", "lib/*.php")])
def test_live_files_are_found_wherever_the_archive_begins(
    restore_files: Restore, alive: LiveSite, top: str, paths: tuple[str, ...]
) -> None:
    made = alive.entries("cache/page", top=top)
    result = restore_files(made, live=alive.live(*paths))
    assert (result.outcome, result.problems) == ("pass", ())
    assert found(result)["live_compared"] == (3 if paths == (".",) else 2)
    assert result.steps[-1].name == "live"


def test_a_live_file_older_than_the_archive_must_be_in_it(
    restore_files: Restore, alive: LiveSite
) -> None:
    made = alive.entries("cache/page", "uploads/2024/logs/b.txt")
    result = restore_files(made, live=alive.live("uploads"))
    assert (result.outcome, result.reason) == ("fail", "drill.live_missing")
    assert result.detail == "uploads/2024/logs/b.txt"
    forbidden = alive.live("uploads", forbidden=("uploads/2024/logs",))
    assert restore_files(made, live=forbidden).problems == ()


def test_a_live_file_newer_than_the_archive_is_no_fault(
    restore_files: Restore, alive: LiveSite
) -> None:
    made = alive.entries("cache/page")
    alive.put("uploads/new.pdf", "new")
    alive.put("uploads/a.pdf", "another text")
    kept = (alive.root / "lib/c.php").stat()
    alive.put("lib/c.php", "put back with an old date")
    os.utime(alive.root / "lib/c.php", (kept.st_atime, kept.st_mtime - 1000))
    result = restore_files(made, live=alive.live("."), whole=True)
    assert (result.outcome, result.problems) == ("pass", ())
    assert (found(result)["live_newer"], found(result)["live_compared"]) == (3, 1)


@pytest.mark.parametrize("text", ["longer than it was", "uploads/A.pdf\n"])
def test_other_bytes_of_the_same_date_are_told_of(
    restore_files: Restore, alive: LiveSite, text: str
) -> None:
    path = alive.root / "uploads/a.pdf"
    os.utime(path, (MTIME, MTIME))
    made = alive.entries("cache/page")
    assert restore_files(made, live=alive.live("uploads")).outcome == "pass"
    path.write_text(text)
    os.utime(path, (MTIME, MTIME))
    result = restore_files(made, live=alive.live("uploads"))
    assert (result.outcome, result.reason) == ("fail", "drill.live_differs")
    assert result.detail == "uploads/a.pdf"


def test_bytes_beyond_the_sample_are_compared_when_all_is_asked_for(
    restore_files: Restore, alive: LiveSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SAMPLE_BYTES", 8)  # less than the file has
    path = alive.root / "uploads/a.pdf"
    made = [Entry("tiny", b"x"), *alive.entries("cache/page")]
    path.write_text("uploads/A.pdf\n")
    os.utime(path, (MTIME, MTIME))
    assert restore_files(made, live=alive.live("uploads")).outcome == "pass"
    assert (
        restore_files(made, live=alive.live("uploads"), whole=True).reason == "drill.live_differs"
    )


def test_nothing_to_compare_with_is_said(restore_files: Restore, alive: LiveSite) -> None:
    for live in (alive.live("nowhere"), alive.live("cache")):
        result = restore_files(list(SITE), live=live)
        assert (result.outcome, result.problems) == ("pass", ("drill.not_compared",))
        assert result.steps[-1].outcome == "unverified"


def test_an_archive_that_was_cut_is_not_compared(restore_files: Restore, alive: LiveSite) -> None:
    raw = gzip.compress(tar(alive.entries()))[:-30]
    result = restore_files([], raw=raw, live=alive.live("."))
    assert result.problems == ("drill.unreadable",)
