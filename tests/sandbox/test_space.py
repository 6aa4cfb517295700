import gzip
from pathlib import Path

import pytest

from nexoaudit.sandbox import space


def test_a_gzip_archive_tells_its_size(tmp_path: Path) -> None:
    dump = tmp_path / "d.sql.gz"
    dump.write_bytes(gzip.compress(b"x" * 1_000_000))
    assert space.needed(dump) == 2_500_000 + space.REDO_BYTES


def test_an_empty_file_needs_little(tmp_path: Path) -> None:
    dump = tmp_path / "d.sql.gz"
    dump.write_bytes(b"")
    assert space.needed(dump) == space.REDO_BYTES


def test_a_plain_dump_is_as_large_as_it_is(tmp_path: Path) -> None:
    dump = tmp_path / "d.sql"
    dump.write_bytes(b"-" * 1000)
    assert space.needed(dump) == 2500 + space.REDO_BYTES


def test_a_full_disk_is_refused_with_both_figures(tmp_path: Path) -> None:
    space.require(tmp_path, 1)
    with pytest.raises(space.SpaceError, match=r"\d+ MiB free, the restore needs 1099511627776"):
        space.require(tmp_path, 1 << 60)
