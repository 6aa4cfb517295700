import os
from pathlib import Path

import pytest

from nexoaudit.live.residues import residues


@pytest.fixture
def left(tmp_path, build):
    """Make files and directories (a slash at the end) of that age, and return what is told."""

    def find(*names, hours=25):
        moment = build.NOW.timestamp() - hours * 3600
        for name in names:
            path = tmp_path / name
            path.mkdir() if name.endswith("/") else path.write_bytes(b"x")
            os.utime(path, (moment, moment))
        patterns = (f"{tmp_path}/*_pre_restore_*", f"{tmp_path}/*_restore_test")
        return tuple(Path(path).name for path in residues(patterns, build.NOW))

    return find


def test_dumps_and_trees_of_restores_are_residues_after_a_day(left):
    names = ("shop_pre_restore_20261119_101500.sql.gz", "shop_restore_test/")
    assert left(*names) == ("shop_pre_restore_20261119_101500.sql.gz", "shop_restore_test")
    assert left(*names[:1], hours=23) == ("shop_restore_test",)


def test_other_files_and_links_are_not(left, tmp_path):
    (tmp_path / "x_restore_test").symlink_to(tmp_path)
    assert left("notes", "pre_restore_notes", "restore_test_results/") == ()


def test_a_name_that_is_not_text_is_written_so_that_it_can_be_kept(left, tmp_path):
    assert left(os.fsdecode(b"\xff_restore_test")) == ("\\xff_restore_test",)


def test_a_directory_that_is_not_there_has_none(build):
    assert residues(("/nonexistent/*_restore_test",), build.NOW) == ()
