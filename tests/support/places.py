"""Backups at every kind of location: a directory, a real bucket, a real second host."""

import itertools
from pathlib import Path

from gnupg import Gnupg
from sshd import Sshd
from weed import S3Server

from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Location

KINDS = ("path", "s3", "ssh")


class Places:
    """Puts bytes where backups lie; each location opens what `gpg` encrypts."""

    def __init__(self, here: Path, seaweed: S3Server, sshd: Sshd, gpg: Gnupg) -> None:
        self.here = here
        self.seaweed, self.sshd, self.gpg = seaweed, sshd, gpg
        self.bucket = ""
        self._numbers = itertools.count()

    def location(self, kind: str) -> Location:
        """Return the location of a kind, opened by the passphrase."""
        if kind == "s3":
            self.bucket = self.bucket or self.seaweed.make_bucket()
            found = self.seaweed.location(self.bucket, access_key="AKPOLICY")
        elif kind == "ssh":
            found = self.sshd.location()
        else:
            found = Location("disk", str(self.here))
        return found._replace(passphrase_file=str(self.gpg.passphrase_file))

    def put(self, kind: str, data: bytes, name: str = "d.sql.gz", **fields: object) -> Copy:
        """Write `data` as a new file of a location and return the copy that it is."""
        path = f"{next(self._numbers)}/{name}"
        location = self.location(kind)
        if kind == "s3":
            self.seaweed.put(self.bucket, path, data)
        else:
            file = Path(location.path) / path
            file.parent.mkdir()
            file.write_bytes(data)
        size = len(data)
        copy = Copy(location.id, "database", "full", path, 0, "name", size, 0, True, 0)
        return copy._replace(**fields)  # type: ignore[arg-type]

    def seal(self, kind: str, data: bytes, name: str = "d.sql.gz") -> Copy:
        """Write `data`, encrypted, and return the copy."""
        return self.put(kind, self.gpg.seal(data), f"{name}.gpg", sealed="AES256 MDC")
