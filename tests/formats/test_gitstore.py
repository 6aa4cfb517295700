"""Repositories made by git itself, read without it; programs in their configuration never run."""

import subprocess

import pytest

from nexoaudit.errors import LocationError
from nexoaudit.formats.gitstore import deployed_commit, holds


@pytest.fixture
def git(tmp_path):
    def git(*arguments, where=tmp_path):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        command = ["git", *identity, "-C", str(where), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    return git


@pytest.fixture
def site(git, tmp_path):
    """A bare repository and a working tree that was pushed to it."""
    git("init", "-q", "--bare", "store.git")
    git("clone", "-q", "store.git", "tree")
    tree = tmp_path / "tree"
    (tree / "index.php").write_text("<?php")
    git("add", ".", where=tree)
    git("commit", "-q", "-m", "first", where=tree)
    git("push", "-q", "origin", "HEAD", where=tree)
    return tmp_path


@pytest.mark.parametrize("packed", [False, True])
def test_a_pushed_commit_is_held(site, git, packed):
    tree, store = site / "tree", site / "store.git"
    if packed:
        git("gc", "-q", where=tree)
        git("gc", "-q", where=store)
    found = deployed_commit(tree)
    assert found.commit == git("rev-parse", "HEAD", where=tree)
    assert found.committed_ms == int(git("log", "-1", "--format=%ct", where=tree)) * 1000
    assert holds(store, found.commit)


def test_a_commit_that_was_not_pushed_is_not_held(site, git):
    tree = site / "tree"
    git("commit", "-q", "--allow-empty", "-m", "second", where=tree)
    assert not holds(site / "store.git", deployed_commit(tree).commit)


def test_programs_named_in_a_configuration_do_not_run(site, git):
    tree, store = site / "tree", site / "store.git"
    evil = site / "evil.sh"
    evil.write_text(f"#!/bin/sh\ntouch {site}/ran\n")
    evil.chmod(0o755)
    for where in (tree, store):
        for key, value in (
            ("log.showSignature", "true"),
            ("gpg.program", evil),
            ("core.fsmonitor", evil),
            ("core.pager", evil),
            ("remote.origin.promisor", "true"),
            ("remote.origin.uploadpack", evil),
        ):
            git("config", key, str(value), where=where)
    found = deployed_commit(tree)
    assert holds(store, found.commit)
    assert not holds(store, "0" * 40)
    git("config", "extensions.partialClone", "origin", where=store)
    with pytest.raises(LocationError, match="of an unknown form"):
        holds(store, found.commit)
    assert not (site / "ran").exists()


def test_what_is_no_repository_is_said_so(tmp_path, git):
    with pytest.raises(LocationError, match="is no git repository"):
        deployed_commit(tmp_path)
    git("init", "-q", "empty")
    with pytest.raises(LocationError, match="has no readable commit"):
        deployed_commit(tmp_path / "empty")
