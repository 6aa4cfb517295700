"""The copies that one job has made, at both locations, for whoever breaks them."""

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from nexoaudit.errors import DemoError
from nexoaudit_demo import archive, disk
from nexoaudit_demo.places import Places

_LEAST = 5


class Held(NamedTuple):
    """The copies of one directory of a site, newest ones last."""

    places: Places
    now: int
    """The site's last moment, in epoch seconds."""
    directory: str = "database"
    pattern: str = "nexosupport_db_*.sql.gz"

    def of(self, directory: str, pattern: str = "*.tar.gz") -> "Held":
        """Return what another job has made."""
        return self._replace(directory=directory, pattern=pattern)

    def names(self) -> list[str]:
        """Return the names of the local copies, oldest first; raise DemoError for fewer than 5."""
        found = sorted(path.name for path in self._local().glob(self.pattern))
        if len(found) < _LEAST:
            raise DemoError(f"{self._local()} has too few copies to plant this: build a site first")
        return found

    def newest(self) -> str:
        """Return the name of the newest copy."""
        return self.names()[-1]

    def middle(self) -> str:
        """Return the name of a copy amid the others."""
        return self.names()[len(self.names()) // 2]

    def at_all(self, name: str) -> list[Path]:
        """Return the copies of that name: the local one first, then the off-site one, if any."""
        return [path for path in (self.local(name), self.offsite(name)) if path.exists()]

    def local(self, name: str) -> Path:
        """Return the local copy of that name."""
        return self._local() / name

    def offsite(self, name: str) -> Path:
        """Return the off-site copy of that name, which may not be there yet."""
        return self.places.offsite / self.directory / name

    def remake(self, name: str, data: bytes) -> None:
        """Let a copy hold `data` everywhere, with the digest that the job would have written."""
        for path in self.at_all(name):
            rewrite(path, data)
            state(path, hashlib.sha256(data).hexdigest())

    def text(self, name: str) -> bytes:
        """Return what a dump says."""
        return gzip.decompress(self.local(name).read_bytes())

    def reword(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """Let a dump say something else everywhere, as if the job had written it so.

        Raise DemoError when the dump has nothing that could be changed so.
        """
        before = self.text(name)
        after = change(before)
        if after == before:
            raise DemoError(f"{name} has nothing to plant this in: build the site anew")
        self.remake(name, gzip.compress(after, 1, mtime=0))

    def drop(self, name: str) -> None:
        """Delete a copy and its digest everywhere."""
        for path in self.at_all(name):
            made = int(path.stat().st_mtime)
            disk.remove(archive.sidecar(path), made)
            disk.remove(path, made)

    def _local(self) -> Path:
        return self.places.backups / self.directory


def rewrite(path: Path, data: bytes) -> None:
    """Replace the content of `path`; its times stay."""
    found = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def state(path: Path, digest: str, named: str | None = None) -> None:
    """Let the sidecar of `path` state a digest, of the file it named before or of `named`."""
    beside = archive.sidecar(path)
    before = beside.read_text("utf-8").rstrip("\n").partition("  ")[2]
    rewrite(beside, f"{digest}  {named or before}\n".encode())


def flip(path: Path) -> None:
    """Flip one bit in the middle of `path`; its times stay."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    rewrite(path, bytes(data))
