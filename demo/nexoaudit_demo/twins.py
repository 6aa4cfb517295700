"""Healthy twins of the faults: what looks much like one and is well."""

import gzip
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from nexoaudit.errors import DemoError
from nexoaudit_demo import archive, disk, logfaults, packfaults, sqltext, storagefaults
from nexoaudit_demo.calendar import DAY
from nexoaudit_demo.dumpfaults import DAYS
from nexoaudit_demo.held import Held, state
from nexoaudit_demo.places import Places

_NAME = "nexosupport_db_%Y%m%d_%H%M%S.sql.gz"
_GRAIN = 65280
"""Bytes of content in each member that bgzip writes."""
_END = b"\n-- Dump completed on "


class Twin(NamedTuple):
    """One twin."""

    of: str
    """Ids of the faults that it is like."""
    text: str
    make: Callable[[Held], object]


def _being_written(dumps: Held) -> None:
    """Let the next dump be on its way: no digest, no end, growing this minute."""
    name = dumps.newest()
    path = dumps.local(f"{name[:15]}{_stamp(dumps.now)}.sql.gz")
    disk.put(path, dumps.local(name).read_bytes()[:1000], dumps.now + 200)


def _log_being_written(dumps: Held) -> None:
    """Let the job have copied the active log, too: its last event is not all there."""
    newest = max((dumps.places.backups / "binlog").glob("mysql-bin.[0-9]*"))
    following = newest.with_name(f"mysql-bin.{int(newest.suffix[1:]) + 1:06}")
    data = bytearray(newest.read_bytes())
    named = data.find(b"mysql-bin.")
    del data[max(named, len(data) * 2 // 3) :]
    disk.put(following, bytes(data), dumps.now + 200)


def _elsewhere(dumps: Held) -> None:
    """Let the digest name the place where the dump was made, which is another one."""
    path = dumps.local(dumps.newest())
    state(path, archive.digest(path), f"/srv/old-server/dumps/{path.name}")


def _other_notation(dumps: Held) -> None:
    """Let the digest be written as `sha256sum --tag` does, in capitals."""
    path = dumps.local(dumps.newest())
    beside = archive.sidecar(path)
    made = int(beside.stat().st_mtime)
    disk.put(beside, f"SHA256 ({path.name}) = {archive.digest(path).upper()}\n", made)


def _parallel(dumps: Held) -> None:
    """Let the newest dump be compressed by a program that makes members of equal size."""
    name = dumps.newest()
    text = dumps.text(name)
    parts = (text[at : at + _GRAIN] for at in range(0, len(text), _GRAIN))
    dumps.remake(name, b"".join(gzip.compress(part, 1, mtime=0) for part in parts))


def _quiet(dumps: Held) -> None:
    """Let nothing have happened for days: the dumps differ in their closing lines alone."""
    names = dumps.names()
    text = dumps.text(names[-1 - DAYS])
    body = text[: text.rindex(_END)]
    for name in names[-DAYS:]:
        own = dumps.text(name)
        end = own[own.rindex(_END) :]
        dumps.remake(name, gzip.compress(body + end, 1, mtime=0))


def _stale_mtime(dumps: Held) -> None:
    """Let the newest dump have been brought back from elsewhere with the time of another file."""
    for path in dumps.at_all(dumps.newest()):
        disk.date(path, dumps.now - 3 * DAY)


def _sessions(dumps: Held) -> None:
    """Let nearly everybody log out every other night, this night included."""
    for name in dumps.names()[:1:-2]:
        dumps.reword(name, lambda text: sqltext.with_rows(text, "sessions", 0.2))


def _new_table(dumps: Held) -> None:
    """Let a new release have brought a table, empty so far."""
    lines = "CREATE TABLE `release_notes` (\n  `id` int(11) NOT NULL\n) ENGINE=InnoDB;\n"
    dumps.reword(dumps.newest(), lambda text: sqltext.after_head(text, lines))


def _talk(dumps: Held) -> None:
    """Let users write about dumps, shells and broken letters in their tickets."""
    words = (
        "Error:\\n-- Dump completed on 2026-11-01  2:00:00\\n\\\\! rm -rf / ; DROP DATABASE"
        " nexosupport; USE nexosupport; SELECT 1 INTO OUTFILE \\'x\\'; estÃ¡ roto"
    ).encode()

    def talk(text: bytes) -> bytes:
        start = text.index(b"INSERT INTO `ticket_messages` VALUES\n")
        quote = text.index(b",'", start) + 2
        return text[:quote] + words + text[quote:]

    dumps.reword(dumps.newest(), talk)


def _cache(dumps: Held) -> None:
    """Let pages of the cache be in the archive: the guide calls them optional."""
    held = dumps.of("files")

    def add(entries: list[packfaults.Entry]) -> list[packfaults.Entry]:
        return [*entries, *packfaults.new(entries, "cache/page_01.html", "cache/page_02.html")]

    packfaults.repack(held, add, "")


def _tidied(dumps: Held) -> None:
    """Let somebody have deleted a few old uploads."""
    held = dumps.of("files")

    def tidy(entries: list[packfaults.Entry]) -> list[packfaults.Entry]:
        old = [e.info.name for e in entries if e.inside.startswith("uploads/") and e.data][:4]
        return [entry for entry in entries if entry.info.name not in old]

    packfaults.repack(held, tidy, "")


def _replaced(dumps: Held) -> None:
    """Let somebody have replaced an upload by one that happens to have the same size."""
    held = dumps.of("files")

    def replace(entries: list[packfaults.Entry]) -> Iterator[packfaults.Entry]:
        victim = next(e for e in reversed(entries) if e.inside.endswith(".pdf"))
        for entry in entries:
            if entry is victim:
                entry.info.mtime = held.now - DAY
                yield entry._replace(data=entry.data[:-9] + bytes(9))
            else:
                yield entry

    packfaults.repack(held, replace, "")


def _same_name(dumps: Held) -> None:
    """Let the application have a directory that is called like a generation of its trees."""
    for tree in _trees(dumps):
        made = int(tree.stat().st_mtime)
        disk.put(tree / "current/index.php", "<?php\n", made - 9 * DAY)
        disk.date(tree / "current", made - 9 * DAY)
        disk.date(tree, made)


def _relinked(dumps: Held) -> None:
    """Let the times of change of all files of the trees have moved, as each new link does."""
    for tree in _trees(dumps):
        for path in tree.rglob("*"):
            path.chmod(path.stat().st_mode)


def _trees(dumps: Held) -> list[Path]:
    return [
        place / "incremental" / name
        for place in (dumps.places.backups, dumps.places.offsite)
        for name in ("current", "previous")
    ]


def _open_digest(dumps: Held) -> None:
    """Let everybody read a digest: it is no secret."""
    for path in dumps.at_all(dumps.newest()):
        archive.sidecar(path).chmod(0o644)
        for directory in (path.parent, path.parent.parent):
            directory.chmod(0o755)


def _moved(dumps: Held) -> None:
    """Let the backups lie on a disk of their own, behind a link."""
    place = dumps.places.root / "srv/disk"
    place.parent.mkdir(exist_ok=True)
    dumps.places.backups.rename(place)
    dumps.places.backups.symlink_to(os.path.relpath(place, dumps.places.backups.parent))


def _working_tree(dumps: Held) -> None:
    """Let the job that packs the files of tonight still be at work on their tree."""
    files = dumps.of("files")
    storagefaults.working_tree(files.local(files.newest()))


def _restoring(dumps: Held) -> None:
    """Let somebody restore at this moment."""
    storagefaults.restore_at_work(dumps, dumps.now - 3600)


def _renewed_logs(dumps: Held) -> None:
    """Let the hourly job be the guide's `cp`, which renews every time."""
    logfaults.renew(dumps.places, dumps.now - 20 * 60)


def _checksum_left(dumps: Held) -> None:
    """Let a checksum file be there for a day longer than its dump, as pruning may have it."""
    oldest = dumps.newest()
    day = datetime.strptime(oldest, _NAME) - timedelta(days=31)  # noqa: DTZ007 - only its name
    lone = dumps.local(f"{day:{_NAME}}")
    disk.put(
        archive.sidecar(lone), archive.line(dumps.local(oldest), lone.name), dumps.now - 31 * DAY
    )


def _stamp(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y%m%d_%H%M%S")


def _disabled_table(dumps: Held) -> None:
    """Let somebody have kept an old cron table beside the right one, under a name with a dot."""
    table = dumps.places.cron
    disk.put(table.with_name(f"{table.name}.old"), table.read_bytes(), dumps.now - 9 * DAY)


def _rotated_log(dumps: Held) -> None:
    """Let the log of the jobs have been rotated and compressed this night."""
    log = dumps.places.log
    lines = log.read_text("utf-8").splitlines(keepends=True)
    for name, part, days in ((".2.gz", lines[:-90], 3), (".1", lines[-90:-9], 0)):
        data = "".join(part).encode()
        packed = gzip.compress(data, mtime=0) if name.endswith(".gz") else data
        disk.put(log.with_name(log.name + name), packed, dumps.now - days * DAY)
    disk.put(log, "".join(lines[-9:]), dumps.now)


TWINS: Mapping[str, Twin] = MappingProxyType(
    {
        "being-written": Twin("D2 D6a D16", "a dump that is being written", _being_written),
        "log-being-written": Twin("B2", "a log copied while it was written", _log_being_written),
        "absolute-path": Twin("D6 D6b", "a right digest that names another place", _elsewhere),
        "other-notation": Twin("D5a", "a digest in BSD's notation, in capitals", _other_notation),
        "parallel": Twin("D3a D4 D4a", "members of equal size, made in parallel", _parallel),
        "quiet": Twin("D12", "dumps of quiet days, alike but for their closing lines", _quiet),
        "stale-mtime": Twin("D13 D13a", "fresh contents with a stale file time", _stale_mtime),
        "sessions": Twin("D8a D8b D18", "sessions that come and go from night to night", _sessions),
        "new-table": Twin("D7 D8", "a new table, empty so far", _new_table),
        "talk": Twin("D11 D14", "tickets that talk of dumps, shells and broken letters", _talk),
        "renewed-logs": Twin("B4 B8", "logs whose times an hourly `cp` renewed", _renewed_logs),
        "checksum-left": Twin(
            "R2b", "a checksum file that outlives its dump a day", _checksum_left
        ),
        "cache": Twin("F3 F10", "pages of the cache in the archive", _cache),
        "same-name": Twin("F6", "a directory `current` in the application itself", _same_name),
        "relinked": Twin("F7", "files of trees that were touched, their bytes the same", _relinked),
        "tidied": Twin("F4", "four old uploads were deleted", _tidied),
        "replaced": Twin("F1c", "an upload replaced by another of the same size", _replaced),
        "working-tree": Twin("F13", "the working tree of tonight's job", _working_tree),
        "restoring": Twin("F14a", "the dump and the tree of a restore of this hour", _restoring),
        "open-digest": Twin("F9", "a digest that everybody can read", _open_digest),
        "old-table": Twin("R7 R7a R7b", "a cron table that is switched off", _disabled_table),
        "rotated-log": Twin("R6 R6b R6c", "a log rotated and compressed", _rotated_log),
        "own-disk": Twin("R1c", "backups on a disk of their own, behind a link", _moved),
    }
)
"""What can be made: its name, the faults that it is like, and what it is in a few words."""


def make(root: Path, twin: str, *, now: datetime) -> None:
    """Make the healthy site below `root`, whose last moment is `now` (aware), look ill.

    Raise DemoError for a name that is not in TWINS.
    """
    if twin not in TWINS:
        raise DemoError(f"there is no twin {twin!r}: choose one of {', '.join(TWINS)}")
    TWINS[twin].make(Held(Places(root.absolute()), int(now.timestamp())))
