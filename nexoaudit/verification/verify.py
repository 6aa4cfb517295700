"""Verify one copy in one read."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from nexoaudit.formats.names import SEALED
from nexoaudit.formats.stream import Stream
from nexoaudit.model.copy import Assurance
from nexoaudit.model.dating import settled_ms
from nexoaudit.model.moments import file_ms
from nexoaudit.model.prints import Prints
from nexoaudit.model.verification import Verification
from nexoaudit.verification.inside import About, Inside, read_inside
from nexoaudit.verification.manifest import manifest
from nexoaudit.verification.members import NOT_COMPARED, Comparing, Members
from nexoaudit.verification.prints import Printer
from nexoaudit.verification.reading import ReadProblem, disturbance, reading, within
from nexoaudit.verification.record import Recorded, recorded
from nexoaudit.verification.sample import sample_of
from nexoaudit.verification.sealed_file import beside, read_sealed_file


class _Read(NamedTuple):
    """One undisturbed read of a file to its end."""

    status: os.stat_result
    inside: Inside
    sample: str
    prints: Prints | None


def verify(  # noqa: PLR0913 - one wish each, all by name
    path: Path,
    about: About,
    *,
    sidecar: Path | None,
    expects_sidecar: bool,
    earlier: str = "",
    drop_cache: bool = False,
    prints: bool = False,
    comparing: Comparing = NOT_COMPARED,
    passphrase_file: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Read the file at `path` once and return everything found out about it.

    `sidecar` is the digest file beside it, if one was seen; `expects_sidecar` makes its absence a
    problem. `earlier` is the digest that an earlier read recorded of the same size and time of
    change; empty: none did. With `drop_cache` nothing of the file stays in the page cache, in the
    place of what others need. With `prints` the same read takes the checksums that stores know.
    With `comparing` the members of an archive are compared with those of an earlier one. A file
    whose name says that it is encrypted (`.gpg`, `.pgp`, `.asc`) is opened with the passphrase in
    the first line of `passphrase_file`, see `verify_sealed`; its sidecar is about the bytes as they
    lie there, and its members are not compared. `progress` is called with the number of bytes read
    since its last call.

    Whatever is wrong with the file is a problem in the result, never an exception; an interrupt
    passes through and leaves nothing behind. A plain function of picklable arguments, but for
    `progress`. Raise LedgerError when `comparing` asks for an index that cannot be written.
    """
    printer = Printer() if prints else None
    members = Members(comparing, settled_ms(about.point_ms, about.time_source))
    try:
        if path.name.lower().endswith(SEALED):
            sealed = read_sealed_file(path, about, passphrase_file, progress, drop_cache=drop_cache)
            record = recorded(sidecar, path.name, expected=expects_sidecar)
            found = beside(sealed, record, earlier)
            return found if prints else found._replace(prints=None)
        read = _read(path, about, members, printer, progress, drop_cache=drop_cache)
    except ReadProblem as problem:
        return unread(path, problem, earlier)
    inside = read.inside
    record = recorded(sidecar, path.name, expected=expects_sidecar)
    rotted = earlier not in {"", inside.sha256}
    mismatch = record.digest not in {"", inside.sha256}
    basis = _basis(record, inside, mismatch=mismatch or rotted)
    compared = members.facts(inside.sha256) if basis and inside.whole else {}
    return Verification(
        sha256=inside.sha256,
        size=read.status.st_size,
        mtime_ms=file_ms(read.status.st_mtime_ns),
        recorded=basis,
        assurance=_assurance(record, inside, mismatch=mismatch or rotted),
        problems=_problems(inside, record, mismatch=mismatch, rotted=rotted),
        content_ms=inside.content_ms,
        raw_size=inside.raw_size,
        detail=inside.detail or record.detail,
        manifest=manifest({**dict(inside.manifest), **compared}),
        earlier=earlier if rotted else "",
        sample=read.sample if basis == "self" else "",
        prints=read.prints,
    )


def _read(
    path: Path,
    about: About,
    members: Members,
    printer: Printer | None,
    progress: Callable[[int], None] | None,
    *,
    drop_cache: bool,
) -> _Read:
    with reading(path, drop_cache=drop_cache) as (file, status):
        stream = Stream(file, within(status.st_size, progress), printer)
        inside = read_inside(stream, about, members)
        part = sample_of(file.fileno(), status.st_size)
        if happened := disturbance(path, file, status):
            raise ReadProblem(happened, f"the file {happened} while it was read")
    return _Read(status, inside, part, printer.prints() if printer is not None else None)


def unread(path: Path, problem: ReadProblem, earlier: str = "") -> Verification:
    """Return what is known of a file that could not be read to its end undisturbed."""
    size = mtime_ms = 0
    assurance = Assurance.CLAIMED
    if problem.code != "vanished":
        try:
            status = path.lstat()
        except OSError:
            pass
        else:
            size, mtime_ms = status.st_size, file_ms(status.st_mtime_ns)
            assurance = Assurance.PRESENT
    return Verification(
        sha256="",
        size=size,
        mtime_ms=mtime_ms,
        recorded="",
        assurance=assurance,
        problems=(f"file.{problem.code}",),
        detail=str(problem),
        earlier=earlier,
    )


def _basis(record: Recorded, inside: Inside, *, mismatch: bool) -> str:
    """Return what the digest equals: the sidecar's, or itself, if nothing contradicts it."""
    if mismatch:
        return ""
    if record.digest:
        return "sidecar"
    return "self" if inside.whole else ""


def _assurance(record: Recorded, inside: Inside, *, mismatch: bool) -> Assurance:
    if mismatch:
        return Assurance.PRESENT
    if inside.whole:
        return Assurance.READABLE
    return Assurance.INTACT if record.digest else Assurance.PRESENT


def _problems(inside: Inside, record: Recorded, *, mismatch: bool, rotted: bool) -> tuple[str, ...]:
    """Return all problems, those of the bytes before those of what the bytes say."""
    found = inside.damage
    if mismatch:
        found += ("sidecar.mismatch",)
    if rotted:
        found += ("file.rotted",)
    found += inside.problems
    if record.problem:
        found += (record.problem,)
    return found + inside.times
