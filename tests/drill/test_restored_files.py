"""What files are held against: what lies on disk, who could read it, their verification."""

import gzip
import hashlib
import io
import os
import pwd
import stat
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tarred import MTIME, SITE, Entry, tar

from nexoaudit import process
from nexoaudit.drill import extract, files
from nexoaudit.drill.index import Index
from nexoaudit.drill.reading import Verified, Wanted
from nexoaudit.model.drill import Drill
from nexoaudit.sandbox import space

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
PLAIN = [entry for entry in SITE if entry.type == tarfile.REGTYPE]
SECRET = b"<?php $CFG->dbpass = 'qwertz';"
FOLDER = tarfile.DIRTYPE

Restore = Callable[..., Drill]


def found(drill: Drill) -> dict[str, Any]:
    return dict(drill.measures)


@pytest.mark.parametrize("user", ["root", "nobody"])
def test_all_of_it_can_be_put_on_disk(
    restore_files: Restore, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    if user == "root" and os.geteuid() != 0:
        pytest.skip("only root becomes another user")
    seen: dict[str, os.stat_result] = {}
    find = files.OnDisk

    def look(room: Path, index: Index) -> extract.OnDisk:
        seen.update((str(p.relative_to(room)), p.lstat()) for p in room.rglob("*"))
        return find(room, index)

    monkeypatch.setattr(files, "OnDisk", look)
    if user == "nobody":
        monkeypatch.setattr(files, "unprivileged", lambda: None)
    link = Entry("./uploads/again.bin", type=tarfile.LNKTYPE, link="./uploads/2026/007.bin")
    setuid = Entry("./bin/ping", b"x", mode=0o4777)
    out = Entry("./storage", type=tarfile.SYMTYPE, link="/srv/x")
    result = restore_files([*SITE, link, setuid, out], whole=True)
    assert (result.outcome, found(result)["restored_files"]) == ("pass", len(PLAIN) + 1)
    assert stat.S_ISLNK(seen["uploads/latest"].st_mode)
    assert seen["uploads/again.bin"].st_size == 350
    assert "storage" not in seen
    assert stat.S_IMODE(seen["bin/ping"].st_mode) == 0o700
    assert int(seen["lib/config.php"].st_mtime) == MTIME
    owners = {status.st_uid for status in seen.values()}
    assert len(owners) == 1
    assert (0 in owners) == (user == "nobody" and os.geteuid() == 0)


def test_what_is_not_on_disk_is_told(
    restore_files: Restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = files.everything

    def lossy(holding: Any) -> Any:
        for piece in everything(holding):
            if piece.info.name == "uploads/2026/007.bin":
                continue
            yield piece

    monkeypatch.setattr(files, "everything", lossy)
    result = restore_files(list(SITE), whole=True)
    assert (result.outcome, result.reason) == ("fail", "drill.not_restored")
    assert restore_files(list(SITE)).outcome == "pass"


def test_a_broken_archive_gives_what_it_can(restore_files: Restore) -> None:
    raw = gzip.compress(tar(SITE))[:-100]
    result = restore_files([], raw=raw, whole=True)
    assert (result.outcome, result.reason) == ("fail", "drill.unreadable")
    assert "sampled_files" in found(result)


def test_without_room_it_is_not_even_tried(
    restore_files: Restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = space.FREE_FLOOR + 2 * files.SAMPLE_BYTES
    usage = type(files.tempfile)("usage")
    monkeypatch.setattr(usage, "free", free, raising=False)
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: usage)
    big = [Entry("./big", bytes(2 * files.SAMPLE_BYTES))]
    result = restore_files(big, whole=True)
    assert (result.outcome, result.reason) == ("unverified", "drill.no_space")
    assert restore_files(big).outcome == "pass"


def test_files_with_holes_are_not_called_restored(restore_files: Restore, tmp_path: Path) -> None:
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(1 << 20)
    command = ["tar", "-C", str(tmp_path), "--sparse", "-cf", "-", "holes"]
    raw = process.run(command, deadline_s=10).stdout
    result = restore_files([], raw=raw, whole=True)
    assert (result.outcome, result.reason) == ("unverified", "drill.sparse")
    assert restore_files([], raw=raw).outcome == "pass"


# Owners and modes


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([Entry("lib/config.php", SECRET, mode=0o644)], "drill.open_secret"),
        ([Entry("lib/config.php", SECRET, mode=0o640)], ""),
        ([Entry("lib/", type=FOLDER, mode=0o750), Entry("lib/config.php", SECRET)], ""),
        ([Entry("lib/config.php", b"<?php $page = 20;", mode=0o644)], ""),
        ([Entry("a.pdf", mode=0o600, owner="root")], "drill.web_unreadable"),
        ([Entry("a.pdf", mode=0o600)], ""),
        ([Entry("a.pdf", mode=0o040)], "drill.web_unreadable"),
        ([Entry("up/", type=FOLDER, mode=0o700, owner="root"), Entry("up/a.pdf")], ...),
        ([Entry("up/", type=FOLDER, mode=0o711, owner="root"), Entry("up/a.pdf")], ""),
    ],
)
def test_who_could_read_what_was_restored(
    restore_files: Restore, entries: list[Entry], reason: Any
) -> None:
    result = restore_files(entries)
    expected = "drill.web_unreadable" if reason is ... else reason
    assert (result.outcome, result.reason) == ("pass", expected)


def test_of_a_configuration_only_the_code_is_for_the_web_server(restore_files: Restore) -> None:
    key = Entry("etc/ssl/private/site.key", b"x", mode=0o600, owner="root")
    code = Entry("var/www/site/lib/config.php", b"<?php", mode=0o640, owner="root")
    wanted = Wanted(only_code=True)
    assert restore_files([key], kind="config", wanted=wanted).problems == ()
    result = restore_files([key, code], kind="config", wanted=wanted)
    assert (result.kind, result.problems) == ("config", ("drill.web_unreadable",))
    assert result.detail == "var/www/site/lib/config.php"


def test_numbers_are_looked_up_here_where_there_are_no_names(restore_files: Restore) -> None:
    me = pwd.getpwuid(os.geteuid())
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, uid in (("mine", me.pw_uid), ("theirs", me.pw_uid + 1)):
            info = tarfile.TarInfo(name)
            info.uid, info.gid, info.mode = uid, me.pw_gid + 1, 0o600
            archive.addfile(info)
    result = restore_files([], raw=plain.getvalue(), wanted=Wanted(web_user=me.pw_name))
    assert (result.problems, result.detail) == (("drill.web_unreadable",), "theirs")
    assert (
        restore_files([], raw=plain.getvalue(), wanted=Wanted(web_user="no-such-user")).problems
        == ()
    )


# Against what verification found


def test_other_bytes_than_were_verified_fail(restore_files: Restore) -> None:
    raw = gzip.compress(tar(SITE))
    sha256 = hashlib.sha256(raw).hexdigest()
    size = sum(len(entry.content) for entry in PLAIN)
    for verified, reason in (
        (Verified(sha256, len(PLAIN), size), ""),
        (Verified(sha256), ""),
        (Verified("0" * 64), "drill.differs"),
        (Verified(sha256, len(PLAIN) - 1, size), "drill.differs"),
        (Verified(sha256, len(PLAIN), size - 1), "drill.differs"),
    ):
        result = restore_files([], raw=raw, wanted=Wanted(verified=verified))
        assert (result.outcome, result.reason) == ("fail" if reason else "pass", reason)
