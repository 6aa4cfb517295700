"""A demonstration site before and after a fault was planted in it."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

NOW = datetime(2026, 11, 23, 8, 21, tzinfo=ZoneInfo("Europe/Madrid"))


NEWEST = "nexosupport_db_20261123_020000.sql.gz"


Files = dict[str, tuple[int, str]]


class Broken(NamedTuple):
    """A site with a fault, and what the fault changed."""

    root: Path
    said: str
    before: Files
    after: Files

    @property
    def changed(self) -> set[str]:
        """Files whose content or time differs, and new and lost ones."""
        return {name for name in self.before | self.after if self._differs(name)}

    def _differs(self, name: str) -> bool:
        return self.before.get(name) != self.after.get(name)

    def bytes_of(self, name: str, at: str = "local") -> bytes:
        return (self.root / DATABASE[at] / name).read_bytes()

    def stated(self, name: str, at: str = "local") -> str:
        return (self.root / DATABASE[at] / f"{name}.sha256").read_text().split()[0]


DATABASE = {"local": "var/backups/nexosupport/database", "offsite": "offsite/nexosupport/database"}


def here(*found: str) -> set[str]:
    return {f"{DATABASE['local']}/{name}" for name in found}


def everywhere(*found: str) -> set[str]:
    return here(*found) | {f"{DATABASE['offsite']}/{name}" for name in found}


def with_sidecar(name: str) -> tuple[str, str]:
    return name, name + ".sha256"


def files(root: Path) -> Files:
    return {
        str(path.relative_to(root)): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }
