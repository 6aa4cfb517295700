"""The digest of the files of a tree: what a host can be asked for that knows of nothing else."""

import hashlib
import os
from collections.abc import Iterable


class FilesDigest:
    """Takes the paths of a tree's files and the SHA-256 of each, in the order of `in_order`."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, path: str, sha256: bytes) -> None:
        """Take one file; bytes of its path that are not UTF-8 are surrogate-escaped."""
        name = os.fsencode(path)
        self._digest.update(b"%d %b %b" % (len(name), name, sha256))

    def hexdigest(self) -> str:
        """Return the digest of all that was taken; links, modes and times are not in it."""
        return self._digest.hexdigest()


def in_order(paths: Iterable[str]) -> list[str]:
    """Return paths in the order of a walk: directory by directory, each in order of name."""
    return sorted(paths, key=lambda path: path.split("/"))
