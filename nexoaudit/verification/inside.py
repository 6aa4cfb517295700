"""What one read of a copy's content finds, however the content came to be read."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.formats.stream import Stream
from nexoaudit.model.dating import local_ms, moment_problems
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Expect
from nexoaudit.verification.manifest import Manifest
from nexoaudit.verification.members import Members
from nexoaudit.verification.structure import Structure, read_structure


class About(NamedTuple):
    """What is known of a recovery point before it is read."""

    kind: str
    """The component's kind, which says what the content must be: of `database` an SQL dump, of
    `binlog` a binary log, of all others a tar archive."""
    point_ms: int
    time_source: str
    """Where that moment is from: `name`, `mtime` and so on."""
    zone: ZoneInfo
    """That of the clock that wrote a dump's trailer."""
    now: datetime
    """Aware."""
    expect: Expect = Expect()
    """Paths that it names are counted in an archive."""


class Inside(NamedTuple):
    """The content of a copy, read to its end."""

    sha256: str
    """Of all that was read: compressed, where it is."""
    raw_size: int
    """Bytes after decompression."""
    whole: bool
    """The content is complete and its structure closed."""
    damage: tuple[str, ...]
    """Problems of the bytes."""
    problems: tuple[str, ...]
    """Problems of what the bytes say; none where they are damaged, being its consequence."""
    times: tuple[str, ...]
    """Problems of the moments."""
    content_ms: int
    manifest: Manifest
    detail: str


def read_inside(stream: Stream, about: About, members: Members | None = None) -> Inside:
    """Read all of `stream` and return what is inside; what its `read` raises passes through.

    The members of an archive pass by `members`, if it is given.
    """
    now_ms = millis(about.now)
    structure = read_structure(stream, about.kind, now_ms, about.expect, members)
    content_ms = _content_ms(structure, about)
    return Inside(
        sha256=stream.sha256,
        raw_size=stream.raw_size,
        whole=stream.complete and structure.closed,
        damage=stream.problems,
        problems=structure.problems if stream.complete else (),
        times=moment_problems(
            kind=about.kind,
            point_ms=about.point_ms,
            time_source=about.time_source,
            content_ms=content_ms,
            now_ms=now_ms,
        ),
        content_ms=content_ms,
        manifest=structure.manifest,
        detail=stream.detail or structure.detail,
    )


def _content_ms(structure: Structure, about: About) -> int:
    if structure.local is not None:
        return local_ms(structure.local, about.zone, about.point_ms)
    return structure.moment_ms
