"""What lies at a location: its files, and its trees as one thing each."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from nexoaudit.locations.directory import Found, list_directory, locate
from nexoaudit.locations.transport import Transport
from nexoaudit.locations.tree import survey


class Tree(NamedTuple):
    """What the listing of one tree adds up to."""

    files: int
    size: int
    newest_ms: int
    """The newest time of modification of anything in it."""
    built_ms: int = 0
    """When its directories were made; 0: nobody says."""
    stirred_ms: int = 0
    """The newest time of change of its files; 0: nobody says."""
    listing_sha256: str = ""
    own: int = 0
    """Bytes, those of each file divided by the number of its names; 0: nobody says."""


class Listing(NamedTuple):
    """Everything at a location."""

    found: list[Found]
    trees: dict[str, Tree | None]
    """By path; None for one that changed while it was listed."""
    device: int = 0

    @property
    def files(self) -> int:
        """Regular files, those in trees included."""
        alone = len(self.found) - len(self.trees)
        return alone + sum(tree.files for tree in self.trees.values() if tree is not None)


def list_here(root: Path, is_tree: Callable[[str], bool], latest_ms: int) -> Listing:
    """List a directory of this machine; times later than `latest_ms` say nothing of a tree's age.

    Raise LocationError when any part of it cannot be listed.
    """
    found: list[Found] = []
    trees: dict[str, Tree | None] = {}
    for item in list_directory(root, is_tree):
        if not item.path.endswith("/"):
            found.append(item)
            continue
        seen = survey(locate(root, item.path), latest_ms)
        tree = None
        if seen is not None:
            tree = Tree(
                seen.files,
                seen.size,
                seen.newest_ms,
                seen.built_ms,
                seen.stirred_ms,
                seen.listing_sha256,
                seen.own,
            )
        trees[item.path] = tree
        size, newest_ms = (tree.size, tree.newest_ms) if tree else (0, 0)
        found.append(item._replace(size=size, mtime_ms=newest_ms))
    return Listing(found, trees, root.stat().st_dev)


def list_there(transport: Transport, is_tree: Callable[[str], bool]) -> Listing:
    """List a location elsewhere; a store knows no directories, so that trees are put together.

    Raise LocationError when the listing is not complete.
    """
    alone: list[Found] = []
    inside: dict[str, list[Found]] = {}
    for item in transport.listing():
        top = next((folder for folder in folders_above(item.path) if is_tree(folder)), None)
        if top is None:
            alone.append(item)
        else:
            inside.setdefault(top, []).append(item)
    names = Counter((file.device, file.inode) for files in inside.values() for file in files)
    trees = {top: tree_of(files)._replace(own=_own(files, names)) for top, files in inside.items()}
    tops = [_as_found(top, tree) for top, tree in trees.items()]
    return Listing(alone + tops, dict(trees))


def folders_above(path: str) -> Iterator[str]:
    """Yield the directories above a file, outermost first, each with a slash at its end."""
    parts = path.split("/")[:-1]
    return ("/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1))


def tree_of(files: list[Found]) -> Tree:
    """Return what the files of one tree at a location elsewhere add up to, in whatever order."""
    digest = hashlib.sha256()
    for file in sorted(files):
        line = f"{file.size} {file.mtime_ms} {file.token} {file.path}\0"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return Tree(
        len(files),
        sum(file.size for file in files),
        max(file.mtime_ms for file in files),
        listing_sha256=digest.hexdigest(),
    )


def _own(files: list[Found], names: Mapping[tuple[int, int], int]) -> int:
    """Return what the files of a tree take up; an object shares nothing with another one."""
    if any(not file.inode and not file.token for file in files):
        return 0
    return sum(file.size // (names[file.device, file.inode] if file.inode else 1) for file in files)


def _as_found(top: str, tree: Tree) -> Found:
    return Found(top, tree.size, tree.newest_ms, 0, 0, 0, 0)
