"""What the members of an archive add up to."""

from nexoaudit.formats.archive import Member
from nexoaudit.model.fact import Fact, Moment, Size
from nexoaudit.verification.manifest import Manifest, manifest

MAX_FOLDERS = 200
"""Top-level names that are counted one by one; what comes after them is counted together."""
_DAY_MS = 86_400_000
_NAME_LENGTH = 200


class Contents:
    """Counts members, bytes and what lies at the top, without keeping the members."""

    def __init__(self, now_ms: int) -> None:
        self._latest = now_ms + _DAY_MS
        self._kinds: dict[str, int] = {}
        self._bytes = 0
        self._folders: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self.newest_ms = 0
        """The newest member's time, those of the far future left out."""

    def add(self, member: Member) -> None:
        """Count one member."""
        self._kinds[member.kind] = self._kinds.get(member.kind, 0) + 1
        self._bytes += member.size
        if self.newest_ms < member.mtime_ms <= self._latest:
            self.newest_ms = member.mtime_ms
        if member.kind == "directory":
            return
        parts = [part for part in member.name.split("/", 8) if part not in {"", "."}]
        for depth, folders in enumerate(self._folders, 1):
            name = "/".join(parts[:depth])[:_NAME_LENGTH]
            if name not in folders and len(folders) >= MAX_FOLDERS:
                name = "(others)"
            folders[name] = folders.get(name, 0) + 1

    def manifest(self) -> Manifest:
        """Return the facts; an archive with one top directory is counted a level below it."""
        facts: dict[str, Fact] = {
            "members": sum(self._kinds.values()),
            "files": self._kinds.get("file", 0) + self._kinds.get("sparse", 0),
            "bytes": Size(self._bytes),
            "newest": Moment(self.newest_ms),
        }
        for kind in ("directory", "symlink", "hardlink", "device", "fifo"):
            if kind in self._kinds:
                facts[f"{kind}s"] = self._kinds[kind]
        top, below = self._folders
        for name, count in (below if len(top) == 1 else top).items():
            facts[
                "top." + name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            ] = count
        return manifest(facts)
