"""One tree read: what its digest is of, what is read again, and what is wrong with it."""

import os
import shutil
import sqlite3
from datetime import UTC, datetime

import pytest

from nexoaudit.errors import LedgerError
from nexoaudit.model.copy import Assurance
from nexoaudit.model.policy import Expect
from nexoaudit.verification.generation import Generation
from nexoaudit.verification.remembered import Memory
from nexoaudit.verification.tree import verify_tree

NEVER = 1 << 62
FILES = {"index.php": b"<?php", "uploads/2026/a.pdf": b"%PDF-1", "lib/config.php": b"secret"}


def tree(root, files=FILES):
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def generation(root, before):
    shutil.copytree(before, root, symlinks=True, copy_function=os.link)
    return root


def rot(path):
    """Change a byte and nothing that rsync looks at."""
    found = path.stat()
    with path.open("r+b") as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    while path.stat().st_ctime_ns == found.st_ctime_ns:  # the clock of files ticks slowly
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.fixture
def read(tmp_path):
    """Return a function that is one pass over trees and gives what was found of each."""

    def one_pass(*tops, since_ms=0, siblings=(), progress=None, now=None, **more):
        with Memory(tmp_path / "trees.sqlite") as memory:
            return [
                verify_tree(
                    Generation(top, "local", siblings, 0, "mtime", **more),
                    memory,
                    since_ms=since_ms,
                    now=now or datetime.now(UTC),
                    progress=progress,
                )
                for top in tops
            ]

    return one_pass


def facts(found):
    return dict(found.manifest)


def test_a_sound_tree_is_readable_and_recorded_by_ourselves(tmp_path, read):
    (found,) = read(tree(tmp_path / "a"))
    assert (found.problems, found.recorded, found.assurance) == ((), "self", Assurance.READABLE)
    assert (len(found.sha256), found.size) == (64, 17)
    assert facts(found).items() >= {"files": 3, "bytes": 17, "read": 17, "top.uploads": 1}.items()


def test_each_inode_is_read_once_and_untouched_ones_not_again(tmp_path, read):
    first = tree(tmp_path / "1")
    others = [generation(tmp_path / name, first) for name in "2345"]
    found = read(first, *others)
    assert [facts(item).get("read") for item in found] == [17, 0, 0, 0, 0]
    assert len({item.sha256 for item in found}) == 1
    assert [facts(item)["read"] for item in read(*others, first)] == [0] * 5
    assert [facts(item)["read"] for item in read(*others, first, since_ms=NEVER)] == [
        17,
        0,
        0,
        0,
        0,
    ]
    tree(first, {"index.php": b"<?php 2"})
    assert facts(read(first)[0])["read"] == 7


def test_the_digest_is_of_paths_kinds_links_and_bytes_only(tmp_path, read):
    first = tree(tmp_path / "a")
    (first / "link").symlink_to("index.php")
    mirror = shutil.copytree(first, tmp_path / "elsewhere/b", symlinks=True)
    os.utime(mirror / "index.php", (1, 1))
    (mirror / "lib").chmod(0o700)
    one, other = read(first, mirror)
    assert one.sha256 == other.sha256
    digests = {one.sha256}
    for change in (
        lambda: (mirror / "index.php").write_bytes(b"<?PHP"),
        lambda: (mirror / "index.php").rename(mirror / "index.php5"),
        (mirror / "empty").mkdir,
        lambda: ((mirror / "link").unlink(), (mirror / "link").symlink_to("lib")),
        lambda: ((mirror / "link").unlink(), (mirror / "link").write_bytes(b"lib")),
    ):
        change()
        digests.add(read(mirror)[0].sha256)
    assert len(digests) == 6


def test_rot_is_found_in_every_generation_that_shares_the_inode(tmp_path, read):
    first = tree(tmp_path / "1")
    second = generation(tmp_path / "2", first)
    third = generation(tmp_path / "3", first)
    (third / "lib/config.php").unlink()
    (third / "lib/config.php").write_bytes(b"secreT")
    read(first, second, third)
    rot(second / "lib/config.php")
    found = read(first, second, third)
    assert [item.problems for item in found] == [("tree.altered",), ("tree.altered",), ()]
    assert [item.assurance for item in found[:2]] == [Assurance.PRESENT] * 2
    assert (found[0].recorded, found[0].detail) == ("", "lib/config.php")
    assert facts(found[0])["altered"] == 1
    # It stays a fault at the next look, which reads nothing, and when all is read again.
    for since_ms in (0, NEVER):
        assert read(first, since_ms=since_ms)[0].problems == ("tree.altered",)
    rot(second / "lib/config.php")
    assert read(first)[0].problems == ()


def test_rot_of_the_medium_is_found_when_all_is_read_again(tmp_path, read):
    first = tree(tmp_path / "1")
    read(first)
    rot(first / "index.php")
    with sqlite3.connect(tmp_path / "trees.sqlite") as memory:  # no medium tells when it rots
        memory.execute("UPDATE file SET ctime = ?", ((first / "index.php").stat().st_ctime_ns,))
    memory.close()
    assert read(first)[0].problems == ()
    assert read(first, since_ms=NEVER)[0].problems == ("tree.altered",)


def test_a_file_that_was_written_to_is_another_file(tmp_path, read):
    first = tree(tmp_path / "1")
    read(first)
    (first / "index.php").write_bytes(b"<?PHP")
    assert read(first)[0].problems == ()


def test_the_guides_accident_is_recognised_and_a_directory_of_that_name_is_not(tmp_path, read):
    base = tmp_path / "incremental"
    current, previous = tree(base / "current"), tree(base / "previous")
    assert read(previous, siblings=("current",))[0].problems == ()
    tree(previous / "current", {"other.php": b"1", "things": b"2"})
    assert read(previous, siblings=("current",))[0].problems == ()
    shutil.rmtree(previous / "current")
    generation(previous / "current", current)
    (found,) = read(previous, siblings=("current",))
    assert (found.problems, found.detail) == (("tree.nested",), "current")
    tree(current / "current")  # the application itself has such a directory
    assert read(previous, siblings=("current",))[0].problems == ()


def test_an_empty_tree_is_a_fault(tmp_path, read):
    (tmp_path / "a/uploads").mkdir(parents=True)
    (found,) = read(tmp_path / "a")
    assert (found.problems, found.assurance) == (("tree.empty",), Assurance.PRESENT)


def test_a_tree_that_is_gone_or_no_directory_is_a_finding(tmp_path, read):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tree(tmp_path / "a"))
    gone, file, link = read(tmp_path / "none", tmp_path / "file", tmp_path / "link")
    assert gone.problems == ("file.vanished",)
    assert "file.vanished" in file.problems
    assert not link.sha256
    assert link.problems


def test_files_that_change_or_vanish_while_they_are_read_are_told_of(tmp_path, read):
    top = tree(tmp_path / "a", {"b": b"x" * 600_000, "c": b"y", "d/e": b"z"})

    def disturb(_size):
        (top / "b").write_bytes(b"x" * 700_000)
        shutil.rmtree(top / "d", ignore_errors=True)

    (found,) = read(top, progress=disturb)
    assert set(found.problems) == {"file.changed", "file.vanished"}
    assert (found.sha256, found.assurance) == ("", Assurance.PRESENT)
    assert read(top)[0].problems == ()


@pytest.mark.unprivileged
def test_what_may_not_be_read_is_unverified(tmp_path, read):
    top = tree(tmp_path / "a")
    (top / "lib/config.php").chmod(0)
    (top / "uploads").chmod(0)
    try:
        (found,) = read(top)
        assert (found.problems, found.sha256) == (("file.unreadable",), "")
    finally:
        (top / "uploads").chmod(0o755)


def test_odd_names_loops_pipes_and_holes_are_read(tmp_path, read):
    top = tree(tmp_path / "a", {b"caf\xe9\nnew".decode("utf-8", "surrogateescape"): b"1"})
    (top / "loop").symlink_to("..")
    os.mkfifo(top / "pipe")
    with (top / "sparse").open("wb") as file:
        file.truncate((4 << 30) + 1)
    (found,) = read(top)
    assert (found.problems, found.size) == ((), (4 << 30) + 2)
    rot(top / b"caf\xe9\nnew".decode("utf-8", "surrogateescape"))
    assert "caf\\xe9" in read(top)[0].detail


def test_what_is_expected_hostile_or_open_is_counted_as_in_an_archive(tmp_path, read):
    top = tree(tmp_path / "a", {**FILES, "lib/config.php": b"$password = 'hidden1';"})
    (top / "index.php").chmod(0o4755)
    (top / "out").symlink_to("/etc")
    os.mkfifo(top / "pipe")
    expect = Expect(paths=("uploads/*", "theme/*"), forbidden=("cache/*",))
    found = facts(read(top, expect=expect)[0])
    assert found.items() >= {
        "wanted.uploads/*": 1, "wanted.theme/*": 0, "unwanted.cache/*": 0,
        "setuid": 1, "special": 1, "links_outside": 1, "open_secrets": 1,
    }.items()  # fmt: skip
    assert "open_secrets" not in facts(read(top, is_open=False)[0])
    (top / "lib").chmod(0o750)
    assert "open_secrets" not in facts(read(top)[0])


def test_what_was_read_before_an_interrupt_is_not_read_again(tmp_path, read):
    top = tree(tmp_path / "a", {"1": b"x" * 10, "2": b"y" * 10, "3": b"z" * 10})

    def interrupt(_size):
        interrupt.left -= 1
        if not interrupt.left:
            raise KeyboardInterrupt

    interrupt.left = 3
    with pytest.raises(KeyboardInterrupt):
        read(top, progress=interrupt)
    assert facts(read(top)[0])["read"] == 10


def test_a_memory_that_is_not_one_is_one_sentence(tmp_path, read):
    (tmp_path / "trees.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(LedgerError, match="remove it"):
        read(tree(tmp_path / "a"))


def test_what_no_tree_holds_any_more_is_forgotten(tmp_path):
    top = tree(tmp_path / "a")
    path = tmp_path / "trees.sqlite"
    for _ in range(2):
        with Memory(path) as memory:
            verify_tree(
                Generation(top, "local", (), 0, "mtime"), memory, since_ms=0, now=datetime.now(UTC)
            )
            memory.forget("local")
            memory.forget("elsewhere")
            count = memory._db.execute("SELECT COUNT(*) FROM file").fetchone()[0]
        shutil.rmtree(top / "uploads", ignore_errors=True)
    assert count == 2
