"""Faults to plant in a finished site, so that they look as if the jobs, or time, had made them."""

import gzip
import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from nexoaudit.errors import DemoError
from nexoaudit_demo import archive, disk, jobfaults, logfaults
from nexoaudit_demo.calendar import DAY
from nexoaudit_demo.places import Places

_OFFSITE_LINE = "Off-site rsync completed"
_DAYS = 3
"""How long a job has been wrong that is wrong for days."""


class _Dumps(NamedTuple):
    """The full dumps of one site, at both locations."""

    places: Places
    now: int

    def names(self) -> list[str]:
        """Return the names of the local dumps, oldest first; raise DemoError for fewer than 5."""
        found = sorted(path.name for path in self._local().glob("nexosupport_db_*.sql.gz"))
        if len(found) < _DAYS + 2:
            raise DemoError(f"{self._local()} has too few dumps to plant this: build a site first")
        return found

    def newest(self) -> str:
        """Return the name of the newest dump."""
        return self.names()[-1]

    def middle(self) -> str:
        """Return the name of a dump amid the others."""
        return self.names()[len(self.names()) // 2]

    def at_all(self, name: str) -> list[Path]:
        """Return the copies of a dump: the local one first, then the one off-site if it exists."""
        paths = (self.local(name), self.places.offsite / "database" / name)
        return [path for path in paths if path.exists()]

    def local(self, name: str) -> Path:
        """Return the local copy of a dump."""
        return self._local() / name

    def remake(self, name: str, data: bytes) -> None:
        """Let a dump hold `data` everywhere, with the digest that the job would have written."""
        for path in self.at_all(name):
            rewrite(path, data)
            state(path, hashlib.sha256(data).hexdigest())

    def _local(self) -> Path:
        return self.places.backups / "database"


def rewrite(path: Path, data: bytes) -> None:
    """Replace the content of `path`; its times stay."""
    found = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def state(path: Path, digest: str, named: str | None = None) -> None:
    """Let the sidecar of `path` state a digest, of the file it named before or of `named`."""
    beside = archive.sidecar(path)
    before = beside.read_text("utf-8").rstrip("\n").partition("  ")[2]
    rewrite(beside, f"{digest}  {named or before}\n".encode())


def _empty(dumps: _Dumps) -> str:
    name = dumps.newest()
    dumps.remake(name, gzip.compress(b"", mtime=0))
    return f"{name} is now the 20 bytes of a dump that could not log in"


def _half(dumps: _Dumps) -> str:
    name = dumps.newest()
    text = gzip.decompress(dumps.local(name).read_bytes())
    dumps.remake(name, gzip.compress(text[: len(text) // 2 + 17], 1, mtime=0))
    return f"{name} now ends half-way, closed cleanly by gzip, with a digest to match"


def _cut(dumps: _Dumps) -> str:
    path = dumps.local(dumps.newest())
    data = path.read_bytes()
    rewrite(path, data[: len(data) * 2 // 3])
    return f"{path} lost its last third"


def _cut_at_member(dumps: _Dumps) -> str:
    path = dumps.local(dumps.newest())
    text = gzip.decompress(path.read_bytes())
    edge = text.index(b"\n", len(text) // 2) + 1
    first, second = (gzip.compress(part, 1, mtime=0) for part in (text[:edge], text[edge:]))
    rewrite(path, first)
    state(path, hashlib.sha256(first + second).hexdigest())
    return f"{path} had two gzip members and lost the second"


def _garbage(dumps: _Dumps) -> str:
    path = dumps.local(dumps.newest())
    rewrite(path, path.read_bytes() + b"not a gzip member \x00\xff" * 8)
    return f"{path} has garbage after its end"


def _flip(dumps: _Dumps) -> str:
    path = dumps.local(dumps.newest())
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    rewrite(path, bytes(data))
    return f"{path} has one bit flipped"


def _flip_digest(dumps: _Dumps) -> str:
    path = dumps.local(dumps.newest())
    digest = archive.digest(path)
    state(path, digest[:20] + f"{int(digest[20], 16) ^ 1:x}" + digest[21:])
    return f"{archive.sidecar(path)} has one bit flipped"


def _elsewhere(dumps: _Dumps) -> str:
    name = dumps.newest()
    path = dumps.local(name)
    original = dumps.places.root / "var/spool/nexosupport" / name
    disk.put(original, path.read_bytes(), int(path.stat().st_mtime))
    state(path, archive.digest(path), str(original))
    _flip(dumps)
    return f"{path} is damaged; its sidecar names the intact {original}"


def _no_digest(dumps: _Dumps) -> str:
    beside = archive.sidecar(dumps.local(dumps.newest()))
    disk.remove(beside, int(beside.stat().st_mtime))
    return f"{beside} is gone"


def _wrong_digest(dumps: _Dumps) -> str:
    names = dumps.names()
    path, other = dumps.local(names[-1]), dumps.local(names[-2])
    state(path, archive.digest(other), str(other))
    return f"{archive.sidecar(path)} belongs to {other.name}"


def _same_bytes(dumps: _Dumps) -> str:
    names = dumps.names()
    data = dumps.local(names[-1 - _DAYS]).read_bytes()
    for name in names[-_DAYS:]:
        dumps.remake(name, data)
    return f"the newest {_DAYS} dumps are copies of {names[-1 - _DAYS]}"


def _old_bytes(dumps: _Dumps) -> str:
    names = dumps.names()
    dumps.remake(names[-1], dumps.local(names[0]).read_bytes())
    return f"{names[-1]} has a fresh date and the contents of {names[0]}"


def _not_offsite(dumps: _Dumps) -> str:
    gone = 0
    for path in (dumps.places.offsite / "database").glob("nexosupport_db_*.sql.gz"):
        made = int(path.stat().st_mtime)
        if made > dumps.now - _DAYS * DAY:
            disk.remove(path, made)
            disk.remove(archive.sidecar(path), made)
            gone += 1
    _drop_lines(dumps, _OFFSITE_LINE, gone)
    return f"the newest {gone} dumps are not off-site, and the log of the transfer stopped"


def _gap(dumps: _Dumps) -> str:
    name = dumps.middle()
    for path in dumps.at_all(name):
        made = int(path.stat().st_mtime)
        disk.remove(archive.sidecar(path), made)
        disk.remove(path, made)
    _drop_lines(dumps, name, 1)
    return f"{name} is at no location"


def _nothing(dumps: _Dumps) -> str:
    name = dumps.middle()
    dumps.remake(name, b"")
    return f"{name} has zero bytes, and the digest of them"


def _dead_auditor(dumps: _Dumps) -> str:
    path = dumps.places.state
    if not path.exists():
        raise DemoError(f"{path} does not exist: audit the site before its auditor can die")
    text = path.read_text("utf-8")
    held = json.loads(text)
    then = dumps.now - 2 * DAY
    if isinstance(held, dict) and "heartbeat_ms" in held:
        beat = int(held["heartbeat_ms"]) - 2 * DAY * 1000
        then = beat // 1000
        # Only this number changes, whatever the form of the file.
        text = re.sub(r'("heartbeat_ms"\s*:\s*)-?\d+', rf"\g<1>{beat}", text, count=1)
        rewrite(path, text.encode())
    disk.date(path, then)
    return f"{path} is two days old: the auditor has not run since"


def _log_missing(dumps: _Dumps) -> str:
    return logfaults.remove(dumps.places)


def _no_position(dumps: _Dumps) -> str:
    name = dumps.newest()
    text = gzip.decompress(dumps.local(name).read_bytes())
    kept = [line for line in text.splitlines(keepends=True) if b"CHANGE MASTER TO" not in line]
    dumps.remake(name, gzip.compress(b"".join(kept), 1, mtime=0))
    return f"{name} no longer says where in the binary logs it was made"


def _log_cut_short(dumps: _Dumps) -> str:
    return logfaults.cut_short(dumps.places)


def _log_flipped(dumps: _Dumps) -> str:
    return logfaults.flip(dumps.places)


def _of_jobs(change: Callable[[Places], str]) -> Callable[[_Dumps], str]:
    return lambda dumps: change(dumps.places)


def _drop_lines(dumps: _Dumps, text: str, how_many: int) -> None:
    """Delete the last lines of the backup log that hold `text`."""
    lines = dumps.places.log.read_text("utf-8").splitlines(keepends=True)
    found = [number for number, line in enumerate(lines) if text in line]
    dropped = set(found[max(0, len(found) - how_many) :])
    kept = [line for number, line in enumerate(lines) if number not in dropped]
    rewrite(dumps.places.log, "".join(kept).encode())


_PLANTERS: Mapping[str, tuple[str, Callable[[_Dumps], str]]] = {
    "D1": ("the dump failed at once: a .gz of nothing", _empty),
    "D2": ("the dump died half-way, gzip closed cleanly", _half),
    "D3": ("the archive was cut short", _cut),
    "D3a": ("the archive was cut at the boundary of two gzip members", _cut_at_member),
    "D3b": ("garbage after the end of the archive", _garbage),
    "D5": ("one bit flipped in the archive", _flip),
    "D5a": ("one bit flipped in the sidecar", _flip_digest),
    "D6": ("the sidecar names an intact original elsewhere, the copy is damaged", _elsewhere),
    "D6a": ("the sidecar is missing", _no_digest),
    "D6b": ("the sidecar belongs to another file", _wrong_digest),
    "D12": ("the same bytes every day", _same_bytes),
    "D13": ("fresh date, old contents", _old_bytes),
    "B1": ("a binary log in the middle was never copied", _log_missing),
    "B2": ("a binary log copied short, cut inside an event", _log_cut_short),
    "B3": ("one bit flipped inside an event of a binary log", _log_flipped),
    "B6": ("a dump that does not say its place in the binary logs", _no_position),
    "O1": ("the newest dumps never went off-site", _not_offsite),
    "R1": ("a day without a dump, at any location", _gap),
    "R3": ("an empty file among the retained dumps", _nothing),
    "R7": ("the dump job is not scheduled", _of_jobs(jobfaults.unschedule)),
    "R7a": ("the dump job is scheduled twice", _of_jobs(jobfaults.schedule_twice)),
    "R7b": ("the cron table has a name that cron passes over", _of_jobs(jobfaults.dot)),
    "R7c": ("the script of the dump job is not executable", _of_jobs(jobfaults.forbid)),
    "R7d": ("the cron table has no end of line at its end", _of_jobs(jobfaults.leave_open)),
    "R7e": ("the dump job runs at another time than it should", _of_jobs(jobfaults.move_hour)),
    "A3": ("the auditor is dead", _dead_auditor),
}

FAULTS: Mapping[str, str] = MappingProxyType({key: text for key, (text, _) in _PLANTERS.items()})
"""What can be planted: the id of the fault, and what it is in a few words."""


def plant(root: Path, fault: str, *, now: datetime) -> str:
    """Plant `fault` in the site below `root`, whose last moment is `now` (aware).

    A fault of the jobs shows off-site too, as the transfer would have carried it there; damage by
    time does not. Return a sentence that says what was done. Raise DemoError for an id that is not
    in FAULTS, and for a site that is not there or too small.
    """
    if fault not in _PLANTERS:
        raise DemoError(f"there is no fault {fault!r}: choose one of {', '.join(_PLANTERS)}")
    return _PLANTERS[fault][1](_Dumps(Places(root.absolute()), int(now.timestamp()))) + "."
