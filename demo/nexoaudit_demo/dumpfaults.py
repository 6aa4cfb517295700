"""Faults of dumps as files: cut, damaged, ill described, or not of the time they say."""

import gzip
import hashlib
from datetime import UTC, datetime

from nexoaudit_demo import archive, disk
from nexoaudit_demo.calendar import DAY
from nexoaudit_demo.held import Held, flip, rewrite, state

DAYS = 3
"""How long a job has been wrong that is wrong for days."""
_STAMP = "%Y%m%d_%H%M%S"


def empty(dumps: Held) -> str:
    """Let the newest dump be what gzip makes of nothing."""
    name = dumps.newest()
    dumps.remake(name, gzip.compress(b"", mtime=0))
    return f"{name} is now the 20 bytes of a dump that could not log in"


def half(dumps: Held) -> str:
    """Let the newest dump end half-way."""
    name = dumps.newest()
    text = dumps.text(name)
    dumps.remake(name, gzip.compress(text[: len(text) // 2 + 17], 1, mtime=0))
    return f"{name} now ends half-way, closed cleanly by gzip, with a digest to match"


def half_at_statement(dumps: Held) -> str:
    """Let the newest dump end between two tables, as after a lost connection."""
    name = dumps.newest()
    text = dumps.text(name)
    edge = text.index(b"\n--\n-- Table structure", len(text) // 2) + 1
    dumps.remake(name, gzip.compress(text[:edge], 1, mtime=0))
    return f"{name} now ends between two tables, closed cleanly by gzip, with a digest to match"


def cut(dumps: Held) -> str:
    """Cut the newest local dump."""
    path = dumps.local(dumps.newest())
    data = path.read_bytes()
    rewrite(path, data[: len(data) * 2 // 3])
    return f"{path} lost its last third"


def cut_at_member(dumps: Held) -> str:
    """Cut the newest local dump where a gzip member ends."""
    path = dumps.local(dumps.newest())
    text = gzip.decompress(path.read_bytes())
    edge = text.index(b"\n", len(text) // 2) + 1
    first, second = (gzip.compress(part, 1, mtime=0) for part in (text[:edge], text[edge:]))
    rewrite(path, first)
    state(path, hashlib.sha256(first + second).hexdigest())
    return f"{path} had two gzip members and lost the second"


def garbage(dumps: Held) -> str:
    """Append garbage to the newest local dump."""
    path = dumps.local(dumps.newest())
    rewrite(path, path.read_bytes() + b"not a gzip member \x00\xff" * 8)
    return f"{path} has garbage after its end"


def cut_older(dumps: Held) -> str:
    """Cut a local dump that is not the newest."""
    path = dumps.local(dumps.middle())
    rewrite(path, path.read_bytes()[:-3])
    return f"{path} lost its last three bytes"


def flip_archive(dumps: Held) -> str:
    """Flip one bit of the newest local dump."""
    path = dumps.local(dumps.newest())
    flip(path)
    return f"{path} has one bit flipped"


def flip_digest(dumps: Held) -> str:
    """Flip one bit of the newest local digest."""
    path = dumps.local(dumps.newest())
    digest = archive.digest(path)
    state(path, digest[:20] + f"{int(digest[20], 16) ^ 1:x}" + digest[21:])
    return f"{archive.sidecar(path)} has one bit flipped"


def elsewhere(dumps: Held) -> str:
    """Let the digest of a damaged dump name an intact one elsewhere."""
    name = dumps.newest()
    path = dumps.local(name)
    original = dumps.places.root / "var/spool/nexosupport" / name
    disk.put(original, path.read_bytes(), int(path.stat().st_mtime))
    state(path, archive.digest(path), str(original))
    flip(path)
    return f"{path} is damaged; its sidecar names the intact {original}"


def no_digest(dumps: Held) -> str:
    """Take the newest local digest away."""
    beside = archive.sidecar(dumps.local(dumps.newest()))
    disk.remove(beside, int(beside.stat().st_mtime))
    return f"{beside} is gone"


def wrong_digest(dumps: Held) -> str:
    """Give the newest local dump the digest of the one before."""
    names = dumps.names()
    path, other = dumps.local(names[-1]), dumps.local(names[-2])
    state(path, archive.digest(other), str(other))
    return f"{archive.sidecar(path)} belongs to {other.name}"


def same_bytes(dumps: Held) -> str:
    """Let the newest dumps be copies of an older one."""
    names = dumps.names()
    data = dumps.local(names[-1 - DAYS]).read_bytes()
    for name in names[-DAYS:]:
        dumps.remake(name, data)
    return f"the newest {DAYS} dumps are copies of {names[-1 - DAYS]}"


def old_bytes(dumps: Held) -> str:
    """Let the newest dump have the contents of the oldest."""
    names = dumps.names()
    dumps.remake(names[-1], dumps.local(names[0]).read_bytes())
    return f"{names[-1]} has a fresh date and the contents of {names[0]}"


def touched(dumps: Held) -> str:
    """Let the job have stopped days ago, and somebody touch what is left."""
    names = dumps.names()
    for name in names[-DAYS:]:
        dumps.drop(name)
    for path in dumps.at_all(names[-1 - DAYS]):
        disk.date(path, dumps.now - DAY // 4)
        disk.date(archive.sidecar(path), dumps.now - DAY // 4)
    return f"{names[-1 - DAYS]} is the newest dump, and was touched this night"


def of_the_future(dumps: Held) -> str:
    """Let the clock of the machine that made the newest dump be two days ahead."""
    name = dumps.newest()
    made = datetime.strptime(name[15:30], _STAMP).replace(tzinfo=UTC)
    later = datetime.fromtimestamp(made.timestamp() + 2 * DAY, UTC).strftime(_STAMP)
    new = name[:15] + later + name[30:]
    for path in dumps.at_all(name):
        for old in (path, archive.sidecar(path)):
            ahead = int(old.stat().st_mtime) + 2 * DAY
            fresh = old.with_name(old.name.replace(name, new))
            old.rename(fresh)
            disk.date(fresh, ahead)
    return f"{name} is called {new}: its clock was two days ahead"


def no_position(dumps: Held) -> str:
    """Let the newest dump not say its place in the binary logs."""
    name = dumps.newest()
    lines = dumps.text(name).splitlines(keepends=True)
    kept = [line for line in lines if b"CHANGE MASTER TO" not in line]
    dumps.remake(name, gzip.compress(b"".join(kept), 1, mtime=0))
    return f"{name} no longer says where in the binary logs it was made"
