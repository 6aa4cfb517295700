"""Who could read the files of a backup that somebody restores with owners and modes as recorded."""

import pwd
from collections.abc import Iterable

from nexoaudit.drill.record import Record
from nexoaudit.formats.archive import Member
from nexoaudit.formats.confidential import content_of_interest, is_open_secret
from nexoaudit.formats.paths import normal

_NAMED = 5
_MAX_CLOSED = 100_000
_EXECUTE, _READ = 1, 4


class Rights:
    """Looks at one member after the other, directories before what is in them."""

    def __init__(self, web_user: str, *, only_code: bool) -> None:
        """`web_user` is whom the web server runs as; with `only_code` it need not read all files.

        Of a configuration those that end in `.php` are the application's own; keys are not.
        """
        self._web = web_user
        self._numbers = _numbers_of(web_user)
        self._only_code = only_code
        self._closed: tuple[set[str], set[str]] = (set(), set())
        self.open_secrets: list[str] = []
        self.unreadable: list[str] = []

    def add(self, member: Member, content: Iterable[bytes]) -> None:
        """Look at one member; of its `content` only that of a likely secret is taken."""
        path = normal(member.name)
        if member.kind == "directory":
            self._close(path, member)
        elif member.kind == "file":
            everybody, web = self._closed
            if not _behind(path, everybody) and is_open_secret(
                member, content_of_interest(member, content)
            ):
                self.open_secrets.append(path)
            if self._only_code and not path.endswith(".php"):
                return
            if _behind(path, web) or not self._may(member, _READ):
                self.unreadable.append(path)

    def note(self, record: Record) -> None:
        """Note and count what was found."""
        for name, reason, found in (
            ("open_secrets", "drill.open_secret", self.open_secrets),
            ("web_unreadable", "drill.web_unreadable", self.unreadable),
        ):
            record.measures[name] = len(found)
            if found:
                record.problem(reason, few(found))

    def _close(self, path: str, member: Member) -> None:
        everybody, web = self._closed
        for closed, is_open in (
            (everybody, member.mode & _EXECUTE),
            (web, self._may(member, _EXECUTE)),
        ):
            if not is_open and len(closed) < _MAX_CLOSED:
                closed.add(path)

    def _may(self, member: Member, bit: int) -> bool:
        """Tell whether the web server's user has a right; one of whom nothing is known has it."""
        uid, gid = self._numbers or (-1, -1)
        if not member.owner and self._numbers is None:
            return True
        is_owner = member.owner == self._web if member.owner else member.uid == uid
        is_group = member.group == self._web if member.group else member.gid == gid
        shift = 6 if is_owner else 3 if is_group else 0
        return bool(member.mode >> shift & bit)


def few(names: list[str]) -> str:
    """Return the first of some names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _behind(path: str, closed: set[str]) -> bool:
    if not closed:
        return False
    parts = path.split("/")
    return any("/".join(parts[:depth]) in closed for depth in range(len(parts)))


def _numbers_of(user: str) -> tuple[int, int] | None:
    """Return the numbers of a user and its group on this machine; None when there is none."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        return None
    return entry.pw_uid, entry.pw_gid
