"""What a git repository holds, read from its files alone.

The trees we look into belong to others, and git itself runs programs that a repository's own
configuration names (signature checks, remotes, filters). dulwich reads the objects and runs none.
"""

import zlib
from pathlib import Path
from typing import NamedTuple

from dulwich.errors import ChecksumMismatch, FileFormatException, NotGitRepository
from dulwich.objects import Commit, ObjectID
from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion

from nexoaudit.errors import LocationError

UNREADABLE = (
    AssertionError,
    ChecksumMismatch,
    FileFormatException,
    KeyError,
    OSError,
    TypeError,
    ValueError,
    zlib.error,
)
"""What dulwich raises when the bytes of a repository are not as they should be."""


class Deployed(NamedTuple):
    """The commit a working tree is at."""

    commit: str
    """Hex digest."""
    committed_ms: int
    """When it was committed, UTC."""


def deployed_commit(tree: Path) -> Deployed:
    """Return the commit that the working tree at `tree` is at.

    Raise LocationError when it is no repository, or has no commit that can be read.
    """
    with open_repository(tree) as repo:
        try:
            head = repo.head()
            found = repo[head]
        except UNREADABLE as error:
            raise LocationError("location.unreadable", f"{tree} has no readable commit") from error
        if not isinstance(found, Commit):
            raise LocationError("location.unreadable", f"the HEAD of {tree} is no commit")
        return Deployed(head.decode("ascii"), int(found.commit_time) * 1000)


def holds(repository: Path, commit: str) -> bool:
    """Return whether `repository` holds that commit; raise LocationError when it is none."""
    with open_repository(repository) as repo:
        try:
            return ObjectID(commit.encode("ascii")) in repo.object_store
        except UNREADABLE as error:
            raise LocationError("location.unreadable", f"{repository} cannot be read") from error


def open_repository(path: Path) -> Repo:
    """Return the repository at `path`; raise LocationError when there is none that can be read."""
    try:
        return Repo(str(path))
    except (UnsupportedExtension, UnsupportedVersion) as error:
        said = f"{path} is a git repository of an unknown form: {error}"
        raise LocationError("location.unreadable", said) from error
    except (NotGitRepository, OSError, ValueError) as error:
        raise LocationError("location.missing", f"{path} is no git repository") from error
