"""Faults of a whole site: jobs that stopped, copies that are lost, an auditor that is dead."""

import json
import re

from nexoaudit.errors import DemoError
from nexoaudit_demo import archive, disk
from nexoaudit_demo.calendar import DAY
from nexoaudit_demo.dumpfaults import DAYS
from nexoaudit_demo.held import Held, flip, rewrite

_OFFSITE_LINE = "Off-site rsync completed"


def not_offsite(dumps: Held) -> str:
    """Let the transfer have stopped days ago."""
    gone = 0
    for path in (dumps.places.offsite / "database").glob(dumps.pattern):
        made = int(path.stat().st_mtime)
        if made > dumps.now - DAYS * DAY:
            disk.remove(path, made)
            disk.remove(archive.sidecar(path), made)
            gone += 1
    _drop_lines(dumps, _OFFSITE_LINE, gone)
    return f"the newest {gone} dumps are not off-site, and the log of the transfer stopped"


def short_offsite(dumps: Held) -> str:
    """Let an off-site copy have another size."""
    path = dumps.offsite(dumps.middle())
    rewrite(path, path.read_bytes()[:-100])
    return f"{path} lost its last bytes"


def other_offsite(dumps: Held) -> str:
    """Let an off-site copy have the right size and other bytes."""
    path = dumps.offsite(dumps.middle())
    flip(path)
    return f"{path} has the size of the local copy and other bytes"


def gap(held: Held) -> str:
    """Let a run have made nothing, long ago."""
    name = held.middle()
    held.drop(name)
    _drop_lines(held, name.removesuffix(".tar.gz"), 1)
    return f"{name} is at no location"


def stopped(held: Held) -> str:
    """Let a job have stopped days ago."""
    gone = held.names()[-DAYS:]
    for name in gone:
        held.drop(name)
        _drop_lines(held, name.removesuffix(".tar.gz"), 1)
    return f"the newest {DAYS} copies in {held.directory} were never made"


def nothing(held: Held) -> str:
    """Let a kept copy be an empty file."""
    name = held.middle()
    held.remake(name, b"")
    return f"{name} has zero bytes, and the digest of them"


def rotten(held: Held) -> str:
    """Let a kept copy have rotted at both locations."""
    name = held.middle()
    for path in held.at_all(name):
        flip(path)
    return f"{name} has a bit flipped at every location"


def unmounted(held: Held) -> str:
    """Let the directory of the local backups be empty, as if its disk were not mounted."""
    away = held.places.backups.with_name("nexosupport.unmounted")
    made = held.places.backups.stat().st_mtime
    held.places.backups.rename(away)
    disk.directory(held.places.backups, int(made), disk.PRIVATE)
    return f"{held.places.backups} is empty: its disk is not mounted"


def dead_auditor(held: Held) -> str:
    """Let the auditor not have run for two days."""
    path = held.places.state
    if not path.exists():
        raise DemoError(f"{path} does not exist: audit the site before its auditor can die")
    text = path.read_text("utf-8")
    known = json.loads(text)
    then = held.now - 2 * DAY
    if isinstance(known, dict) and "heartbeat_ms" in known:
        beat = int(known["heartbeat_ms"]) - 2 * DAY * 1000
        then = beat // 1000
        # Only this number changes, whatever the form of the file.
        text = re.sub(r'("heartbeat_ms"\s*:\s*)-?\d+', rf"\g<1>{beat}", text, count=1)
        rewrite(path, text.encode())
    disk.date(path, then)
    return f"{path} is two days old: the auditor has not run since"


def _drop_lines(held: Held, text: str, how_many: int) -> None:
    """Delete the last lines of the backup log that hold `text`."""
    lines = held.places.log.read_text("utf-8").splitlines(keepends=True)
    found = [number for number, line in enumerate(lines) if text in line]
    dropped = set(found[max(0, len(found) - how_many) :])
    kept = [line for number, line in enumerate(lines) if number not in dropped]
    rewrite(held.places.log, "".join(kept).encode())
