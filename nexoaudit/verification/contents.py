"""What the members of an archive add up to."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nexoaudit.formats.archive import Member
from nexoaudit.formats.confidential import content_of_interest, is_key_file, is_open_secret
from nexoaudit.formats.hostile import Hostility
from nexoaudit.formats.paths import Paths, normal
from nexoaudit.model.fact import Fact, Moment, Size
from nexoaudit.model.manifest import DIGEST, OTHERS, unwanted, wanted
from nexoaudit.model.policy import Component, Expect
from nexoaudit.verification.manifest import NAME_LENGTH, Manifest, manifest, safe

MAX_FOLDERS = 200
"""Top-level names that are counted one by one; what comes after them is counted together."""
MAX_DIGESTS = 200
"""Certificates and keys whose digests are kept; how many more there are is counted."""
EXCLUDED = frozenset({"cache", "logs", "sessions", "temp", "tmp", "vendor"})
"""Directories that jobs leave out at the top: deeper down, data may have such a name too."""
NO_ARCHIVES = frozenset({"database", "binlog"})
"""Kinds of component whose copies are not archives."""
_BAD = {
    "hostile_member": "hostile",
    "device_member": "special",
    "link_outside": "links_outside",
    "setuid_member": "setuid",
}
_DAY_MS = 86_400_000


class _Some(NamedTuple):
    """Some members: how many, and the first."""

    members: int
    first: str


class Contents:
    """Counts what an archive holds, without keeping its members."""

    def __init__(self, now_ms: int, expect: Expect) -> None:
        self._latest = now_ms + _DAY_MS
        self._kinds: dict[str, int] = {}
        self._bytes = 0
        self._folders: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self._nested: tuple[dict[str, _Some], dict[str, _Some]] = ({}, {})
        self._wanted = Paths(expect.paths)
        self._unwanted = Paths(_unwelcome(expect))
        self._hostility = Hostility()
        self._bad: dict[str, _Some] = {}
        self._digests: dict[str, str] = {}
        self._undigested = 0
        self.newest_ms = 0
        """The newest member's time, those of the far future left out."""

    def add(self, member: Member, content: Iterable[bytes]) -> None:
        """Count one member; of its `content` only that of a likely secret is read."""
        self._kinds[member.kind] = self._kinds.get(member.kind, 0) + 1
        self._bytes += member.size
        self._wanted.add(member)
        self._unwanted.add(member)
        if self.newest_ms < member.mtime_ms <= self._latest:
            self.newest_ms = member.mtime_ms
        if reason := self._hostility.reason(member):
            _note(self._bad, _BAD[reason], member.name)
        data = content_of_interest(member, content)
        if data and is_key_file(member):
            self._keep_digest(normal(member.name), data)
        if is_open_secret(member, data):
            _note(self._bad, "open_secrets", member.name)
        if member.kind != "directory":
            self._place(normal(member.name))

    def manifest(self) -> Manifest:
        """Return the facts; an archive with one top directory is counted below it."""
        top = self._wanted.top
        facts: dict[str, Fact] = {
            "members": sum(self._kinds.values()),
            "files": self._kinds.get("file", 0) + self._kinds.get("sparse", 0),
            "bytes": Size(self._bytes),
            "newest": Moment(self.newest_ms),
            "top_directory": safe(top),
        }
        for kind in ("directory", "symlink", "hardlink", "device", "fifo"):
            if kind in self._kinds:
                facts[f"{kind}s"] = self._kinds[kind]
        for name, some in {**self._bad, **self._nested[bool(top)]}.items():
            facts[name] = some.members
            facts[f"{name}.first"] = safe(some.first)
        facts |= self._digests
        if self._undigested:
            facts["undigested"] = self._undigested
        facts |= {wanted(name): n for name, n in self._wanted.counts().items()}
        facts |= {unwanted(name): n for name, n in self._unwanted.counts().items()}
        for name, count in self._folders[bool(top)].items():
            below = name.removeprefix(top).lstrip("/") if name != OTHERS else name
            facts["top." + safe(below)] = count
        return manifest(facts)

    def _keep_digest(self, path: str, data: bytes) -> None:
        if len(self._digests) < MAX_DIGESTS:
            self._digests[DIGEST + safe(path)] = hashlib.sha256(data).hexdigest()
        else:
            self._undigested += 1

    def _place(self, path: str) -> None:
        """Count a file by where it lies, seen from the root and from a top directory."""
        parts = path.split("/", 40)
        for depth, folders in enumerate(self._folders, 1):
            name = "/".join(parts[:depth])[:NAME_LENGTH]
            if name not in folders and len(folders) >= MAX_FOLDERS:
                name = OTHERS
            folders[name] = folders.get(name, 0) + 1
            for directory in EXCLUDED.intersection(parts[depth:-1]):
                _note(self._nested[depth - 1], f"nested.{directory}", path)


def _unwelcome(expect: Expect) -> tuple[str, ...]:
    """Return what must not be inside: what policy forbids, and what opens encrypted copies."""
    return (*expect.forbidden, *(path.strip("/") for path in expect.keys))


def looked_for(component: Component, manifest: Mapping[str, Fact]) -> bool:
    """Return whether a read of an archive looked for all that policy now names; true for others.

    What could not be read as an archive, its manifest empty, is not worth another look.
    """
    if component.kind in NO_ARCHIVES or not manifest:
        return True
    names = {wanted(path) for path in component.expect.paths}
    names |= {unwanted(path) for path in _unwelcome(component.expect)}
    return names <= manifest.keys()


def _note(found: dict[str, _Some], name: str, member: str) -> None:
    known = found.get(name)
    found[name] = known._replace(members=known.members + 1) if known else _Some(1, member)
