"""The bytes of one copy as they lie at its location: in a directory, a bucket or at a host."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nexoaudit.drill.record import SourceError
from nexoaudit.errors import LocationError, SecretError
from nexoaudit.formats.ahead import Ahead
from nexoaudit.formats.stream import Readable
from nexoaudit.locations.directory import locate
from nexoaudit.locations.open import open_transport
from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Location
from nexoaudit.sandbox.watch import OverdueError


class Raw(Ahead):
    """The bytes, counted on their way; all must come within `deadline_s` seconds.

    Reading raises OverdueError when they do not, and what the location raises.
    """

    def __init__(self, file: Readable, deadline_s: float) -> None:
        self._file = file
        self._until = time.monotonic() + deadline_s
        self.taken = 0
        """Bytes that were read so far."""

    def _take(self, size: int) -> bytes:
        if time.monotonic() > self._until:
            raise OverdueError(f"stopped after {self.taken} bytes, which took too long to fetch")
        block = self._file.read(size) or b""
        self.taken += len(block)
        return block


@contextmanager
def opened(location: Location, copy: Copy, deadline_s: float) -> Iterator[Readable]:
    """Open the bytes of `copy`, which lies at `location`; each answer may take `deadline_s`.

    Raise SourceError for a tree, LocationError and SecretError for a way that cannot be gone;
    OSError of a directory's files passes through.
    """
    if copy.path.endswith("/"):
        raise SourceError("drill.unsupported", "it is a tree, which is not one file")
    if not location.remote:
        with locate(Path(location.path), copy.path).open("rb", buffering=0) as file:
            yield file
        return
    with (
        open_transport(location, deadline_s=deadline_s) as transport,
        transport.read(copy.path) as remote,
    ):
        yield remote


@contextmanager
def translated() -> Iterator[None]:
    """Raise what keeps a location from being read as what that means for a drill.

    That is a SourceError: `drill.archived` for what must be restored from an archive first,
    `drill.unreachable` for all else.
    """
    try:
        yield
    except LocationError as error:
        archived = error.reason == "location.archived"
        reason = "drill.archived" if archived else "drill.unreachable"
        raise SourceError(reason, str(error)) from error
    except SecretError as error:
        raise SourceError("drill.unreachable", str(error)) from error
