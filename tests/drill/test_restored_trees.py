"""Test restores of hard-linked trees."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nexoaudit.drill.files import Task
from nexoaudit.drill.reading import Wanted
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Expect

Restore = Callable[..., Drill]


def found(drill: Drill) -> dict[str, Any]:
    return dict(drill.measures)


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
