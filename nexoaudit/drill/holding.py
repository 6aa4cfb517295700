"""What a drill reads files from: an archive, or a tree, member by member, from begin to end."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from nexoaudit.drill.record import Progress
from nexoaudit.formats.archive import Archive, Member
from nexoaudit.formats.stream import Stream


class Holding(Protocol):
    """Files that were backed up together, read once."""

    problems: tuple[str, ...]
    """After the last member: codes of what is wrong with it as a whole."""
    detail: str
    sha256: str
    """After the last member: the digest of the copy."""

    def __iter__(self) -> Iterator[Member]:
        """Yield the members in order; OSError passes through."""
        ...

    def content(self) -> Iterator[bytes]:
        """Yield the content of the member just got, in pieces."""
        ...

    def known(self) -> bytes | None:
        """Return the SHA-256 that the member just got had when it was last verified, untouched."""
        ...


Opener = Callable[[Progress | None], AbstractContextManager[Holding]]
"""Opens the same holding, as often as it is called; the progress is told how much was read."""


class Packed:
    """The members of an archive."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._archive = Archive(stream)
        self.problems: tuple[str, ...] = ()
        self.detail = ""
        self.sha256 = ""

    def __iter__(self) -> Iterator[Member]:
        """Yield the members, and read on to the end of the file."""
        yield from self._archive
        stream, archive = self._stream, self._archive
        stream.drain()
        self.sha256 = stream.sha256
        inside = archive.problems if not stream.problems or stream.complete else ()
        self.problems = (*stream.problems, *inside)
        self.detail = stream.detail or archive.detail

    def content(self) -> Iterator[bytes]:
        """Yield the content of the member just got."""
        return self._archive.content()

    def known(self) -> bytes | None:
        """Return None: an archive is verified as one file."""
        return None


def archive_at(path: Path) -> Opener:
    """Return what opens the archive that is the file `path`."""

    @contextmanager
    def opened(progress: Progress | None) -> Iterator[Holding]:
        with path.open("rb", buffering=0) as file:
            yield Packed(Stream(file, progress))

    return opened
