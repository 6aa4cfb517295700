"""A location that is a directory of a host, reached by the system's ssh."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO

from nexoaudit.locations import identity
from nexoaudit.locations.directory import Found
from nexoaudit.locations.remote import Remote
from nexoaudit.locations.sftp import Sftp
from nexoaudit.locations.sshclient import SshClient
from nexoaudit.model.location import Location
from nexoaudit.model.moments import millis
from nexoaudit.model.store import Store
from nexoaudit.model.stored import Stored


class SshTransport:
    """The `Transport` of a location of kind `ssh`.

    The connection is made by the first call and used by all others. Files may be read while a
    listing or digests are under way. Use it from one thread, which must live on.
    """

    def __init__(self, location: Location, *, deadline_s: float) -> None:
        """Prepare for `location`, which names a host; nothing is reached yet.

        `deadline_s` is how long each call may wait for the host altogether, in seconds: a listing
        until it is complete, digests until the last one, a read until its end. What the caller does
        between two values does not count.
        """
        if location.host is None:
            raise ValueError(f"location {location.id} has no host")
        self._location = location
        self._client = SshClient(location.host, deadline_s)
        self._way: Remote | Sftp
        if location.host.access == "sftp":
            self._way = Sftp(self._client, location.path)
        else:
            self._way = Remote(self._client, location.path)

    def listing(self) -> Iterator[Found]:
        """Yield every file there; see `Transport.listing`.

        Device and inode are those of the host. Over sftp both are 0, and ctime is mtime.
        """
        return self._way.listing()

    def store(self, now: datetime) -> Store:
        """Return which host it is; see `Transport.store`.

        The tokens: `hostkey:` (the key it proved to have), `address:` and `network:` of where ssh
        connected to (unless a proxy did), and where the forced command tells: its public
        addresses, `machine:` (its hashed machine-id) and `device:MACHINE/NUMBER`. A loopback
        address counts only where no machine is told: else it may be the near end of a tunnel.
        """
        peer = self._client.peer(self._client.patience())
        told = self._way.identity()
        known = any(token.startswith("machine:") for token in told)
        reached = identity.addresses(peer.address)
        if known and identity.is_loopback(peer.address):
            reached = ()
        key = (f"hostkey:{peer.fingerprint}",) if peer.fingerprint else ()
        return Store(
            self._location.id,
            millis(now),
            identity=tuple(sorted({*told, *reached, *key})),
            lax=self._client.lax(),
        )

    def stored(self, paths: Iterable[str]) -> Iterator[Stored]:
        """Yield what the host says of each file; see `Transport.stored`.

        By the forced command its size and SHA-256, in the order in which the host is done with
        them; over sftp its size. What was yielded before a LocationError is true.
        """
        return self._way.stored(paths)

    def read(
        self, path: str, start: int = 0, length: int | None = None
    ) -> AbstractContextManager[BinaryIO]:
        """Open a part of a file; see `Transport.read`."""
        return self._way.read(path, start, length)

    def close(self) -> None:
        """End the connection; see `Transport.close`."""
        self._way.close()
        self._client.close()
