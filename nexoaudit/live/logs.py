"""The logs of the site's own jobs, rotated and compressed ones too, as far back as matters."""

import errno
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from nexoaudit.formats.joblog import ERROR, FAILURE, START, SUCCESS, Line, read_line
from nexoaudit.formats.secrets import redacted
from nexoaudit.formats.stream import Stream
from nexoaudit.live.crontables import matching
from nexoaudit.live.textfile import below, open_regular
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Jobs
from nexoaudit.model.runlog import RunLog, Said

KEPT = timedelta(days=9)
"""How far back lines are recorded."""
TAIL = 16 << 20
"""Bytes of an uncompressed log that are read: its end."""
MOST = 64 << 20
"""Content of a compressed log that is read; one with more is passed over."""
_LONGEST = 65_536
"""Of a line; what exceeds it is dropped."""
_MOST_LINES = 20_000
"""That say something; only the newest are kept."""
_PACKED = frozenset({".gz", ".bz2", ".xz", ".zst"})
_AHEAD = timedelta(days=1)
_ROTATED = re.compile(r"(?:[.-]\d{1,8}(?:-\d+)?)(?:\.(?:gz|bz2|xz|zst))?")


class _Piece(NamedTuple):
    """One file of a log."""

    path: str
    changed: float


def observe_logs(jobs: Jobs, zone: tzinfo, now: datetime) -> tuple[RunLog, ...]:
    """Return what each configured log says of the last days; times in it are in `zone`."""
    return tuple(_observe(jobs.root, path, zone, now) for path in jobs.logs)


def _observe(root: str, path: str, zone: tzinfo, now: datetime) -> RunLog:
    failures: list[str] = []
    since = _midnight(now - KEPT, zone)
    lines: deque[Line] = deque(maxlen=_MOST_LINES)
    pieces = _pieces(root, path, since, failures)
    if not pieces and not failures:
        return RunLog(path, "missing")
    for piece in pieces:
        try:
            whole = _read(below(root, piece.path), lines)
        except OSError as error:
            failures.append(f"{piece.path}: {error.strerror or 'unreadable'}")
            continue
        if not whole:
            lines.clear()  # its end is not known: what came before it proves nothing
    if failures:
        return RunLog(path, "failed", failures[0])
    timed = list(_timed(lines, zone))
    kept = [item for item in timed if since <= item[0] <= now + _AHEAD]
    first = min((at for at, _ in timed), default=now)
    from_ms = millis(max(first, since)) if timed else 0
    return RunLog(path, "read", "", from_ms, tuple(_told(kept)))


def _midnight(moment: datetime, zone: tzinfo) -> datetime:
    """Return the end of a day: a limit that moves once a day changes no record more often."""
    local = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return local + timedelta(days=1)


def _pieces(root: str, path: str, since: datetime, failures: list[str]) -> list[_Piece]:
    """Return the files of a log that may hold lines of the time since, oldest first."""
    unread: list[tuple[str, str]] = []
    names = [path, *matching(root, _escaped(path) + "[.-]*", unread)]
    failures += [f"{place}: {why}" for place, why in unread]
    found = []
    for name in names:
        if name != path and not _ROTATED.fullmatch(name[len(path) :]):
            continue
        try:
            changed = below(root, name).stat().st_mtime
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if error.errno != errno.ELOOP:
                failures.append(f"{name}: {error.strerror or 'unreadable'}")
            continue
        if changed >= since.timestamp() or name == path:
            found.append(_Piece(name, changed if name != path else float("inf")))
    return sorted(found, key=lambda piece: piece.changed)


def _read(path: Path, lines: deque[Line]) -> bool:
    """Add what a file says to `lines`; return False when its end was not reached.

    Of a long log only the end is read, and `lines` then begin there.
    """
    file = open_regular(path)
    if file is None:
        return True  # nobody writes lines there
    with file:
        size = file.seek(0, io.SEEK_END)
        packed = path.suffix in _PACKED
        start = 0 if packed else max(0, size - TAIL)
        file.seek(start)
        if start:
            lines.clear()
        texts = _split(_unpacked(file) if packed else iter(lambda: file.read(1 << 18), b""))
        for text in islice(texts, 1 if start else 0, None):  # the rest of a line says nothing
            said = read_line(text)
            if said is not None:
                lines.append(said)
        return not packed or file.tell() >= size


def _unpacked(file: io.FileIO) -> Iterator[bytes]:
    """Yield the content of a compressed log, up to what is read of one."""
    left = MOST
    for block in Stream(file):
        yield block[:left]
        left -= len(block)
        if left <= 0:
            return


def _split(blocks: Iterable[bytes]) -> Iterator[str]:
    """Yield lines; one beyond all measure only with its beginning."""
    held = b""
    for block in blocks:
        *whole, rest = (held + block).split(b"\n")
        for line in whole:
            yield line[:_LONGEST].decode("utf-8", "backslashreplace")
        held = rest[:_LONGEST]
    if held:
        yield held.decode("utf-8", "backslashreplace")


def _timed(lines: Iterable[Line], zone: tzinfo) -> Iterator[tuple[datetime, Line]]:
    """Yield each line with its time, or with that of the line before it."""
    last: datetime | None = None
    for line in lines:
        if line.at is not None:
            last = line.at.replace(tzinfo=zone)
        if last is not None:
            yield last, line


def _told(kept: list[tuple[datetime, Line]]) -> Iterator[Said]:
    """Yield what tells how a job went: complaints with the success that followed them."""
    telling = {line.job for _, line in kept if line.kind in {START, FAILURE}}
    complaint = ""
    for at, line in kept:
        if line.kind == ERROR:
            complaint = complaint or redacted(line.job)[:200]
            continue
        named = re.search(r"[A-Za-z]", line.name) is not None
        wanted = line.kind != SUCCESS or named or complaint or _among(line.job, telling)
        if wanted:
            said = complaint if line.kind == SUCCESS else ""
            yield Said(millis(at), line.kind, line.job, line.name if named else "", said)
        if line.kind != START:
            complaint = ""


def _among(job: str, jobs: set[str]) -> bool:
    """Tell whether lines speak of the same job: `master backup`, `nexosupport master backup`."""
    return any(f" {one}".endswith(f" {job}") or f" {job}".endswith(f" {one}") for one in jobs)


def _escaped(path: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", path)
