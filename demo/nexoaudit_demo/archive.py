"""Archives and digests as GNU tar, gzip and sha256sum make them."""

import hashlib
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from isal import isal_zlib

_BLOCK = 1 << 20
_GZIP = 31
"""Window bits that stand for a gzip header and trailer."""


class Member(NamedTuple):
    """One entry of an archive."""

    name: str
    """Without a leading slash, which GNU tar strips."""
    path: Path
    group: "Owner | None" = None
    """Whose group it is; None: of the archive's owner."""


class Owner(NamedTuple):
    """Whom the entries of an archive belong to."""

    number: int
    name: str


WEB = Owner(33, "www-data")
ROOT = Owner(0, "root")


def tree(directory: Path, name: str, skip: Callable[[str], bool]) -> Iterator[Member]:
    """Yield `directory` as `name`, then all that is below it, but for the paths to `skip`.

    `skip` is asked with the path relative to `directory`.
    """
    yield Member(name, directory)
    yield from _below(directory, name, "", skip)


def _below(
    directory: Path, name: str, relative: str, skip: Callable[[str], bool]
) -> Iterator[Member]:
    for path in sorted(directory.iterdir()):
        inside = relative + path.name
        if skip(inside):
            continue
        yield Member(f"{name}/{inside}", path)
        if path.is_dir() and not path.is_symlink():
            yield from _below(path, name, inside + "/", skip)


def tar_gz(path: Path, members: Iterable[Member], owner: Owner) -> None:
    """Write a .tar.gz of `members` as they are now (modes, times, links), all of one `owner`."""
    with tempfile.TemporaryFile() as plain:
        with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for member in members:
                _add(archive, member, owner)
        plain.seek(0)
        gzip(plain, path)


def gzip(plain: IO[bytes], path: Path) -> None:
    """Write what `gzip` makes of the rest of `plain` to `path`."""
    packer = isal_zlib.compressobj(1, isal_zlib.DEFLATED, _GZIP)
    with path.open("wb") as packed:
        while block := plain.read(_BLOCK):
            packed.write(packer.compress(block))
        packed.write(packer.flush())


def _add(archive: tarfile.TarFile, member: Member, owner: Owner) -> None:
    found = member.path.lstat()
    info = tarfile.TarInfo(member.name)
    info.mode, info.mtime = found.st_mode & 0o7777, int(found.st_mtime)
    group = member.group or owner
    info.uid, info.gid = owner.number, group.number
    info.uname, info.gname = owner.name, group.name
    if member.path.is_dir():
        info.type = tarfile.DIRTYPE
        archive.addfile(info)
        return
    info.size = found.st_size
    with member.path.open("rb") as content:
        archive.addfile(info, content)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sidecar(path: Path) -> Path:
    """Return where the jobs put the digest of `path`."""
    return path.with_name(path.name + ".sha256")


def line(path: Path, name: str) -> str:
    """Return what `sha256sum NAME` prints for the file `path`."""
    return f"{digest(path)}  {name}\n"
