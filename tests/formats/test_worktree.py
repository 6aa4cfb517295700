"""Working trees made by git itself, compared with their commits without running anything."""

import hashlib
import os
import subprocess

import pytest

from nexoaudit.errors import LocationError
from nexoaudit.formats.worktree import Differences, differences


@pytest.fixture
def tree(tmp_path):
    tree = tmp_path / "tree"
    git(tmp_path, "init", "-q", "tree")
    for name in ("index.php", "lib/a.php", "lib/b.php", "año.txt"):
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text(f"<?php // {name}\n")
    (tree / "link").symlink_to("lib/a.php")
    (tree / ".gitignore").write_text("cache/\n")
    git(tree, "add", ".")
    git(tree, "commit", "-q", "-m", "first")
    return tree


def git(where, *arguments):
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    subprocess.run(["git", *identity, "-C", str(where), *arguments], check=True, timeout=60)


def age(path):
    """Give a file another time than git saw, so that its content is what counts."""
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def test_a_tree_as_committed_has_no_differences(tree):
    assert differences(tree) == Differences(0, "", 0)
    for path in tree.rglob("*.php"):
        age(path)
    (tree / ".git" / "index").unlink()
    assert differences(tree).files == 0


def test_files_that_are_not_tracked_or_only_staged_away_do_not_matter(tree):
    (tree / "cache").mkdir()
    (tree / "cache" / "x").write_text("x")
    (tree / "uploaded.png").write_text("x")
    assert differences(tree).files == 0
    (tree / "index.php").chmod(0o755)
    assert differences(tree).files == 0


@pytest.mark.parametrize("staged", [False, True])
def test_an_uncommitted_change_is_found_and_dated(tree, staged):
    age(tree / "lib/b.php").write_text("<?php // patched in place\n")
    os.utime(tree / "lib/b.php", (1_750_000_000, 1_750_000_000))
    if staged:
        git(tree, "add", ".")
    assert differences(tree) == Differences(1, "lib/b.php", 1_750_000_000_000)


def test_a_change_of_the_same_size_and_date_is_found(tree):
    path = age(tree / "lib/a.php")
    git(tree, "status", "-s")  # git looks at it again, and remembers its new date
    old = path.read_text()
    path.write_text(old[:-2] + "!\n")
    assert len(path.read_text()) == len(old)
    assert differences(tree).first == "lib/a.php"


def test_deleted_files_and_other_links_are_differences(tree):
    (tree / "año.txt").unlink()
    (tree / "link").unlink()
    (tree / "link").symlink_to("/etc/passwd")
    assert differences(tree)[:2] == (2, "año.txt")


def test_line_ends_that_git_changes_make_no_difference(tree):
    path = tree / "index.php"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert differences(tree).files == 0


def test_what_lies_in_large_file_storage_is_compared_by_its_digest(tree):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 5\n"
    path = tree / "big.bin"
    path.write_text(pointer.format(hashlib.sha256(b"right").hexdigest()))
    git(tree, "add", ".")
    git(tree, "commit", "-q", "-m", "big")
    path.write_text("right")
    assert differences(tree).files == 0
    path.write_text("wrong")
    assert differences(tree).first == "big.bin"


def test_pipes_are_not_waited_for_and_programs_do_not_run(tree):
    ran = tree.parent / "ran"
    (tree / ".gitattributes").write_text("*.php filter=evil\n")
    git(tree, "config", "filter.evil.clean", f"touch {ran}")
    git(tree, "config", "filter.evil.smudge", f"touch {ran}")
    git(tree, "config", "core.fsmonitor", f"touch {ran}")
    (tree / "lib/a.php").unlink()
    os.mkfifo(tree / "lib/a.php")
    assert differences(tree)[:2] == (1, "lib/a.php")
    assert not ran.exists()


def test_a_damaged_index_costs_time_only(tree):
    (tree / ".git" / "index").write_bytes(b"DIRC" + bytes(100))
    assert differences(tree).files == 0


def test_a_damaged_repository_is_said_so(tree):
    for path in (tree / ".git" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"rot")
    with pytest.raises(LocationError, match="cannot be read"):
        differences(tree)
