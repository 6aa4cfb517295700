"""What trees take up, hard links considered: here, on a host, in a bucket, where nobody says."""

import os

import pytest

from nexoaudit.inventory.listing import list_here, list_there
from nexoaudit.locations.directory import Found
from nexoaudit.model.policy import Series
from nexoaudit.model.sighting import Grove, Sweep
from nexoaudit.rules.groves import doubled


def is_tree(path):
    return path in {"a/", "b/"}


class Listed:
    """A transport that only lists."""

    def __init__(self, *found):
        self.found = found

    def listing(self):
        return iter(self.found)


def file(path, size, inode=0, token=""):
    return Found(path, size, 1000, 1000, 0o600, 7 if inode else 0, inode, token)


def own(listing):
    return {path: tree.own for path, tree in listing.trees.items()}


def test_a_file_of_two_names_is_divided_among_them_here(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
    (tmp_path / "a/x").write_bytes(b"x" * 100)
    (tmp_path / "a/y").write_bytes(b"y" * 30)
    os.link(tmp_path / "a/x", tmp_path / "b/x")
    assert own(list_here(tmp_path, is_tree, 1 << 50)) == {"a/": 80, "b/": 50}


@pytest.mark.parametrize(
    ("inodes", "token", "expected"),
    [
        ((1, 2, 1), "", {"a/": 80, "b/": 50}),
        ((1, 2, 3), "", {"a/": 130, "b/": 100}),
        ((0, 0, 0), "etag", {"a/": 130, "b/": 100}),
        ((0, 0, 0), "", {"a/": 0, "b/": 0}),
    ],
    ids=["a host that keeps links", "one that does not", "a bucket", "one that does not say"],
)
def test_what_trees_take_up_elsewhere(inodes, token, expected):
    names = (("a/x", 100), ("a/y", 30), ("b/x", 100))
    found = [file(*named, inode, token) for named, inode in zip(names, inodes, strict=True)]
    assert own(list_there(Listed(*found), is_tree)) == expected


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        ((2, 200, 110), (2, 200, 200), True),
        ((2, 200, 110), (2, 200, 110), False),
        ((2, 200, 110), (2, 200, 0), False),
        ((2, 200, 0), (2, 200, 200), False),
        ((2, 200, 190), (2, 200, 200), False),
        ((2, 200, 110), (1, 100, 100), False),
    ],
    ids=["lost", "kept", "nobody says there", "nor here", "nothing to share", "one generation"],
)
def test_only_links_that_were_lost_are_told_of(build, here, there, told):
    series = Series("full", "tree/*/", ("local", "offsite"), 86400)
    sweeps = {
        name: Sweep(name, 1, "complete", groves=(Grove("database", "full", *figures),))
        for name, figures in (("local", here), ("offsite", there))
    }
    found = doubled(build.state(sweeps=sweeps), "database", series, "offsite")
    assert (found is not None) is told
