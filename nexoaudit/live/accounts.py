"""The users of the live system, as far as its own list tells."""

import stat

from nexoaudit.live.textfile import TextFile, below, read_text


class Accounts:
    """Users by name; users from elsewhere (LDAP) are not on this list."""

    def __init__(self, root: str) -> None:
        self._ids: dict[str, tuple[int, int]] = {}
        self._directory = False
        """Users may come from elsewhere."""
        for line in _lines(root, "/etc/passwd"):
            fields = line.split(":")
            if len(fields) >= 4 and fields[2].isdecimal() and fields[3].isdecimal():
                self._ids[fields[0]] = int(fields[2][:9]), int(fields[3][:9])
        for line in _lines(root, "/etc/nsswitch.conf"):
            name, _, sources = line.partition(":")
            if name.strip() == "passwd":
                self._directory = bool(set(sources.split()) - {"files", "systemd", "compat"})

    def knows(self, user: str) -> bool:
        """Return whether the user exists; True when that cannot be told."""
        return not self._ids or self._directory or user in self._ids

    def may_run(self, user: str, file: TextFile) -> bool:
        """Return whether a user may execute a file; True when that cannot be told."""
        any_x = bool(file.mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH))
        if user == "root" or user not in self._ids:
            return any_x
        if self._ids[user][0] == file.owner:
            return bool(file.mode & stat.S_IXUSR)
        return bool(file.mode & (stat.S_IXGRP | stat.S_IXOTH))  # groups may hold anybody


def _lines(root: str, path: str) -> list[str]:
    try:
        file = read_text(below(root, path))
    except OSError:
        return []
    return [] if file is None else file.text.splitlines()
