"""Archives that lie elsewhere, or are encrypted: fetched, restored, gone."""

import gzip
import shutil
from datetime import UTC, datetime

import pytest
from places import KINDS, Places
from tarred import SITE, tar

from nexoaudit.drill.files import Task, drill_files

ARCHIVE = gzip.compress(tar(SITE), 1)
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def places(tmp_path, seaweed, sshd, gpg):
    for name in sshd.root.iterdir():
        shutil.rmtree(name) if name.is_dir() else name.unlink()
    (tmp_path / "here").mkdir()
    return Places(tmp_path / "here", seaweed, sshd, gpg)


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_comes_back_from_anywhere(places, short, kind, sealed):
    put = places.seal if sealed else places.put
    copy = put(kind, ARCHIVE, "f.tar.gz")
    result = drill_files(places.location(kind), copy, Task(whole=True), now=NOW, parent=short)
    assert (result.outcome, result.problems) == ("pass", ())
    fetched = [] if kind == "path" and not sealed else ["fetch"]
    assert [step.name for step in result.steps] == [*fetched, "read", "restore", "check"]
    assert list(short.iterdir()) == []


def test_what_cannot_be_had_says_so(places, short, tmp_path):
    (tmp_path / "another").write_text("another passphrase")
    (tmp_path / "another").chmod(0o600)
    location = places.location("path")._replace(passphrase_file=str(tmp_path / "another"))
    copy = places.seal("path", ARCHIVE, "f.tar.gz")
    result = drill_files(location, copy, Task(), now=NOW, parent=short)
    assert (result.outcome, result.reason) == ("fail", "drill.wrong_key")
    gone = places.put("ssh", ARCHIVE, "f.tar.gz")._replace(path="absent.tar.gz")
    result = drill_files(places.location("ssh"), gone, Task(), now=NOW, parent=short)
    assert result.outcome == "unverified"
    tree = gone._replace(path="daily.0/")
    result = drill_files(places.location("ssh"), tree, Task(), now=NOW, parent=short)
    assert (result.outcome, result.reason) == ("unverified", "drill.unsupported")
    assert list(short.iterdir()) == []
