"""A backup of files against the last good one of its series, by directories."""

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tarred import Entry, tar

from nexoaudit.drill.files import Task
from nexoaudit.drill.reading import Wanted
from nexoaudit.model.drill import Drill

Restored = Callable[..., Drill]


def files(folder: str, count: int, size: int = 100) -> list[Entry]:
    return [Entry(f"{folder}/{number}.txt", b"x" * size) for number in range(count)]


SITE = [*files("site/uploads", 20), *files("site/lib", 3), *files("site/cache", 40)]
SETTINGS = [*files("etc/ssl", 2), *files("etc/apache2", 4), *files("etc/cron.d", 1)]


@pytest.fixture
def restored(tmp_path: Path, drilled_files: Restored) -> Restored:
    def drill(entries: Sequence[Entry], before: Drill | None = None, kind: str = "files") -> Drill:
        archive = tmp_path / "f.tar.gz"
        archive.write_bytes(gzip.compress(tar(entries), 1))
        wanted = Wanted(only_code=kind == "config")
        return drilled_files(archive, Task(kind, wanted, before=before))

    return drill


@pytest.mark.parametrize(
    ("after", "reason", "detail"),
    [
        ([*files("site/uploads", 20)], "drill.files_gone", "lib had 3"),
        (
            [*files("site/uploads", 9), *files("site/lib", 3)],
            "drill.files_collapsed",
            "uploads has 9 files, had 20",
        ),
        (
            [*files("site/uploads", 20, 0), *files("site/lib", 3), *files("site/cache", 40, 10)],
            "drill.files_collapsed",
            "all files have 700 bytes, had 6300",
        ),
    ],
)
def test_what_is_gone_or_collapsed_fails(restored: Restored, after, reason, detail) -> None:
    before = restored(SITE)
    assert (before.outcome, before.problems) == ("pass", ())
    assert (before.measure("folder.uploads"), before.measure("folder.cache")) == (20, 40)
    drill = restored(after, before)
    assert (drill.outcome, drill.reason) == ("fail", reason)
    assert drill.detail.startswith(detail)


@pytest.mark.parametrize(
    "after",
    [
        [*files("site/uploads", 10), *files("site/lib", 3), *files("site/cache", 40)],  # half
        [*files("site/uploads", 40, 150), *files("site/lib", 3)],  # the cache was cleared
        [*SITE, *files("site/theme", 5)],
    ],
)
def test_what_comes_and_goes_passes(restored: Restored, after) -> None:
    drill = restored(after, restored(SITE))
    assert (drill.outcome, drill.problems) == ("pass", ())


def test_of_a_configuration_the_directories_below_the_top_count_too(restored: Restored) -> None:
    before = restored(SETTINGS, kind="config")
    assert restored(SETTINGS, before, "config").problems == ()
    lost = restored([entry for entry in SETTINGS if "ssl" not in entry.name], before, "config")
    assert (lost.outcome, lost.reason, lost.detail) == ("fail", "drill.files_gone", "ssl had 2")
    moved = restored([entry for entry in SETTINGS if "cron" not in entry.name], before, "config")
    assert moved.outcome == "pass"  # one file may go


def test_another_layout_is_a_note(restored: Restored) -> None:
    bare = [entry._replace(name=entry.name.removeprefix("site/")) for entry in SITE]
    drill = restored(bare, restored(SITE))
    assert (drill.outcome, drill.problems) == ("pass", ("drill.layout",))
