"""What the content of a copy is, read as the kind of its component says."""

from datetime import datetime
from typing import NamedTuple

from nexoaudit.formats import binlog, dump
from nexoaudit.formats.archive import Archive
from nexoaudit.formats.scanner import scan
from nexoaudit.formats.stream import Stream
from nexoaudit.model.policy import Expect
from nexoaudit.verification.contents import Contents
from nexoaudit.verification.manifest import Manifest, binlog_manifest, dump_manifest
from nexoaudit.verification.members import NOT_COMPARED, Members
from nexoaudit.verification.text import Text

_TOLERATED = {
    "dump.left_out",
    "dump.no_tables",
    "dump.placeholder_views",
    "dump.two_headers",
    "tar.after_end",
    "tar.empty",
}
"""Problems of a structure that is closed none the less."""


class Structure(NamedTuple):
    """The result of reading content to its end."""

    problems: tuple[str, ...]
    detail: str
    manifest: Manifest
    local: datetime | None = None
    """The wall-clock time of a dump's trailer, without zone."""
    moment_ms: int = 0
    """The newest moment in content that knows UTC: a member's, an event's; 0 for none."""

    @property
    def closed(self) -> bool:
        """True when the structure is whole, from its beginning to its end marker."""
        return _TOLERATED.issuperset(self.problems)


def read_structure(
    stream: Stream, kind: str, now_ms: int, expect: Expect, members: Members | None = None
) -> Structure:
    """Read all of `stream` as content of a component of that kind, of which policy expects that.

    Moments of archive members later than a day after `now_ms` say nothing of the archive's age.
    Those of an archive pass by `members`, if it is given.
    """
    members = members or Members(NOT_COMPARED, 0)
    reader = {"database": _dump, "binlog": _binlog}.get(kind)
    structure = reader(stream) if reader else _archive(stream, now_ms, expect, members)
    stream.drain()
    return structure


def _dump(stream: Stream) -> Structure:
    text = Text()
    found = scan(text.passing(stream))
    ends = () if stream.blockwise else stream.boundaries
    problems = dump.problems(found, ends)
    return Structure(problems, "", dump_manifest(found, text.facts()), local=found.completed)


def _binlog(stream: Stream) -> Structure:
    found = binlog.walk(stream)
    problems = (found.problem,) if found.problem else ()
    return Structure(problems, found.detail, binlog_manifest(found), moment_ms=found.last_ms)


def _archive(stream: Stream, now_ms: int, expect: Expect, members: Members) -> Structure:
    archive = Archive(stream)
    contents = Contents(now_ms, expect)
    for member in archive:
        content = members.passing(member, archive.content())
        contents.add(member, content)
        for _ in content:
            pass
    return Structure(
        archive.problems, archive.detail, contents.manifest(), moment_ms=contents.newest_ms
    )
