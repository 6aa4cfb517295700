"""The digest of a tree: of its paths and what is at each, wherever it lies."""

import hashlib
import os
import stat

_KINDS = {
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
    stat.S_IFBLK: "device",
    stat.S_IFCHR: "device",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
}


def kind_of(mode: int) -> str:
    """Return what a thing of that `st_mode` is called: as the members of archives are."""
    return _KINDS.get(stat.S_IFMT(mode), "file")


class TreeDigest:
    """Takes everything below the top of a tree, in the order of a walk.

    Owners, modes and times are not in it: a faithful mirror has the same digest.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, kind: str, path: str, content: bytes) -> None:
        """Take one thing; `content` is the SHA-256 of a file, or what a symbolic link points to.

        Of anything else it is empty. Bytes of a path that are not UTF-8 are surrogate-escaped.
        """
        name = os.fsencode(path)
        self._digest.update(
            b"%s %d %b %d %b" % (kind[:2].encode(), len(name), name, len(content), content)
        )

    def hexdigest(self) -> str:
        """Return the digest of all that was taken."""
        return self._digest.hexdigest()
