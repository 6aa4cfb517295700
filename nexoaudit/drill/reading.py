"""Everything that a backup of files holds, read once from its begin to its end."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from nexoaudit.drill.folders import Folders
from nexoaudit.drill.holding import Holding
from nexoaudit.drill.index import Index
from nexoaudit.drill.record import Record
from nexoaudit.drill.rights import Rights, few
from nexoaudit.drill.sample import Chosen, Sample
from nexoaudit.formats.archive import Member
from nexoaudit.formats.confidential import MAX_READ
from nexoaudit.formats.hostile import Hostility
from nexoaudit.formats.paths import Paths, normal
from nexoaudit.model.fact import Moment, Size
from nexoaudit.model.policy import Expect

_DAY_MS = 86_400_000
_PROBLEMS = {
    "stream.empty": "drill.empty",
    "stream.nothing": "drill.empty",
    "stream.unsupported": "drill.unsupported",
    "stream.trailing_garbage": "drill.trailing_garbage",
    "tar.empty": "drill.no_members",
    "tar.no_end": "drill.no_end_marker",
    "tar.after_end": "drill.trailing_garbage",
    "tree.no_members": "drill.no_members",
    "tree.refused": "drill.no_access",
    "tree.vanished": "drill.in_motion",
}
"""Every other problem of a holding means that it cannot be read."""
_HARMLESS = {"stream.trailing_garbage", "tar.after_end"}


class Verified(NamedTuple):
    """What the verification of these very bytes found."""

    sha256: str = ""
    """Empty: they were not verified, or are encrypted."""
    files: int = -1
    """-1: unknown."""
    bytes: int = -1


class Wanted(NamedTuple):
    """What must come back of files."""

    expect: Expect = Expect()
    verified: Verified = Verified()
    web_user: str = "www-data"
    only_code: bool = False
    """It is a configuration: the web server need not read all of it."""


class Reading:
    """Reads a holding and keeps what a restore is to be compared with."""

    def __init__(self, wanted: Wanted, sample_bytes: int, now_ms: int) -> None:
        self._latest_ms = now_ms + _DAY_MS
        self._verified = wanted.verified
        self._wanted = Paths(wanted.expect.paths)
        self._forbidden = Paths(wanted.expect.forbidden)
        self._hostility = Hostility()
        self._rights = Rights(wanted.web_user, only_code=wanted.only_code)
        self._sample = Sample(sample_bytes)
        self._bad = {"hostile_member": 0, "link_outside": 0, "setuid_member": 0}
        self._altered: list[str] = []
        self._folders = Folders(deep=wanted.only_code)
        self._newest_ms = 0
        self.index = Index()
        self.members = 0
        self.files = 0
        self.bytes = 0
        self.sparse = 0
        """Files with holes: they are read, and not restored."""
        self.broken = False
        """It could not be read to its end."""

    @property
    def top(self) -> str:
        """The directory that everything lies in; empty when there is none."""
        return self._wanted.top

    def chosen(self) -> dict[str, Chosen]:
        """Return the sample, by path."""
        return self._sample.chosen()

    def read(self, holding: Holding, record: Record) -> None:
        """Read it all, and note what is wrong with it; OSError passes through."""
        for member in holding:
            self.members += 1
            self._add(member, holding, record)
        self.index.settle()
        self._note(holding, record)

    def _add(self, member: Member, holding: Holding, record: Record) -> None:
        reason = self._hostility.reason(member)
        if reason == "device_member":
            reason = "hostile_member"  # neither uploads nor configurations hold any
        if reason:
            self._bad[reason] += 1
            record.problem(f"drill.{reason}", f"{member.name} {member.link}".strip())
        self._wanted.add(member)
        self._forbidden.add(member)
        if self._newest_ms < member.mtime_ms <= self._latest_ms:
            self._newest_ms = member.mtime_ms
        if member.kind not in {"file", "sparse"}:
            self._rights.add(member, ())
            return
        self.files += 1
        self._folders.add(normal(member.name))
        self.bytes += member.size
        digest, size, begin = hashlib.sha256(), 0, b""
        for piece in holding.content():
            digest.update(piece)
            size += len(piece)
            if member.size <= MAX_READ:
                begin += piece
        self._rights.add(member, (begin,))
        self.sparse += member.kind == "sparse"
        if member.kind == "file" and size == member.size:
            self._keep(member, digest.digest(), holding, hostile=reason == "hostile_member")

    def _keep(self, member: Member, digest: bytes, holding: Holding, *, hostile: bool) -> None:
        path = normal(member.name)
        known = holding.known()
        if known is not None and known != digest:
            self._altered.append(path)
        if not hostile:
            self.index.add(path, member.size, member.mtime_ms, digest)
            self._sample.offer(Chosen(path, member.size, digest.hex()))

    def _note(self, holding: Holding, record: Record) -> None:
        """Note what was wrong with it as a whole and with what it holds."""
        self.broken = not _HARMLESS.issuperset(holding.problems)
        for problem in holding.problems:
            record.problem(_PROBLEMS.get(problem, "drill.unreadable"), holding.detail)
        if self.members and not self.files:
            record.problem("drill.no_files", f"{self.members} members, none of them a file")
        if missing := self._wanted.missing():
            record.problem("drill.path_missing", ", ".join(missing))
        if forbidden := self._forbidden.found():
            record.problem("drill.forbidden_path", ", ".join(forbidden.values()))
        if other := few(self._altered) or ", ".join(self._unlike_verified(holding)):
            record.problem("drill.differs", other)
        self._rights.note(record)
        record.measures |= {
            "members": self.members,
            "files": self.files,
            "bytes": Size(self.bytes),
            "hostile": self._bad["hostile_member"],
            "links_outside": self._bad["link_outside"],
            "setuid": self._bad["setuid_member"],
            **self._folders.measures(self.top),
        }
        if self._newest_ms:
            record.measures["newest_ms"] = Moment(self._newest_ms)

    def _unlike_verified(self, holding: Holding) -> Iterator[str]:
        """Yield in what an archive is not what its verification read."""
        verified = self._verified
        if not verified.sha256 or not holding.sha256:
            return
        if verified.sha256 != holding.sha256:
            yield f"it has the digest {holding.sha256[:16]}..., verified was another one"
        elif verified.files not in {-1, self.files}:
            yield f"{self.files} files, {verified.files} when it was verified"
        elif verified.bytes not in {-1, self.bytes}:
            yield f"{self.bytes} bytes, {verified.bytes} when it was verified"
