"""What the auditor asks of a location that lies elsewhere: a small protocol, one file each."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol

from nexoaudit.locations.directory import Found
from nexoaudit.model.store import Store
from nexoaudit.model.stored import Stored


class Transport(Protocol):
    """A way to one location. It reads only; every call is bounded in time.

    Whatever keeps a call from its answer is a LocationError with one of the reasons
    `location.unreachable`, `.timeout`, `.refused` (credentials), `.forbidden` (rights), `.missing`
    (no such bucket or directory), `.host_key`, `.clock`, `.region`, `.throttled`, `.cut`
    (connection lost half-way), `.unreadable`, and one sentence that says what to do.
    """

    def listing(self) -> Iterator[Found]:
        """Yield every file there, below the location's own path or prefix, in no special order.

        The listing is complete, or it raises: half a listing would make copies vanish.
        """

    def store(self, now: datetime) -> Store:
        """Return which place it is and how it keeps what it holds, as of `now` (aware)."""

    def stored(self, paths: Iterable[str]) -> Iterator[Stored]:
        """Yield for each path (as listed) what the location says of it, without its bytes.

        One file that is gone or refused is an outcome, not an exception.
        """

    def read(
        self, path: str, start: int = 0, length: int | None = None
    ) -> AbstractContextManager[BinaryIO]:
        """Open a file from byte `start` on, at most `length` bytes of it; None: to its end.

        A range beyond the end is empty. Reading raises LocationError when the way breaks.
        """

    def close(self) -> None:
        """End what is open; afterwards nothing else may be called."""
