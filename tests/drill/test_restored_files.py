"""What files are held against: who could read them, their verification, and the live ones."""

import gzip
import hashlib
import io
import os
import pwd
import stat
import tarfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tarred import MTIME, SITE, Entry, tar

from nexoaudit import process
from nexoaudit.drill import extract, files
from nexoaudit.drill.files import Task
from nexoaudit.drill.index import Index
from nexoaudit.drill.livetree import Live
from nexoaudit.drill.reading import Verified, Wanted
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Expect
from nexoaudit.sandbox import space

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
PLAIN = [entry for entry in SITE if entry.type == tarfile.REGTYPE]
SECRET = b"<?php $CFG->dbpass = 'qwertz';"
FOLDER = tarfile.DIRTYPE

Restore = Callable[..., Drill]


@pytest.fixture
def restore(tmp_path: Path, short: Path, drilled_files: Restore) -> Restore:
    """Return a function that drills an archive of some entries, and checks that nothing stays."""

    def drill(entries: list[Entry], *, raw: bytes | None = None, **more: Any) -> Drill:
        archive = tmp_path / "f.tar.gz"
        archive.write_bytes(gzip.compress(tar(entries), 1) if raw is None else raw)
        result = drilled_files(archive, Task(**more))
        assert list(short.iterdir()) == []
        return result

    return drill


def found(drill: Drill) -> dict[str, Any]:
    return dict(drill.measures)


@pytest.mark.parametrize("user", ["root", "nobody"])
def test_all_of_it_can_be_put_on_disk(
    restore: Restore, monkeypatch: pytest.MonkeyPatch, user: str
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
    result = restore([*SITE, link, setuid, out], whole=True)
    assert (result.outcome, found(result)["restored_files"]) == ("pass", len(PLAIN) + 1)
    assert stat.S_ISLNK(seen["uploads/latest"].st_mode)
    assert seen["uploads/again.bin"].st_size == 350
    assert "storage" not in seen
    assert stat.S_IMODE(seen["bin/ping"].st_mode) == 0o700
    assert int(seen["lib/config.php"].st_mtime) == MTIME
    owners = {status.st_uid for status in seen.values()}
    assert len(owners) == 1
    assert (0 in owners) == (user == "nobody" and os.geteuid() == 0)


def test_what_is_not_on_disk_is_told(restore: Restore, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = files.everything

    def lossy(holding: Any) -> Any:
        for piece in everything(holding):
            if piece.info.name == "uploads/2026/007.bin":
                continue
            yield piece

    monkeypatch.setattr(files, "everything", lossy)
    result = restore(list(SITE), whole=True)
    assert (result.outcome, result.reason) == ("fail", "drill.not_restored")
    assert restore(list(SITE)).outcome == "pass"


def test_a_broken_archive_gives_what_it_can(restore: Restore) -> None:
    raw = gzip.compress(tar(SITE))[:-100]
    result = restore([], raw=raw, whole=True)
    assert (result.outcome, result.reason) == ("fail", "drill.unreadable")
    assert "sampled_files" in found(result)


def test_without_room_it_is_not_even_tried(
    restore: Restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = space.FREE_FLOOR + 2 * files.SAMPLE_BYTES
    usage = type(files.tempfile)("usage")
    monkeypatch.setattr(usage, "free", free, raising=False)
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: usage)
    big = [Entry("./big", bytes(2 * files.SAMPLE_BYTES))]
    result = restore(big, whole=True)
    assert (result.outcome, result.reason) == ("unverified", "drill.no_space")
    assert restore(big).outcome == "pass"


def test_files_with_holes_are_not_called_restored(restore: Restore, tmp_path: Path) -> None:
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(1 << 20)
    command = ["tar", "-C", str(tmp_path), "--sparse", "-cf", "-", "holes"]
    raw = process.run(command, deadline_s=10).stdout
    result = restore([], raw=raw, whole=True)
    assert (result.outcome, result.reason) == ("unverified", "drill.sparse")
    assert restore([], raw=raw).outcome == "pass"


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
    restore: Restore, entries: list[Entry], reason: Any
) -> None:
    result = restore(entries)
    expected = "drill.web_unreadable" if reason is ... else reason
    assert (result.outcome, result.reason) == ("pass", expected)


def test_of_a_configuration_only_the_code_is_for_the_web_server(restore: Restore) -> None:
    key = Entry("etc/ssl/private/site.key", b"x", mode=0o600, owner="root")
    code = Entry("var/www/site/lib/config.php", b"<?php", mode=0o640, owner="root")
    wanted = Wanted(only_code=True)
    assert restore([key], kind="config", wanted=wanted).problems == ()
    result = restore([key, code], kind="config", wanted=wanted)
    assert (result.kind, result.problems) == ("config", ("drill.web_unreadable",))
    assert result.detail == "var/www/site/lib/config.php"


def test_numbers_are_looked_up_here_where_there_are_no_names(restore: Restore) -> None:
    me = pwd.getpwuid(os.geteuid())
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, uid in (("mine", me.pw_uid), ("theirs", me.pw_uid + 1)):
            info = tarfile.TarInfo(name)
            info.uid, info.gid, info.mode = uid, me.pw_gid + 1, 0o600
            archive.addfile(info)
    result = restore([], raw=plain.getvalue(), wanted=Wanted(web_user=me.pw_name))
    assert (result.problems, result.detail) == (("drill.web_unreadable",), "theirs")
    assert restore([], raw=plain.getvalue(), wanted=Wanted(web_user="no-such-user")).problems == ()


# Against what verification found


def test_other_bytes_than_were_verified_fail(restore: Restore) -> None:
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
        result = restore([], raw=raw, wanted=Wanted(verified=verified))
        assert (result.outcome, result.reason) == ("fail" if reason else "pass", reason)


# Against the live files


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
    restore: Restore, alive: LiveSite, top: str, paths: tuple[str, ...]
) -> None:
    made = alive.entries("cache/page", top=top)
    result = restore(made, live=alive.live(*paths))
    assert (result.outcome, result.problems) == ("pass", ())
    assert found(result)["live_compared"] == (3 if paths == (".",) else 2)
    assert result.steps[-1].name == "live"


def test_a_live_file_older_than_the_archive_must_be_in_it(
    restore: Restore, alive: LiveSite
) -> None:
    made = alive.entries("cache/page", "uploads/2024/logs/b.txt")
    result = restore(made, live=alive.live("uploads"))
    assert (result.outcome, result.reason) == ("fail", "drill.live_missing")
    assert result.detail == "uploads/2024/logs/b.txt"
    forbidden = alive.live("uploads", forbidden=("uploads/2024/logs",))
    assert restore(made, live=forbidden).problems == ()


def test_a_live_file_newer_than_the_archive_is_no_fault(restore: Restore, alive: LiveSite) -> None:
    made = alive.entries("cache/page")
    alive.put("uploads/new.pdf", "new")
    alive.put("uploads/a.pdf", "another text")
    kept = (alive.root / "lib/c.php").stat()
    alive.put("lib/c.php", "put back with an old date")
    os.utime(alive.root / "lib/c.php", (kept.st_atime, kept.st_mtime - 1000))
    result = restore(made, live=alive.live("."), whole=True)
    assert (result.outcome, result.problems) == ("pass", ())
    assert (found(result)["live_newer"], found(result)["live_compared"]) == (3, 1)


@pytest.mark.parametrize("text", ["longer than it was", "uploads/A.pdf\n"])
def test_other_bytes_of_the_same_date_are_told_of(
    restore: Restore, alive: LiveSite, text: str
) -> None:
    path = alive.root / "uploads/a.pdf"
    os.utime(path, (MTIME, MTIME))
    made = alive.entries("cache/page")
    assert restore(made, live=alive.live("uploads")).outcome == "pass"
    path.write_text(text)
    os.utime(path, (MTIME, MTIME))
    result = restore(made, live=alive.live("uploads"))
    assert (result.outcome, result.reason) == ("fail", "drill.live_differs")
    assert result.detail == "uploads/a.pdf"


def test_bytes_beyond_the_sample_are_compared_when_all_is_asked_for(
    restore: Restore, alive: LiveSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SAMPLE_BYTES", 8)  # less than the file has
    path = alive.root / "uploads/a.pdf"
    made = [Entry("tiny", b"x"), *alive.entries("cache/page")]
    path.write_text("uploads/A.pdf\n")
    os.utime(path, (MTIME, MTIME))
    assert restore(made, live=alive.live("uploads")).outcome == "pass"
    assert restore(made, live=alive.live("uploads"), whole=True).reason == "drill.live_differs"


def test_nothing_to_compare_with_is_said(restore: Restore, alive: LiveSite) -> None:
    for live in (alive.live("nowhere"), alive.live("cache")):
        result = restore(list(SITE), live=live)
        assert (result.outcome, result.problems) == ("pass", ("drill.not_compared",))
        assert result.steps[-1].outcome == "unverified"


def test_an_archive_that_was_cut_is_not_compared(restore: Restore, alive: LiveSite) -> None:
    raw = gzip.compress(tar(alive.entries()))[:-30]
    result = restore([], raw=raw, live=alive.live("."))
    assert result.problems == ("drill.unreadable",)


# Trees


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    top = tmp_path / "daily.0"
    for number in range(30):
        path = top / f"uploads/{number:02}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes([number]) * 1000)
    (top / "uploads/again.bin").hardlink_to(top / "uploads/07.bin")
    (top / "latest").symlink_to("uploads/29.bin")
    return top


@pytest.fixture
def restore_tree(short: Path, tree: Path, drilled_files: Restore) -> Restore:
    def drill(known: Any = lambda _path, _status: None, **more: Any) -> Drill:
        result = drilled_files(tree, Task(known=known, **more))
        assert list(short.iterdir()) == []
        return result

    return drill


@pytest.mark.parametrize("whole", [False, True])
def test_a_tree_comes_back(restore_tree: Restore, whole: bool) -> None:
    result = restore_tree(whole=whole, wanted=Wanted(Expect(paths=("uploads/*",))))
    assert (result.outcome, result.problems) == ("pass", ())
    assert [step.name for step in result.steps] == ["read", "restore", "check"]
    assert found(result)["files"] == 31
    assert found(result)["restored_files" if whole else "sampled_files"] == 31


def test_a_file_of_a_tree_with_other_bytes_than_verified_fails(
    restore_tree: Restore, tree: Path
) -> None:
    def known(path: str, _: os.stat_result) -> bytes | None:
        good = hashlib.sha256((tree / path).read_bytes()).digest()
        return b"\0" * 32 if path == damaged else good

    damaged = "uploads/03.bin"
    result = restore_tree(known)
    assert (result.outcome, result.reason, result.detail) == ("fail", "drill.differs", damaged)
    damaged = ""
    assert restore_tree(known).problems == ()


def test_an_empty_tree_fails(restore_tree: Restore, tree: Path) -> None:
    for path in sorted(tree.rglob("*"), reverse=True):
        path.unlink() if not path.is_dir() or path.is_symlink() else path.rmdir()
    assert restore_tree().reason == "drill.no_members"
    (tree / "uploads").mkdir()
    assert restore_tree().reason == "drill.no_files"


@pytest.mark.unprivileged
def test_what_may_not_be_read_is_unverified(restore_tree: Restore, tree: Path) -> None:
    (tree / "uploads/03.bin").chmod(0)
    result = restore_tree()
    assert (result.outcome, result.reason) == ("unverified", "drill.no_access")
