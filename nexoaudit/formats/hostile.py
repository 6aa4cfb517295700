"""Members of an archive that would harm whoever extracts it."""

import stat

from nexoaudit.formats.archive import Member
from nexoaudit.formats.paths import normal

MAX_LINKS = 100_000


class Hostility:
    """Tells for one member after the other what is wrong with it."""

    def __init__(self) -> None:
        self._links: set[str] = set()

    def reason(self, member: Member) -> str:
        """Return what is wrong with a member, or an empty string.

        `hostile_member`: extracting it writes elsewhere; `device_member`: it makes a device;
        `link_outside`, `setuid_member`: a site may have those, a restore must know.
        """
        path = normal(member.name)
        if self._is_hostile(member, path):
            return "hostile_member"
        if member.kind in {"device", "fifo"}:
            return "device_member"
        if member.kind == "symlink":
            if len(self._links) < MAX_LINKS:
                self._links.add(path)
            if _leads_out(member.link, path.rpartition("/")[0]):
                return "link_outside"
        elif member.kind != "directory" and member.mode & (stat.S_ISUID | stat.S_ISGID):
            return "setuid_member"
        return ""

    def _is_hostile(self, member: Member, path: str) -> bool:
        if member.name.startswith("/") or ".." in path.split("/"):
            return True
        if member.kind == "hardlink" and _leads_out(member.link, ""):
            return True
        return bool(self._links) and self._lies_behind_a_link(path)

    def _lies_behind_a_link(self, path: str) -> bool:
        """Tell whether an earlier member made a part of this path a symbolic link."""
        parts = path.split("/")
        return any("/".join(parts[:depth]) in self._links for depth in range(1, len(parts)))


def _leads_out(target: str, directory: str) -> bool:
    """Tell whether a link in `directory` to `target` ends outside of the archive's root."""
    if target.startswith("/"):
        return True
    depth = len(directory.split("/")) if directory else 0
    for part in target.split("/"):
        if part == "..":
            depth -= 1
        elif part not in {"", "."}:
            depth += 1
        if depth < 0:
            return True
    return False
