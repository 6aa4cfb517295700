"""The test restore of a file archive: every byte is read, a sample is put on disk."""

import hashlib
import tempfile
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path

from nexoaudit.drill.extract import different, extract
from nexoaudit.drill.record import Progress, Record, StoppedError
from nexoaudit.drill.sample import Chosen, Sample
from nexoaudit.formats.archive import Archive, Member
from nexoaudit.formats.hostile import Hostility
from nexoaudit.formats.paths import Paths, normal
from nexoaudit.formats.stream import Stream
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Moment, Size, Span
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Expect
from nexoaudit.sandbox import private, space
from nexoaudit.sandbox.account import unprivileged

SAMPLE_BYTES = 64 << 20
"""How much of an archive is put on disk."""

_DAY_MS = 86_400_000
_STREAM = {
    "stream.empty": "drill.empty",
    "stream.nothing": "drill.empty",
    "stream.unsupported": "drill.unsupported",
    "stream.trailing_garbage": "drill.trailing_garbage",
    "tar.empty": "drill.no_members",
    "tar.no_end": "drill.no_end_marker",
    "tar.after_end": "drill.trailing_garbage",
}


def drill_files(
    archive: Path,
    copy: Copy,
    *,
    expect: Expect,
    rto_s: int,
    now: datetime,
    parent: Path | None = None,
    progress: Progress | None = None,
) -> Drill:
    """Read the file `archive`, the bytes of `copy`, to its end and restore a sample of it.

    The sample, `SAMPLE_BYTES` at most, goes to a private directory below `parent` (default: the
    system's directory for temporary files), written by an unprivileged user, compared, removed.
    `progress` is told how many more bytes of the file were read, and with 0 that work goes on.

    A bad archive or a missing tool is an outcome, never an error: `fail` with a reason code when
    the archive would not bring the files back, `unverified` when that could not be found out.
    """
    drill = _FilesDrill(expect, millis(now), progress)
    with suppress(StoppedError):
        drill.run(archive, parent)
    record = drill.record
    record.measures["rto_ms"] = Span(rto_s * 1000)
    record.note_duration(rto_s)
    return record.drill("files", copy, millis(now))


class _FilesDrill:
    """One test restore on its way."""

    def __init__(self, expect: Expect, now_ms: int, progress: Progress | None) -> None:
        self.record = Record(progress=progress)
        self._progress = progress
        self._latest_ms = now_ms + _DAY_MS
        self._wanted = Paths(expect.paths)
        self._forbidden = Paths(expect.forbidden)
        self._hostility = Hostility()
        self._sample = Sample(SAMPLE_BYTES)
        self._counts = {"files": 0, "bytes": 0, "newest_ms": 0}
        self._bad = {"hostile_member": 0, "link_outside": 0, "setuid_member": 0}

    def run(self, path: Path, parent: Path | None) -> None:
        """Do every step that can be done; the record has what came of it."""
        with self.record.step("read"), path.open("rb", buffering=0) as file:
            self._read(Stream(file, self._progress))
        chosen = self._sample.chosen()
        if not chosen:
            return
        with ExitStack() as stack:
            with self.record.step("restore"):
                private.sweep(parent)
                account = unprivileged()
                space.require(parent or Path(tempfile.gettempdir()), 2 * SAMPLE_BYTES)
                room = stack.enter_context(private.directory(account, parent))
                extract(path, chosen, room, account, self.record.beat)
            with self.record.step("check"):
                self._compare(room, chosen)

    def _read(self, stream: Stream) -> None:
        archive = Archive(stream)
        for member in archive:
            self._add(member, archive)
        stream.drain()
        self.record.sha256 = stream.sha256
        self._note(stream, archive)

    def _add(self, member: Member, archive: Archive) -> None:
        reason = self._hostility.reason(member)
        if reason == "device_member":
            reason = "hostile_member"  # uploads hold none
        if reason:
            self._bad[reason] += 1
            self.record.problem(f"drill.{reason}", f"{member.name} {member.link}".strip())
        self._wanted.add(member)
        self._forbidden.add(member)
        if self._counts["newest_ms"] < member.mtime_ms <= self._latest_ms:
            self._counts["newest_ms"] = member.mtime_ms
        if member.kind not in {"file", "sparse"}:
            return
        self._counts["files"] += 1
        self._counts["bytes"] += member.size
        digest, size = hashlib.sha256(), 0
        for piece in archive.content():
            digest.update(piece)
            size += len(piece)
        whole = member.kind == "file" and size == member.size
        if whole and reason != "hostile_member":
            self._sample.offer(Chosen(normal(member.name), member.size, digest.hexdigest()))

    def _note(self, stream: Stream, archive: Archive) -> None:
        """Note what was wrong with the archive as a whole and with what it holds."""
        record = self.record
        for problem in stream.problems:
            record.problem(_STREAM.get(problem, "drill.unreadable"), stream.detail)
        for problem in archive.problems if not stream.problems or stream.complete else ():
            record.problem(_STREAM.get(problem, "drill.unreadable"), archive.detail)
        if archive.members and not self._counts["files"]:
            record.problem("drill.no_files", f"{archive.members} members, none of them a file")
        if missing := self._wanted.missing():
            record.problem("drill.path_missing", ", ".join(missing))
        if forbidden := self._forbidden.found():
            record.problem("drill.forbidden_path", ", ".join(forbidden.values()))
        record.measures |= {
            "members": archive.members,
            "files": self._counts["files"],
            "bytes": Size(self._counts["bytes"]),
            "hostile": self._bad["hostile_member"],
            "links_outside": self._bad["link_outside"],
            "setuid": self._bad["setuid_member"],
        }
        if self._counts["newest_ms"]:
            record.measures["newest_ms"] = Moment(self._counts["newest_ms"])

    def _compare(self, room: Path, chosen: dict[str, Chosen]) -> None:
        wrong = list(different(room, chosen))
        if wrong:
            self.record.problem("drill.sample_differs", ", ".join(wrong))
        self.record.measures |= {
            "sampled_files": len(chosen),
            "sampled_bytes": Size(sum(member.size for member in chosen.values())),
        }
